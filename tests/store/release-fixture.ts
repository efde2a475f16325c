/**
 * Makes the fixture of a release: a small store as that release wrote it, as journal and as tables.
 * Run once before a release is tagged, with that release's code: `node tests/store/release-fixture.ts 0.1.0 POSTGRES_URL`.
 * What it makes is never made again: newer code must read it as it is.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkOrders } from '../../src/article-url.ts';
import { backup, openStore, type Store } from '../../src/store/index.ts';
import { extractionOf, keptOf, tweet } from './made.ts';
import { summaryOf } from './release-summary.ts';

const [release = '', databaseUrl = ''] = process.argv.slice(2);
const folder = join(import.meta.dirname, 'fixtures', `release-${release}`);
let clock = Date.parse('2026-03-01T12:00:00.000Z');
const now = () => new Date(clock);

async function fill(store: Store): Promise<void> {
  const take = async (order: unknown) => {
    const [answer] = await store.ledger.accept(checkOrders([order]));
    clock += 1000;
    return await store.ledger.claim(answer?.runId ?? '', now());
  };
  const url = 'https://news.example/harbour';
  const pages = [
    [tweet({ id: null }), tweet({ id: '11', media: ['pic.twitter.com/abcDEF1234'] })],
    [tweet({ id: '11', text: 'The harbour stays closed', name: 'Jane R.' })],
  ];
  for (const embeds of pages) {
    const claim = await take({ url, force: true, tags: ['harbour'], reference: 'batch-1' });
    if (!claim) throw new Error('not claimed');
    await store.ledger.finish(claim, keptOf(url, now().toISOString()), extractionOf(embeds));
  }
  const failing = await take('https://news.example/gone');
  if (!failing) throw new Error('not claimed');
  const failure = {
    code: 'GONE',
    message: 'The page is not there.',
    retry: false,
    detail: {},
  } as const;
  await store.ledger.fail(failing, failure);
  await take({ url: 'https://news.example/open', priority: 2 });
}

const noWarcs = {
  name: 'none',
  async *list() {},
  use: () => Promise.resolve(null),
};
const dataDir = await mkdtemp(join(tmpdir(), 'embedkeep-release-'));
for (const kind of ['journal', 'tables'] as const) {
  const store = await openStore({ dataDir, now, ...(kind === 'tables' && { databaseUrl }) });
  await fill(store);
  await backup({ world: store.world, warcs: noWarcs, dir: join(folder, kind) });
  const summary = JSON.stringify(await summaryOf(store), null, 2);
  await writeFile(join(folder, `${kind}.expected.json`), `${summary}\n`);
  await store.close();
}
await rm(dataDir, { recursive: true });
