/**
 * Intake and end to end, side by side with bare BullMQ and Crawlee on the same machine, Redis and site.
 *   REDIS_URL=… DATABASE_URL=… node bench/queue.ts [pages] [bulks]
 * The Redis is flushed; the database must be empty. Prints rates and ratios; ratios are what can be compared.
 */
import { setTimeout as sleep } from 'node:timers/promises';
// biome-ignore lint/correctness/noUndeclaredDependencies: the project's own; this folder's package holds peers only
import { Queue, Worker } from 'bullmq';
// biome-ignore lint/correctness/noUndeclaredDependencies: as above
import { Redis } from 'ioredis';
import { ARTICLE_QUEUE } from '../src/article-job.ts';
import {
  freshDatabase,
  pass,
  perSecond,
  post,
  REDIS_URL,
  type Server,
  site,
  start,
  storedRuns,
} from './service.ts';

const PEER = '@crawlee/cheerio';

const PAGES = Number(process.argv[2] ?? 400);
const BULK = 1000;
const BULKS = Number(process.argv[3] ?? 40);
/** Pages before the clock runs, on either side: a compiler that is still at work is not what is measured. */
const WARM_UP = 300;
const TURNS = 4;
const SELECTOR = 'blockquote, iframe, amp-twitter, [data-tweet-id], a[href*="/status/"]';
const connection = { url: REDIS_URL, maxRetriesPerRequest: null };

const redis = new Redis(REDIS_URL);
await redis.flushall();
const results: Record<string, string | number> = {};

const urls = (round: number, origin = 'https://bench.example'): string[] =>
  Array.from({ length: BULK }, (_, i) => `${origin}/${round}/${i}`);

/** What one side still does after its answer is not the other's loss. */
const REST_MS = 50;

/** By turns, so that what else the machine does hits both; a bulk each before the clock runs. */
async function orders(): Promise<void> {
  const api = await start('workers/api.ts', { LOG_LEVEL: 'info' });
  const queue = new Queue('bare', { connection });
  await queue.waitUntilReady();
  const bare = async (round: number): Promise<void> => {
    const jobs = urls(round).map((url, i) => {
      return { name: 'x', data: { url }, opts: { jobId: `b${round}-${i}` } };
    });
    await queue.addBulk(jobs);
  };
  let ours = 0;
  let theirs = 0;
  for (let round = 0; round <= BULKS; round += 1) {
    const isCounted = round > 0;
    const mine = await seconds(() => post(api.address, urls(round)));
    await sleep(REST_MS);
    const peers = await seconds(() => bare(round));
    await sleep(REST_MS);
    if (isCounted) {
      ours += mine;
      theirs += peers;
    }
  }
  await api.stop();
  results['intake over HTTP, URLs/s'] = Math.round((BULK * BULKS) / ours);
  results['bare addBulk, jobs/s'] = Math.round((BULK * BULKS) / theirs);
  await bareDrain(queue, BULK * (BULKS + 1));
  await queue.close();
}

async function bareDrain(queue: Queue, count: number): Promise<void> {
  results['bare drain, jobs/s'] = await perSecond(count, async () => {
    let left = count;
    const worker = new Worker(queue.name, async () => {}, { connection, concurrency: 8 });
    await new Promise<void>((resolve) => {
      worker.on('completed', () => {
        left -= 1;
        if (left === 0) resolve();
      });
    });
    await worker.close();
  });
}

/** Jobs of runs that are done already: through the worker, to the ledger and back, and nothing to do. */
async function drain({ databaseUrl }: Server): Promise<void> {
  const ids = await storedRuns(databaseUrl);
  const queue = new Queue(ARTICLE_QUEUE, { connection });
  const count = BULK * 5;
  results['no-op jobs through the worker, jobs/s'] = await perSecond(count, async () => {
    for (let from = 0; from < count; from += BULK) {
      await queue.addBulk(
        Array.from({ length: BULK }, (_, i) => ({
          name: 'capture',
          data: { runId: ids[(from + i) % ids.length] },
          opts: { jobId: `no-op-${from + i}`, removeOnComplete: true },
        })),
      );
    }
    while ((await queue.getJobCountByTypes('wait', 'active', 'prioritized')) > 0) await sleep(20);
  });
  await queue.close();
}

/** By turns, so that what else the machine does hits both. */
async function endToEnd(): Promise<void> {
  const { host, stop } = await site();
  const pages = (name: string, count: number): string[] =>
    Array.from({ length: count }, (_, i) => `http://${host}/${name}-${i}`);
  const server = await start('workers/serve.ts', {
    DATABASE_URL: await freshDatabase(),
    ALLOW_PRIVATE_HOSTS: host,
    HOST_CONCURRENCY: '8',
    CONCURRENCY: '8',
    LOG_LEVEL: 'info',
  });
  await pass(server, { urls: pages('first', WARM_UP), doneBefore: 0 });
  await crawl(pages('first', WARM_UP));
  const each = Math.ceil(PAGES / TURNS);
  let ours = 0;
  let theirs = 0;
  for (let turn = 0; turn < TURNS; turn += 1) {
    const urls = pages(`story-${turn}`, each);
    ours += await seconds(() => pass(server, { urls, doneBefore: WARM_UP + turn * each }));
    theirs += await seconds(() => crawl(urls));
  }
  results['enqueue to stored, pages/s'] = Number(((each * TURNS) / ours).toFixed(1));
  results['Crawlee fetch and select, pages/s'] = Number(((each * TURNS) / theirs).toFixed(1));
  await drain(server);
  await server.stop();
  stop();
}

async function crawl(urls: string[]): Promise<void> {
  // Typed as any: a peer of bench/package.json, absent where only the project is installed.
  const { CheerioCrawler, Configuration } = await import(PEER);
  const crawler = new CheerioCrawler(
    {
      maxConcurrency: 8,
      minConcurrency: 8,
      requestHandler: ({ $ }: { $: (selector: string) => { length: number } }) => {
        if ($(SELECTOR).length < 0) throw new Error('never');
      },
    },
    new Configuration({ persistStorage: false, logLevel: 1 } as never),
  );
  await crawler.run(urls);
}

async function seconds(run: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await run();
  return (performance.now() - began) / 1000;
}

await orders();
await redis.flushall();
await endToEnd();
const ratio = (ours: string, theirs: string): string =>
  (Number(results[ours]) / Number(results[theirs])).toFixed(2);
results['intake / bare addBulk'] = ratio('intake over HTTP, URLs/s', 'bare addBulk, jobs/s');
results['no-op jobs / bare drain'] = ratio(
  'no-op jobs through the worker, jobs/s',
  'bare drain, jobs/s',
);
results['end to end / Crawlee'] = ratio(
  'enqueue to stored, pages/s',
  'Crawlee fetch and select, pages/s',
);
console.table(results);
redis.disconnect();
process.exit(0);
