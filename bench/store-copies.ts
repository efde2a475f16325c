/**
 * What a store holds, several times over, in SQL: a million rows in minutes instead of hours. Copy number k of a row has `k-` before
 * its ids and k times all rows added to its numbers, so that indexes, chain and sequences are as large as if it had been kept.
 * The chain's hashes are those of the originals: such a store is for measuring and is not one that `verify` could hold.
 */
// biome-ignore lint/correctness/noUndeclaredDependencies: the project's own; this folder's package holds peers only
import { type Kysely, sql } from 'kysely';

/** What a column of a copy says where it is not what the original says: an expression over the row `t` and the copy's number `k`. */
type Differences = Readonly<Record<string, string>>;

export const copyOf = (k: number, id: string): string => (k === 0 ? id : `${k}-${id}`);

const id = (column: string): string => `k || '-' || t.${column}`;
const number = (column: string, of: string): string =>
  `t.${column} + k * (select max(n) from copied where name = '${of}')`;

const TABLES: readonly (readonly [table: string, differences: Differences])[] = [
  [
    'articles',
    {
      ...{ id: id('id'), seq: number('seq', 'articles'), url: `t.url || '?copy=' || k` },
      ...{ last_run_id: id('last_run_id'), last_capture_id: id('last_capture_id') },
    },
  ],
  [
    'runs',
    {
      ...{ id: id('id'), seq: number('seq', 'runs'), article_id: id('article_id') },
      capture_id: id('capture_id'),
      refs: `array(select r || '-copy-' || k from unnest(t.refs) r)`,
    },
  ],
  [
    'captures',
    {
      ...{ id: id('id'), seq: number('seq', 'captures'), article_id: id('article_id') },
      ...{ run_id: id('run_id'), url: `t.url || '?copy=' || k`, sha256: id('sha256') },
    },
  ],
  [
    'posts',
    {
      id: number('id', 'posts'),
      post_id: id('post_id'),
      fingerprint: id('fingerprint'),
    },
  ],
  [
    'sightings',
    {
      ...{ id: number('id', 'sightings'), post_id: number('post_id', 'posts') },
      ...{ capture_id: id('capture_id'), article_id: id('article_id') },
    },
  ],
  [
    'post_versions',
    {
      ...{ id: number('id', 'post_versions'), post_id: number('post_id', 'posts') },
      capture_id: id('capture_id'),
    },
  ],
  ['chain_links', { n: number('n', 'chain_links') }],
  [
    'events',
    {
      ...{ seq: number('seq', 'events'), link: number('link', 'chain_links') },
      ...{ article_id: id('article_id'), run_id: id('run_id'), capture_id: id('capture_id') },
      post_id: number('post_id', 'posts'),
    },
  ],
];

const NUMBERED: Readonly<Record<string, string>> = {
  ...{ articles: 'seq', runs: 'seq', captures: 'seq', posts: 'id' },
  ...{ sightings: 'id', post_versions: 'id', chain_links: 'n', events: 'seq' },
};

/** Copies 1 to `times` of everything, in one transaction. */
export async function copyStore<T>(db: Kysely<T>, times: number): Promise<void> {
  await db.transaction().execute(async (trx) => {
    // What is copied refers to what is copied: looking up each reference again would double the time.
    await sql`set local session_replication_role = replica`.execute(trx);
    await sql`create temp table copied (name text, n bigint) on commit drop`.execute(trx);
    for (const [table, column] of Object.entries(NUMBERED)) {
      await sql`insert into copied select ${table}, coalesce(max(${sql.ref(column)}), 0)
        from ${sql.id('embedkeep', table)}`.execute(trx);
    }
    for (const [table, differences] of TABLES) {
      const { rows } = await sql<{ name: string }>`
        select column_name as name from information_schema.columns
        where table_schema = 'embedkeep' and table_name = ${table}`.execute(trx);
      const names = rows.map(({ name }) => name);
      const values = names.map((name) => sql.raw(differences[name] ?? `t.${name}`));
      const number = sql.ref(NUMBERED[table] ?? 'id');
      await sql`
        insert into ${sql.id('embedkeep', table)} (${sql.join(names.map((name) => sql.ref(name)))})
        overriding system value
        select ${sql.join(values)} from ${sql.id('embedkeep', table)} t cross join generate_series(1, ${times}::int) k
        where t.${number} <= (select n from copied where name = ${table}) order by k, t.${number}`.execute(
        trx,
      );
    }
    for (const table of ['articles', 'runs', 'captures', 'posts', 'sightings', 'post_versions']) {
      await sql`select setval(pg_get_serial_sequence(${`embedkeep.${table}`}, ${NUMBERED[table]}),
        coalesce(max(${sql.ref(NUMBERED[table] ?? 'id')}), 1)) from ${sql.id('embedkeep', table)}`.execute(
        trx,
      );
    }
    await sql`update embedkeep.chain_head set links = (select max(n) from embedkeep.chain_links),
      events = (select max(seq) from embedkeep.events)`.execute(trx);
  });
}
