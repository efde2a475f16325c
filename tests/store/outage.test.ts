/** When the database goes away in the middle: a clear error, and the second try changes nothing that the first one did. */
import { once } from 'node:events';
import { createServer, connect as dial, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { toFailure } from '../../src/errors.ts';
import { postgresBackend } from '../../src/queue/postgres.ts';
import { openStore, type Store } from '../../src/store/index.ts';
import { describeWith, type Postgres, startPostgres } from '../support/services.ts';
import { extractionOf, keptOf, order, tweet } from './stores.ts';

/** Hands bytes both ways; once armed, the connection breaks at the next COMMIT, after which the client never hears of it. */
const commitDropper = (port: number) => breakingAt('commit', port);

/** `isLost`: the server does not get it either. */
async function breakingAt(word: string, port: number, { isLost = false } = {}) {
  let isArmed = false;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = dial(port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        client.destroy();
        upstream.destroy();
      });
    }
    let isMute = false;
    client.on('data', (bytes) => {
      if (isArmed && bytes.toString('latin1').toLowerCase().includes(word)) {
        isArmed = false;
        isMute = true;
        if (isLost) client.destroy();
      }
      if (isMute && isLost) return;
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      if (isMute) client.destroy();
      else client.write(bytes);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    arm: () => {
      isArmed = true;
    },
    isArmed: () => isArmed,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

describeWith(['postgres'], 'a store whose Postgres goes away', () => {
  let postgres: Postgres;
  let proxy: Awaited<ReturnType<typeof commitDropper>>;
  let store: Store;
  beforeAll(async () => {
    postgres = await startPostgres();
    proxy = await commitDropper(postgres.port);
    const direct = await postgres.createDatabase();
    const databaseUrl = direct.replace(`:${postgres.port}/`, `:${proxy.port}/`);
    store = await openStore({ databaseUrl, dataDir: '' });
  });
  afterAll(async () => {
    await store.close();
    proxy.close();
    await postgres.stop();
  });
  const unavailable = { code: 'STORE_UNAVAILABLE' };
  const url = 'https://outage.example/1';

  test('at the commit of an intake: the same order again is known, not doubled', async () => {
    proxy.arm();
    await expect(order(store, url)).rejects.toMatchObject(unavailable);
    expect(await order(store, url)).toMatchObject([{ status: 'known' }]);
    expect(await store.reader.counts()).toMatchObject({ accepted: 1 });
  });

  test('at the commit of a finish: again gives the same counts, putting it back changes nothing', async () => {
    const [run] = (await store.ledger.offer(1)).runs;
    const claim = await store.ledger.claim(run?.id ?? '', new Date());
    if (!claim) throw new Error('not claimed');
    const kept = keptOf(url, new Date().toISOString());
    const extraction = extractionOf([tweet()]);
    proxy.arm();
    await expect(store.ledger.finish(claim, kept, extraction)).rejects.toMatchObject(unavailable);
    await store.ledger.retryLater(claim, new Date(), toFailure(new Error('who knows')));
    expect(await store.reader.run(claim.run.id)).toMatchObject({ state: 'done', failure: null });
    const counts = await store.ledger.finish(claim, kept, extraction);
    expect(counts).toMatchObject({ embeds: 1, newPosts: 1 });
    expect((await store.reader.post('x', '1500000000000000000'))?.sightings).toHaveLength(1);
  });

  test('as a job ends: it is completed once there is a connection again, not failed', async () => {
    const breaking = await breakingAt('move_to_completed', postgres.port, { isLost: true });
    const direct = await postgres.createDatabase();
    const url = direct.replace(`:${postgres.port}/`, `:${breaking.port}/`);
    const backend = await postgresBackend(url, () => {});
    const queue = backend.queue('ends');
    const job = await queue.add('fine', {});
    breaking.arm();
    const pace = { lockMs: 30_000, stalledMs: 5000 };
    const worker = backend.worker('ends', async () => 'fine', { pace, concurrency: 1 });
    void worker.run();
    await expect.poll(() => job.getState(), { timeout: 20_000 }).toMatch(/completed|failed/);
    expect([breaking.isArmed(), await job.getState()]).toEqual([false, 'completed']);
    await worker.close();
    await queue.close();
    await backend.close();
    breaking.close();
  });

  test('killed and started again: errors say so meanwhile, then all goes on by itself', async () => {
    await postgres.kill();
    await expect(order(store, 'https://outage.example/2')).rejects.toMatchObject(unavailable);
    await expect(store.reader.counts()).rejects.toMatchObject(unavailable);
    const exporting = store.reader.exportPosts({})[Symbol.asyncIterator]().next();
    await expect(exporting).rejects.toMatchObject(unavailable);
    await postgres.restart();
    expect(await order(store, 'https://outage.example/2')).toMatchObject([{ status: 'accepted' }]);
  });

  test('never there at all: opening says so', async () => {
    const databaseUrl = 'postgresql://postgres@127.0.0.1:1/none';
    await expect(openStore({ databaseUrl, dataDir: '' })).rejects.toMatchObject(unavailable);
  });
});
