/**
 * Whether the whole product slows down as its ledger grows: intake and end to end beside 10 thousand rows and beside a million,
 * by turns, so that what else the machine does hits both.
 *   REDIS_URL=… DATABASE_URL=… node bench/growth.ts [rows, default 1000000] [pages, default 400] [bulks, default 40] [rounds, 3]
 * The rows are runs long done, put there by SQL; pages and bulks are those of a round. The Redis is flushed; the database server
 * must allow `create database`.
 */
// biome-ignore lint/correctness/noUndeclaredDependencies: the project's own; this folder's package holds peers only
import { Redis } from 'ioredis';
// biome-ignore lint/correctness/noUndeclaredDependencies: as above
import pg from 'pg';
import { done, freshDatabase, pass, post, REDIS_URL, type Server, site, start } from './service.ts';

const ROWS = Number(process.argv[2] ?? 1_000_000);
const PAGES = Number(process.argv[3] ?? 400);
const BULKS = Number(process.argv[4] ?? 40);
const ROUNDS = Number(process.argv[5] ?? 3);
const BULK = 1000;
const SMALL = 10_000;
/** Pages before the clock runs: a compiler that is still at work is not what is measured. */
const WARM_UP = 100;

const redis = new Redis(REDIS_URL);
const { host, stop } = await site();

async function serve(databaseUrl: string): Promise<Server> {
  await redis.flushall();
  return start('workers/serve.ts', {
    DATABASE_URL: databaseUrl,
    ALLOW_PRIVATE_HOSTS: host,
    HOST_CONCURRENCY: '8',
    CONCURRENCY: '8',
    LOG_LEVEL: 'info',
  });
}

/** A database with so many articles, each with a run that is done. */
async function filled(rows: number): Promise<string> {
  const databaseUrl = await freshDatabase();
  await (await serve(databaseUrl)).stop();
  const client = new pg.Client(databaseUrl);
  await client.connect();
  await client.query(
    `insert into embedkeep.articles (id, url, host, accepted_at)
    select md5(n::text) || md5(n::text), 'https://filled.example/' || n, 'filled.example', now()
    from generate_series(1, $1::bigint) n`,
    [rows],
  );
  await client.query(
    `insert into embedkeep.runs (id, article_id, state, reason, priority, tags, refs, attempts, due_at,
      accepted_at, finished_at)
    select 'r' || md5(n::text), md5(n::text) || md5(n::text), 'done', 'first', 10, '{}', '{}', 1, now(), now(), now()
    from generate_series(1, $1::bigint) n`,
    [rows],
  );
  await client.query('vacuum analyze embedkeep.articles, embedkeep.runs');
  await client.end();
  return databaseUrl;
}

interface Seconds {
  intake: number;
  endToEnd: number;
}

async function round(databaseUrl: string, name: string): Promise<Seconds> {
  const server = await serve(databaseUrl);
  const urls = (kind: string, count: number): string[] =>
    Array.from({ length: count }, (_, i) => `http://${host}/${name}-${kind}-${i}`);
  const stored = async (list: string[]): Promise<void> =>
    pass(server, { urls: list, doneBefore: await done(server) });
  await stored(urls('first', WARM_UP));
  const endToEnd = await seconds(() => stored(urls('story', PAGES)));
  await server.stop();
  const api = await start('workers/api.ts', { DATABASE_URL: databaseUrl, LOG_LEVEL: 'info' });
  await post(api.address, [`https://bench.example/${name}/warm-up`]);
  const intake = await seconds(async () => {
    for (let bulk = 0; bulk < BULKS; bulk += 1) {
      const list = Array.from(
        { length: BULK },
        (_, i) => `https://bench.example/${name}/${bulk}/${i}`,
      );
      await post(api.address, list);
    }
  });
  await api.stop();
  await settle(databaseUrl);
  return { intake, endToEnd };
}

/** What intake left open is not to be worked on by the next round. */
async function settle(databaseUrl: string): Promise<void> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  await client.query(
    `update embedkeep.runs set state = 'dropped' where state not in ('done', 'failed')`,
  );
  await client.end();
}

async function seconds(run: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await run();
  return (performance.now() - began) / 1000;
}

const sizes = [SMALL, ROWS];
const databases = await Promise.all(sizes.map((rows) => filled(rows)));
const totals: Seconds[] = sizes.map(() => ({ intake: 0, endToEnd: 0 }));
for (let n = 0; n < ROUNDS; n += 1) {
  for (const [i, databaseUrl] of databases.entries()) {
    const took = await round(databaseUrl, `round-${n}`);
    console.log(JSON.stringify({ rows: sizes[i], ...took }));
    const total = totals[i];
    if (!total) continue;
    total.intake += took.intake;
    total.endToEnd += took.endToEnd;
  }
}
const perSecond = (what: keyof Seconds, count: number) => {
  const [small = 0, large = 0] = totals.map((total) => (ROUNDS * count) / total[what]);
  return {
    [`beside ${SMALL} rows`]: Math.round(small),
    [`beside ${ROWS} rows`]: Math.round(large),
    ratio: (large / small).toFixed(2),
  };
};
console.table({
  'intake, URLs/s': perSecond('intake', BULKS * BULK),
  'enqueue to stored, pages/s': perSecond('endToEnd', PAGES),
});
stop();
redis.disconnect();
process.exit(0);
