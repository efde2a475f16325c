/** Endpoints and how far they were told survive a rebuild from the journal, and a backup: under the same ids, secret included. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { backup, openStore, restore, type Store } from '../../src/store/index.ts';
import type { WebhookBook } from '../../src/webhook.ts';
import { extractionOf, fromJournal, HOUR, keptOf, order, tweet } from '../store/stores.ts';
import { preparePGlite } from '../support/pglite-template.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { type Sender, startSender, until } from './sender.ts';

vi.setConfig({ testTimeout: 300_000 });
let dir: string;
let receiver: Receiver;
let store: Store;
let sender: Sender | null = null;
let clock = Date.parse('2026-03-01T12:00:00.000Z');
const now = () => new Date(clock);

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'embedkeep-webhook-durable-'));
  await preparePGlite(join(dir, 'data'));
  receiver = await startReceiver();
  store = await openStore({ dataDir: join(dir, 'data'), now });
});
afterEach(async () => {
  await sender?.stop();
  await store.close();
  await receiver.close();
  await rm(dir, { recursive: true, force: true });
});

async function article(name: string): Promise<void> {
  const url = `http://news.example/${name}`;
  const [answer] = await order(store, url);
  const claim = await store.ledger.claim(answer?.runId ?? '', now());
  if (!claim) throw new Error('not claimed');
  const embeds = [tweet({ id: `9${Math.abs(Buffer.from(name).readInt8())}` })];
  await store.ledger.finish(claim, keptOf(url, now().toISOString()), extractionOf(embeds));
}
const start = (): WebhookBook => {
  sender = startSender({ store, now }, receiver.host);
  return sender.book;
};
const idle = () => sender?.idle() ?? false;
const idsAt = (path: string) =>
  new Map(receiver.at(path).map((one) => [one.message.data.event, one.id]));

test('a rebuilt store goes on where it was, under the same ids, signed by the same secret', async () => {
  const book = start();
  const { endpoint, secret } = await book.add({
    url: `${receiver.origin}/hook`,
    types: ['article.done'],
  });
  const gone = await book.add({ url: `${receiver.origin}/gone` });
  await book.remove(gone.endpoint.id);
  await article('a');
  await until(() => receiver.at('/hook').length === 1);
  await until(idle);
  // As the pump does every ten seconds.
  await sender?.outbox.settle();
  await article('b');
  receiver.answer('/hook', () => ({ status: 500 }));
  await until(() => receiver.at('/hook').length === 2);
  await sender?.stop();
  await store.close();

  store = await fromJournal(join(dir, 'data'), now);
  receiver.answer('/hook', () => ({ status: 204 }));
  const again = start();
  await until(() => receiver.at('/hook').length === 3);
  await until(idle);
  const [a, b, b2] = receiver.at('/hook');
  expect(a?.message.data.article?.url).toContain('/a');
  expect([b2?.id, b2?.message]).toEqual([b?.id, b?.message]);
  expect(await again.list()).toMatchObject([
    { id: endpoint.id, state: 'enabled', types: ['article.done'] },
  ]);
  expect((await again.target(endpoint.id)).secrets).toEqual([secret]);
  // Neither the address nor the secret is in the chain, which exports show.
  const events = await store.db
    .selectFrom('events')
    .select('body')
    .where('kind', '=', 'webhook')
    .execute();
  const text = JSON.stringify(events);
  expect(events.length).toBeGreaterThan(3);
  expect(text).not.toMatch(new RegExp(`127\\.0\\.0\\.1|${secret.slice(6, 20)}`));
});

test('without any settlement a rebuilt store tells everything again, and still under no second id', async () => {
  const book = start();
  await book.add({ url: `${receiver.origin}/hook` });
  for (const name of ['a', 'b', 'c']) await article(name);
  await until(() => receiver.at('/hook').length >= 6);
  await sender?.stop();
  const before = idsAt('/hook');
  await store.close();
  const file = join(dir, 'data', 'journal', '000001.jsonl');
  expect(await readFile(file, 'utf8')).toContain('whsec_');

  clock += HOUR;
  store = await fromJournal(join(dir, 'data'), now);
  await store.db.updateTable('webhook_endpoints').set({ cursor: 0 }).execute();
  start();
  await until(() => receiver.at('/hook').length >= 12);
  await until(idle);
  expect(idsAt('/hook')).toEqual(before);
});

test('a backup brings endpoints and their secret', async () => {
  const book = start();
  const { endpoint, secret } = await book.add({ url: `${receiver.origin}/hook` });
  const warcs = { name: 'none', async *list() {}, use: () => Promise.resolve(null) };
  await backup({ world: store.world, warcs, dir: join(dir, 'backup') });
  await sender?.stop();
  await store.close();
  const putWarc = () => Promise.resolve();
  store = await restore({ from: join(dir, 'backup'), dataDir: join(dir, 'empty'), putWarc, now });
  const restored = start();
  expect((await restored.target(endpoint.id)).secrets).toEqual([secret]);
});
