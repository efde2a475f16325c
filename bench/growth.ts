/**
 * Whether the whole product slows down as its ledger grows: intake and end to end beside 10 thousand rows, then the same
 * beside a million, in one run on one machine.
 *   REDIS_URL=… DATABASE_URL=… node bench/growth.ts [rows, default 1000000] [pages, default 400] [bulks, default 10]
 * The rows are runs long done, put there by SQL. The Redis is flushed; the database server must allow `create database`.
 */
// biome-ignore lint/correctness/noUndeclaredDependencies: the project's own; this folder's package holds peers only
import { Redis } from 'ioredis';
// biome-ignore lint/correctness/noUndeclaredDependencies: as above
import pg from 'pg';
import { done, freshDatabase, pass, perSecond, post, REDIS_URL, site, start } from './service.ts';

const ROWS = Number(process.argv[2] ?? 1_000_000);
const PAGES = Number(process.argv[3] ?? 400);
const BULKS = Number(process.argv[4] ?? 10);
const BULK = 1000;
const SMALL = 10_000;

const redis = new Redis(REDIS_URL);
const databaseUrl = await freshDatabase();
const client = new pg.Client(databaseUrl);
const { host, stop } = await site();

async function serve() {
  await redis.flushall();
  return start('workers/serve.ts', {
    DATABASE_URL: databaseUrl,
    ALLOW_PRIVATE_HOSTS: host,
    HOST_CONCURRENCY: '8',
    CONCURRENCY: '8',
    LOG_LEVEL: 'info',
  });
}

/** Articles and their runs, numbers `from` to `to`. */
async function fill(from: number, to: number): Promise<void> {
  await client.query(
    `insert into embedkeep.articles (id, url, host, accepted_at)
    select md5(n::text) || md5(n::text), 'https://filled.example/' || n, 'filled.example', now()
    from generate_series($1::bigint, $2::bigint) n`,
    [from, to - 1],
  );
  await client.query(
    `insert into embedkeep.runs (id, article_id, state, reason, priority, tags, refs, attempts, due_at,
      accepted_at, finished_at)
    select 'r' || md5(n::text), md5(n::text) || md5(n::text), 'done', 'first', 10, '{}', '{}', 1, now(), now(), now()
    from generate_series($1::bigint, $2::bigint) n`,
    [from, to - 1],
  );
  await client.query('vacuum analyze embedkeep.articles, embedkeep.runs');
}

async function measure(name: string): Promise<{ intake: number; endToEnd: number }> {
  const server = await serve();
  const urls = (kind: string, count: number): string[] =>
    Array.from({ length: count }, (_, i) => `http://${host}/${name}-${kind}-${i}`);
  await pass(server, { urls: urls('first', 100), doneBefore: await done(server) });
  const endToEnd = await perSecond(PAGES, async () =>
    pass(server, { urls: urls('story', PAGES), doneBefore: await done(server) }),
  );
  await server.stop();
  const api = await start('workers/api.ts', { DATABASE_URL: databaseUrl, LOG_LEVEL: 'info' });
  await post(api.address, [`https://bench.example/${name}/warm-up`]);
  const intake = await perSecond(BULK * BULKS, async () => {
    for (let round = 0; round < BULKS; round += 1) {
      const list = Array.from(
        { length: BULK },
        (_, i) => `https://bench.example/${name}/${round}/${i}`,
      );
      await post(api.address, list);
    }
  });
  await api.stop();
  // What intake left open is not to be worked on by the next round.
  await client.query(
    `update embedkeep.runs set state = 'dropped' where state not in ('done', 'failed')`,
  );
  return { intake, endToEnd };
}

const first = await serve();
await first.stop();
await client.connect();
await fill(0, SMALL);
const small = await measure('small');
await fill(SMALL, ROWS);
const large = await measure('large');
const ratio = (one: number, other: number): string => (one / other).toFixed(2);
console.table({
  'intake, URLs/s': { ...pair('intake'), ratio: ratio(large.intake, small.intake) },
  'enqueue to stored, pages/s': {
    ...pair('endToEnd'),
    ratio: ratio(large.endToEnd, small.endToEnd),
  },
});
stop();
await client.end();
redis.disconnect();
process.exit(0);

function pair(what: keyof typeof small) {
  return { [`beside ${SMALL} rows`]: small[what], [`beside ${ROWS} rows`]: large[what] };
}
