/**
 * Whether the server's memory grows with the pages that it has stored: small generated pages, two posts each, through the whole
 * product; its resident memory, and the heap after its last collections, every few thousand.
 *   REDIS_URL=… DATABASE_URL=… node bench/memory.ts [pages, default 100000] [every, default 5000]
 * The Redis is flushed. The slope is that of a straight line through the second half: in the first, caches fill.
 */
import { readFileSync } from 'node:fs';
// biome-ignore lint/correctness/noUndeclaredDependencies: the project's own; this folder's package holds peers only
import { Redis } from 'ioredis';
import { done, freshDatabase, pass, post, REDIS_URL, type Server, site, start } from './service.ts';

const PAGES = Number(process.argv[2] ?? 100_000);
const EVERY = Number(process.argv[3] ?? 5000);
const BULK = 1000;
const MB = 1_048_576;
const RSS = /^VmRSS:\s+(\d+) kB/m;
const HEAP = /^nodejs_heap_size_used_bytes (\S+)$/m;
const EXTERNAL = /^nodejs_external_memory_bytes (\S+)$/m;

interface Sample {
  readonly pages: number;
  readonly rssMb: number;
  readonly heapMb: number;
  readonly externalMb: number;
  readonly perSecond: number;
}

const redis = new Redis(REDIS_URL);
await redis.flushall();
redis.disconnect();
const { host, stop } = await site('small');
const server = await start('workers/serve.ts', {
  DATABASE_URL: await freshDatabase(),
  ALLOW_PRIVATE_HOSTS: host,
  HOST_CONCURRENCY: '8',
  CONCURRENCY: '8',
  LOG_LEVEL: 'info',
});

async function look(pages: number, perSecond: number): Promise<Sample> {
  const kb = Number(RSS.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1]);
  const text = await (await fetch(`${server.address}/metrics`)).text();
  const mb = (found: RegExp): number => Math.round(Number(found.exec(text)?.[1]) / MB);
  return {
    pages,
    rssMb: Math.round(kb / 1024),
    heapMb: mb(HEAP),
    externalMb: mb(EXTERNAL),
    perSecond,
  };
}

const samples: Sample[] = [];
const url = (n: number): string => `http://${host}/small-${n}`;
const list = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, i) => url(from + i));

async function some(to: Server, from: number): Promise<void> {
  for (let at = 0; at < EVERY - BULK; at += BULK) await post(to.address, list(from + at, BULK));
  const rest = Math.min(BULK, EVERY);
  await pass(to, { urls: list(from + EVERY - rest, rest), doneBefore: from + EVERY - rest });
}

for (let from = 0; from < PAGES; from += EVERY) {
  const began = performance.now();
  await some(server, from);
  const perSecond = Math.round((EVERY * 1000) / (performance.now() - began));
  const sample = await look(await done(server), perSecond);
  samples.push(sample);
  console.log(JSON.stringify(sample));
}

/** Megabytes a hundred thousand pages: least squares. */
function slope(of: (sample: Sample) => number): number {
  const half = samples.slice(Math.floor(samples.length / 2));
  const mean = (ns: readonly number[]): number => ns.reduce((a, b) => a + b, 0) / ns.length;
  const [x, y] = [mean(half.map((one) => one.pages)), mean(half.map(of))];
  const above = half.reduce((total, one) => total + (one.pages - x) * (of(one) - y), 0);
  const below = half.reduce((total, one) => total + (one.pages - x) ** 2, 0);
  return Math.round((above / below) * 100_000);
}
console.log('MB per 100,000 pages, second half:', {
  rss: slope((one) => one.rssMb),
  heap: slope((one) => one.heapMb),
  external: slope((one) => one.externalMb),
});
await server.stop();
stop();
process.exit(0);
