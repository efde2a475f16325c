/**
 * Intake and end to end, side by side with bare BullMQ and Crawlee on the same machine, Redis and site.
 *   REDIS_URL=… DATABASE_URL=… node bench/queue.ts [pages] [bulks]
 * The Redis is flushed; the database must be empty. Prints rates and ratios; ratios are what can be compared.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
// biome-ignore lint/correctness/noUndeclaredDependencies: the project's own; this folder's package holds peers only
import { Queue, Worker } from 'bullmq';
// biome-ignore lint/correctness/noUndeclaredDependencies: as above
import { Redis } from 'ioredis';
// biome-ignore lint/correctness/noUndeclaredDependencies: as above
import pg from 'pg';

const PEER = '@crawlee/cheerio';

const { REDIS_URL = '', DATABASE_URL = '' } = process.env;
const PAGES = Number(process.argv[2] ?? 400);
const BULK = 1000;
const BULKS = Number(process.argv[3] ?? 10);
const connection = { url: REDIS_URL, maxRetriesPerRequest: null };

const redis = new Redis(REDIS_URL);
await redis.flushall();
const results: Record<string, string | number> = {};

const perSecond = async (count: number, run: () => Promise<void>): Promise<number> => {
  const began = performance.now();
  await run();
  const rate = Math.round((count * 1000) / (performance.now() - began));
  console.log(rate);
  return rate;
};

const urls = (round: number, origin = 'https://bench.example'): string[] =>
  Array.from({ length: BULK }, (_, i) => `${origin}/${round}/${i}`);

async function bareBullMq(): Promise<void> {
  const queue = new Queue('bare', { connection });
  await queue.waitUntilReady();
  results['bare addBulk, jobs/s'] = await perSecond(BULK * BULKS, async () => {
    for (let round = 0; round < BULKS; round += 1) {
      await queue.addBulk(
        urls(round).map((url, i) => ({
          name: 'x',
          data: { url },
          opts: { jobId: `b${round}-${i}` },
        })),
      );
    }
  });
  results['bare drain, jobs/s'] = await perSecond(BULK * BULKS, async () => {
    let left = BULK * BULKS;
    const worker = new Worker('bare', async () => {}, { connection, concurrency: 8 });
    await new Promise<void>((resolve) => {
      worker.on('completed', () => {
        left -= 1;
        if (left === 0) resolve();
      });
    });
    await worker.close();
  });
  await queue.close();
}

interface Server {
  readonly address: string;
  stop(): Promise<void>;
}

async function start(script: string, env: Record<string, string> = {}): Promise<Server> {
  const dir = mkdtempSync(join(tmpdir(), 'embedkeep-bench-'));
  const child = fork(new URL(`../${script}`, import.meta.url), {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: {
      PATH: process.env['PATH'],
      DATA_DIR: dir,
      REDIS_URL,
      DATABASE_URL,
      ALLOW_UNSAFE_REDIS: 'true',
      HOST_INTERVAL_MS: '0',
      PORT: '0',
      ...env,
    },
  });
  const address = await new Promise<string>((resolve) => {
    if (!child.stdout) return;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = (JSON.parse(line) as { address?: string }).address;
      if (found) resolve(found);
    });
  });
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    rmSync(dir, { recursive: true, force: true });
  };
  return { address, stop };
}

async function post(address: string, list: readonly string[]): Promise<void> {
  const response = await fetch(`${address}/v1/articles`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(list),
  });
  if (response.status !== 202) throw new Error(`intake answered ${response.status}`);
  await response.arrayBuffer();
}

async function intake(): Promise<void> {
  const api = await start('workers/api.ts', { LOG_LEVEL: 'info' });
  await post(api.address, ['https://bench.example/warm-up']);
  results['intake over HTTP, URLs/s'] = await perSecond(BULK * BULKS, async () => {
    for (let round = 0; round < BULKS; round += 1) await post(api.address, urls(round));
  });
  await api.stop();
}

const page = `<!doctype html><html><head><title>A story</title></head><body>${'<p>Some words of a story that nobody reads to its end.</p>'.repeat(400)}
<blockquote class="twitter-tweet"><p lang="en" dir="ltr">The bridge is open again</p>&mdash; Mira Holt (@miraholt)
<a href="https://twitter.com/miraholt/status/1431550000000000001">August 28, 2021</a></blockquote></body></html>`;

async function endToEnd(): Promise<void> {
  const site = createServer((request, response) => {
    if (request.url === '/robots.txt') response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(site.address() as AddressInfo).port}`;
  const list = Array.from({ length: PAGES }, (_, i) => `http://${host}/story-${i}`);

  const server = await start('workers/serve.ts', {
    DATABASE_URL: await freshDatabase(),
    ALLOW_PRIVATE_HOSTS: host,
    HOST_CONCURRENCY: '8',
    CONCURRENCY: '8',
    LOG_LEVEL: 'info',
  });
  const doneAtFirst = await done(server);
  results['enqueue to stored, pages/s'] = await perSecond(PAGES, async () => {
    await post(server.address, list);
    while ((await done(server)) - doneAtFirst < PAGES) await sleep(50);
  });
  await server.stop();

  // Typed as any: a peer of bench/package.json, absent where only the project is installed.
  const { CheerioCrawler, Configuration } = await import(PEER);
  results['Crawlee fetch and select, pages/s'] = await perSecond(PAGES, async () => {
    const crawler = new CheerioCrawler(
      {
        maxConcurrency: 8,
        minConcurrency: 8,
        requestHandler: ({ $ }: { $: (selector: string) => { attr(name: string): unknown } }) => {
          $('blockquote.twitter-tweet a').attr('href');
        },
      },
      new Configuration({ persistStorage: false, logLevel: 1 } as never),
    );
    await crawler.run(list);
  });
  site.close();
}

/** What intake left to do is not to be done here. */
async function freshDatabase(): Promise<string> {
  const client = new pg.Client(DATABASE_URL);
  await client.connect();
  await client.query(`create database bench_${process.pid}`);
  await client.end();
  const url = new URL(DATABASE_URL);
  url.pathname = `/bench_${process.pid}`;
  return url.href;
}

async function done({ address }: Server): Promise<number> {
  const { runs } = (await (await fetch(`${address}/v1/stats`)).json()) as {
    runs: { done: number };
  };
  return runs.done;
}

await bareBullMq();
await intake();
await redis.flushall();
await endToEnd();
const ratio = (ours: string, theirs: string): string =>
  (Number(results[ours]) / Number(results[theirs])).toFixed(2);
results['intake / bare addBulk'] = ratio('intake over HTTP, URLs/s', 'bare addBulk, jobs/s');
results['end to end / Crawlee'] = ratio(
  'enqueue to stored, pages/s',
  'Crawlee fetch and select, pages/s',
);
console.table(results);
redis.disconnect();
process.exit(0);
