/** A database that PGlite cannot open again, or whose machine went down: made anew, or refused, never emptied. */
import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bootId } from '../../src/process-identity.ts';
import { openStore } from '../../src/store/index.ts';
import type { Replaced } from '../../src/store/put-aside.ts';
import { preparePGlite } from '../support/pglite-template.ts';
import { order } from './stores.ts';

let dir: string;
let pglite: string;
let mark: string;
let replaced: Replaced[];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'embedkeep-unopenable-'));
  pglite = join(dir, 'pglite');
  mark = join(dir, 'pglite.open');
  replaced = [];
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const OTHER_BOOT = 'e2b3a0f4-0000-4000-8000-000000000000\n';

const open = () => openStore({ dataDir: dir, onReplaced: (one) => replaced.push(one) });
const asides = async () => (await readdir(dir)).filter((name) => name.includes('replaced-'));

/** A store with one accepted run, closed. */
async function filled(): Promise<string> {
  await preparePGlite(dir);
  const store = await open();
  const [answer] = await order(store, 'https://kept.example/a');
  await store.close();
  return answer?.runId ?? '';
}

const damages: Record<string, () => Promise<void>> = {
  'its control file cut': () => truncate(join(pglite, 'global', 'pg_control'), 100),
  'its log of writes gone': async () => {
    await rm(join(pglite, 'pg_wal'), { recursive: true });
    await mkdir(join(pglite, 'pg_wal'));
  },
};

// Making a database anew takes seconds of CPU.
describe('an embedded database that cannot be opened', { timeout: 180_000 }, () => {
  test.each(Object.keys(damages))('with %s is set aside and made anew', async (damage) => {
    const runId = await filled();
    await damages[damage]?.();
    const store = await open();
    expect(await store.reader.run(runId)).toMatchObject({ state: 'accepted' });
    expect(store.replayed).toBe(1);
    await order(store, 'https://kept.example/b');
    await store.close();
    expect(replaced).toEqual([{ aside: expect.any(String), cause: expect.any(Error) }]);
    expect((await stat(join(replaced[0]?.aside ?? '', 'PG_VERSION'))).isFile()).toBe(true);
    const again = await open();
    expect((await again.reader.counts()).accepted).toBe(2);
    await again.close();
    expect(await asides()).toHaveLength(1);
  });

  test('because its making was killed half-way is made anew', async () => {
    await preparePGlite(dir);
    await mkdir(join(dir, 'journal'));
    await rm(join(pglite, 'base'), { recursive: true });
    const store = await open();
    expect(replaced).toHaveLength(1);
    expect((await order(store, 'https://kept.example/a'))[0]?.status).toBe('accepted');
    await store.close();
  });

  test('is refused where no journal is beside it, and left as it is', async () => {
    await filled();
    await damages['its control file cut']?.();
    await rm(join(dir, 'journal'), { recursive: true });
    await expect(open()).rejects.toThrow();
    expect(await asides()).toEqual([]);
    expect((await stat(join(pglite, 'PG_VERSION'))).isFile()).toBe(true);
  });

  test('is put back where the journal is damaged too', async () => {
    await filled();
    await damages['its control file cut']?.();
    const journal = join(dir, 'journal', '000001.jsonl');
    const line = await readFile(journal, 'utf8');
    await writeFile(journal, line.replace('kept', 'cept'));
    await appendFile(journal, line + line);
    await writeFile(mark, OTHER_BOOT);
    await expect(open()).rejects.toMatchObject({ code: 'EVIDENCE_DAMAGED' });
    expect(await asides()).toEqual([]);
    expect((await stat(join(pglite, 'global', 'pg_control'))).size).toBe(100);
    // The next start must not take it for whole either.
    expect(await readFile(mark, 'utf8')).toBe(OTHER_BOOT);
  });
});

describe('an embedded database that opens', { timeout: 180_000 }, () => {
  test('is made anew where the machine went down while it was open: rows may be gone', async () => {
    const runId = await filled();
    const torn = await open();
    await sql`delete from embedkeep.runs`.execute(torn.db);
    expect(await torn.reader.run(runId)).toBeNull();
    await torn.close();
    await writeFile(mark, OTHER_BOOT);
    const store = await open();
    expect(await store.reader.run(runId)).toMatchObject({ state: 'accepted' });
    expect(replaced.map(({ cause }) => String(cause))).toEqual([
      expect.stringMatching(/machine went down/),
    ]);
    expect((await readFile(mark, 'utf8')).trim()).toBe(bootId() ?? 'unknown');
    await store.close();
    expect(await readdir(dir)).not.toContain('pglite.open');
    expect(await asides()).toHaveLength(1);
  });

  test('is taken as it is where its process alone was killed', async () => {
    const runId = await filled();
    await writeFile(mark, `${bootId()}\n`);
    const store = await open();
    expect(await store.reader.run(runId)).toMatchObject({ state: 'accepted' });
    expect(replaced).toEqual([]);
    await store.close();
  });
});

test('the empty postmaster.pid that a kill may leave is no obstacle', async () => {
  const runId = await filled();
  await writeFile(join(pglite, 'postmaster.pid'), '');
  const store = await open();
  expect(await store.reader.run(runId)).toMatchObject({ state: 'accepted' });
  expect(replaced).toEqual([]);
  await store.close();
});
