/** A database that PGlite cannot open again, as a kill or a power cut may leave it: made anew, or refused, never emptied. */
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
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openStore } from '../../src/store/index.ts';
import type { Replaced } from '../../src/store/put-aside.ts';
import { preparePGlite } from '../support/pglite-template.ts';
import { order } from './stores.ts';

let dir: string;
let pglite: string;
let replaced: Replaced[];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'embedkeep-unopenable-'));
  pglite = join(dir, 'pglite');
  replaced = [];
});
afterEach(() => rm(dir, { recursive: true, force: true }));

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
    await expect(open()).rejects.toMatchObject({ code: 'EVIDENCE_DAMAGED' });
    expect(await asides()).toEqual([]);
    expect((await stat(join(pglite, 'global', 'pg_control'))).size).toBe(100);
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
