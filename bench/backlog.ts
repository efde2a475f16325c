/**
 * Whether a backfill delays new work: how long an order takes from POST to done, alone and while a backlog is worked on.
 *   REDIS_URL=… DATABASE_URL=… node bench/backlog.ts [rows, default 1000000] [orders, default 20]
 * The backlog is accepted rows put there by SQL, of a thousand hosts, priority 100; the orders are of the default priority, from
 * another caller, at hosts of their own. All hosts are one site on loopback, by port alone. The Redis is flushed.
 */
import { setTimeout as sleep } from 'node:timers/promises';
// biome-ignore lint/correctness/noUndeclaredDependencies: the project's own; this folder's package holds peers only
import { Redis } from 'ioredis';
// biome-ignore lint/correctness/noUndeclaredDependencies: as above
import pg from 'pg';
import { done, freshDatabase, REDIS_URL, type Server, site, start } from './service.ts';

const ROWS = Number(process.argv[2] ?? 1_000_000);
const ORDERS = Number(process.argv[3] ?? 20);

const redis = new Redis(REDIS_URL);
await redis.flushall();
const { host, stop } = await site('small');
const databaseUrl = await freshDatabase();
const serve = (): Promise<Server> =>
  start('workers/serve.ts', {
    DATABASE_URL: databaseUrl,
    ALLOW_PRIVATE_HOSTS: host,
    HOST_CONCURRENCY: '8',
    CONCURRENCY: '8',
    LOG_LEVEL: 'info',
  });

async function orders(server: Server, name: string): Promise<number[]> {
  const took: number[] = [];
  for (let n = 0; n < ORDERS; n += 1) {
    const began = performance.now();
    const response = await fetch(`${server.address}/v1/articles`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([{ url: `http://${host}/${name}-${n}`, caller: 'desk' }]),
    });
    const [answer] = ((await response.json()) as { items: { articleId: string }[] }).items;
    const article = `${server.address}/v1/articles/${answer?.articleId}`;
    for (let state = ''; state !== 'done'; await sleep(10)) {
      const detail = (await (await fetch(article)).json()) as { runs: { state: string }[] };
      state = detail.runs[0]?.state ?? '';
    }
    took.push(Math.round(performance.now() - began));
  }
  return took.toSorted((a, b) => a - b);
}

/** Their hosts in the ledger are many, as a backfill's are; the site answers for all of them. */
async function fill(): Promise<void> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  await client.query(
    `insert into embedkeep.articles (id, url, host, accepted_at, last_run_id)
    select md5(n::text) || md5(n::text), $2::text || n, 'filled.example', now(), 'r' || md5(n::text)
    from generate_series(1, $1::bigint) n`,
    [ROWS, `http://${host}/filled-`],
  );
  await client.query(
    `insert into embedkeep.runs (id, article_id, state, reason, priority, caller, host, tags, refs, attempts,
      due_at, accepted_at)
    select 'r' || md5(n::text), md5(n::text) || md5(n::text), 'accepted', 'first', 100, 'backfill',
      'h' || n % 1000 || '.example', '{}', '{}', 0, 'infinity', now()
    from generate_series(1, $1::bigint) n`,
    [ROWS],
  );
  await client.query('vacuum analyze embedkeep.articles, embedkeep.runs');
  await client.end();
}

const middle = (took: readonly number[]): number => took[Math.floor(took.length / 2)] ?? 0;
const first = await serve();
await orders(first, 'warm-up');
const alone = await orders(first, 'alone');
await first.stop();
await fill();
const second = await serve();
const before = await done(second);
await orders(second, 'warm-up-again');
const began = performance.now();
const beside = await orders(second, 'beside');
const worked = Math.round(((await done(second)) - before) / ((performance.now() - began) / 1000));
const jobs = await redis.zcard('bull:embedkeep-article:prioritized');
console.table({
  alone: { 'median, ms': middle(alone), 'longest, ms': alone.at(-1) },
  [`beside a backlog of ${ROWS}`]: { 'median, ms': middle(beside), 'longest, ms': beside.at(-1) },
});
console.log({ 'pages/s of all meanwhile, about': worked, 'jobs in the queue': jobs });
await second.stop();
stop();
redis.disconnect();
process.exit(0);
