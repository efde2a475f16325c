/** Every release's store is read by today's code: its journal, its tables, and the schema it left, brought up to date. */
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore, restore, type Store } from '../../src/store/index.ts';
import { verifyArchive } from '../../src/store/verify.ts';
import { viewOf } from '../../src/store/verify-store.ts';
import type { WarcFiles } from '../../src/store/verify-warcs.ts';
import { preparePGlite } from '../support/pglite-template.ts';
import { describeWith, type Postgres, startPostgres } from '../support/services.ts';
import { summaryOf } from './release-summary.ts';
import { damagesOf } from './verify-made.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');
const releases = (await readdir(FIXTURES)).filter((name) => name.startsWith('release-'));
const putWarc = () => Promise.resolve();
const expected = async (release: string, kind: string) =>
  JSON.parse(await readFile(join(FIXTURES, release, `${kind}.expected.json`), 'utf8'));

/** The fixtures have no WARCs, and one place for all captures; events of older releases state fewer digests, which is no damage. */
async function unsound(store: Store): Promise<string[]> {
  const warcs: WarcFiles = { name: 'none', async *list() {}, use: () => Promise.resolve(null) };
  const report = await verifyArchive({ warcs, store: viewOf(store.db) });
  expect(report.checked.runs).toBeGreaterThan(0);
  return damagesOf(report).filter((damage) => !damage.includes('.warc.gz@'));
}

test('there is a fixture of every release that has been', () => {
  expect(releases).toContain('release-0.1.0');
});

describe.each(releases)('the store of %s', (release) => {
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'embedkeep-old-'));
  });
  afterAll(() => rm(dataDir, { recursive: true, force: true }));

  test('is made again from its journal', { timeout: 120_000 }, async () => {
    await preparePGlite(dataDir);
    await cp(join(FIXTURES, release, 'journal', 'journal'), join(dataDir, 'journal'), {
      recursive: true,
    });
    const store = await openStore({ dataDir });
    // What later versions say beside that is no matter.
    expect(await summaryOf(store)).toMatchObject(await expected(release, 'journal'));
    expect(await unsound(store)).toEqual([]);
    await store.close();
  });
});

describeWith(['postgres'], 'on Postgres', () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());

  test.each(releases)('the tables of %s are restored', async (release) => {
    const databaseUrl = await postgres.createDatabase();
    const from = join(FIXTURES, release, 'tables');
    const store = await restore({ from, dataDir: '', databaseUrl, putWarc });
    expect(await summaryOf(store)).toMatchObject(await expected(release, 'tables'));
    expect(await unsound(store)).toEqual([]);
    await store.close();
  });
});
