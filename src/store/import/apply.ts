/** Imported rows into the tables: a function of facts alone, for the import and for the journal's replay. Idempotent. */
import { sql } from 'kysely';
import { nameImported } from '../article-titles.ts';
import { liftHold, putHold } from '../holds.ts';
import { isShownBy, type Shown } from '../post-units.ts';
import { rebuildPosts } from '../rebuild-posts.ts';
import type { Trx } from '../tables.ts';
import { toJson } from '../well-formed.ts';
import { refuse } from './records.ts';
import type { ImportedHold, ImportedRows, ImportedSighting, Row } from './rows.ts';

export interface Applied {
  readonly captures: ReadonlySet<string>;
  readonly runs: ReadonlySet<string>;
  /** Positions in `sightings` of those that were not there. */
  readonly sightings: readonly ImportedSighting[];
  readonly posts: number;
  /** Those that were laid, or lifted, by this. */
  readonly holds: readonly ImportedHold[];
}

export async function applyImport(trx: Trx, rows: ImportedRows): Promise<Applied> {
  const { joins } = rows;
  await insertRows(trx, 'articles', joins ? rows.articles.map(unled) : rows.articles);
  const runs = await insertRows(trx, 'runs', joins ? rows.runs.map(unnumbered) : rows.runs);
  const captures = await insertRows(
    trx,
    'captures',
    joins ? rows.captures.map(unnumbered) : rows.captures,
  );
  const posts = await insertPosts(trx, joins ? rows.posts.map(unnumbered) : rows.posts);
  if (!joins) await continueNumbers(trx, rows);
  const sightings = await insertSightings(trx, rows.sightings);
  await insertVersions(trx, rows.sightings);
  const holds = await applyHolds(trx, rows.holds);
  if (rows.joins) {
    await leadArticles(trx, rows.articles);
    await rebuildPosts(trx, await postsToMake(trx, { rows, sightings, fresh: posts }));
  }
  const names = { captures: namesOf(captures), runs: namesOf(runs) };
  return { ...names, sightings, posts: posts.size, holds };
}

async function applyHolds(trx: Trx, holds: readonly ImportedHold[]): Promise<ImportedHold[]> {
  const applied: ImportedHold[] = [];
  for (const hold of holds) {
    const { reason, at, ...target } = hold;
    const isNew =
      reason === null
        ? await liftHold(trx, target, new Date(at))
        : await putHold(trx, { ...target, reason }, new Date(at));
    if (isNew) applied.push(hold);
  }
  return applied;
}

const namesOf = (rows: readonly { readonly id: unknown }[]): Set<string> =>
  new Set(rows.map(({ id }) => String(id)));

/** Which capture and run is its last is found out here: the export's may not have come along. */
const unled = (article: Row): Row => ({
  ...unnumbered(article),
  last_run_id: null,
  failed_run: null,
  last_capture_id: null,
  last_captured_at: null,
});

/** Row numbers are those of the store that was exported. The `id` of posts is one, that of all others a name. */
function unnumbered(row: Row): Row {
  const { seq: _, ...named } = row;
  if (typeof named['id'] !== 'number') return named;
  const { id: __, ...post } = named;
  return post;
}

/** The next row of this store comes after all that was imported. */
async function continueNumbers(trx: Trx, rows: ImportedRows): Promise<void> {
  const numbered = [
    ['articles', 'seq'],
    ['runs', 'seq'],
    ['captures', 'seq'],
    ['posts', 'id'],
  ] as const;
  for (const [table, column] of numbered) {
    const highest = rows[table].reduce((most, row) => Math.max(most, Number(row[column] ?? 0)), 0);
    if (highest === 0) continue;
    await sql`
      with numbers as (
        select pg_get_serial_sequence(${`embedkeep.${table}`}, ${column})::regclass as name
      )
      select setval(name, greatest(${highest}::bigint, coalesce(pg_sequence_last_value(name), 0)))
      from numbers`.execute(trx);
  }
}

/** Answers the rows that were not there. The first row says which columns are given. */
async function insertRows(
  trx: Trx,
  table: 'articles' | 'runs' | 'captures' | 'posts',
  rows: readonly Row[],
): Promise<readonly { readonly id: unknown }[]> {
  const byColumns = Map.groupBy(rows, (row) => Object.keys(row).sort().join());
  const inserted: { id: unknown }[] = [];
  for (const [names, group] of byColumns) {
    const columns = sql.join(names.split(',').map((name) => sql.id(name)));
    const target = sql.id('embedkeep', table);
    const answer = await sql<{ id: unknown }>`
      insert into ${target} (${columns}) overriding system value
      select ${columns} from json_populate_recordset(null::${target}, ${toJson(group)}::text::json)
      on conflict do nothing returning id`
      .execute(trx)
      .catch((cause: unknown) => {
        // Class 23 of SQLSTATE: a rule of the table, as a state that there is not.
        if (!String((cause as { code?: unknown }).code ?? '').startsWith('23')) throw cause;
        throw refuse(`${table}: ${(cause as Error).message}`, cause);
      });
    inserted.push(...answer.rows);
  }
  return inserted;
}

async function insertPosts(trx: Trx, rows: readonly Row[]): Promise<Set<number>> {
  return new Set((await insertRows(trx, 'posts', rows)).map(({ id }) => Number(id)));
}

const recordset = (sightings: readonly ImportedSighting[]) => sql`json_to_recordset(${toJson(
  sightings.map((one, n) => ({ ...one, n, role: one.embed.role })),
)}::text::json) as x(n integer, "captureId" text, parser text, platform text, "postId" text,
    ordinal integer, role text, embed json, changes json)`;

/** Left joins: a sighting whose capture or post did not come along is an error, not left out in silence. */
async function insertSightings(
  trx: Trx,
  sightings: readonly ImportedSighting[],
): Promise<ImportedSighting[]> {
  if (sightings.length === 0) return [];
  const { rows } = await sql<{
    capture_id: string;
    parser: string;
    ordinal: number;
    embed: string;
  }>`
    insert into embedkeep.sightings
      (capture_id, post_id, article_id, article_host, parser, ordinal, role, captured_at, embed)
    select x."captureId", p.id, c.article_id, a.host, x.parser, x.ordinal, x.role, c.fetched_at, x.embed
    from ${recordset(sightings)}
      left join embedkeep.captures c on c.id = x."captureId"
      left join embedkeep.articles a on a.id = c.article_id
      left join embedkeep.posts p on p.platform = x.platform and p.post_id = x."postId"
    order by x.n
    on conflict do nothing returning capture_id, parser, ordinal`.execute(trx);
  const fresh = new Set(rows.map((row) => `${row.capture_id} ${row.parser} ${row.ordinal}`));
  return sightings.filter((one) => fresh.has(`${one.captureId} ${one.parser} ${one.ordinal}`));
}

async function insertVersions(trx: Trx, sightings: readonly ImportedSighting[]): Promise<void> {
  const changed = sightings.filter((one) => one.changes && one.changes.length > 0);
  if (changed.length === 0) return;
  await sql`
    insert into embedkeep.post_versions (post_id, capture_id, parser, seen_at, changes)
    select p.id, c.id, x.parser, c.fetched_at, x.changes
    from ${recordset(changed)}
      join embedkeep.captures c on c.id = x."captureId"
      join embedkeep.posts p on p.platform = x.platform and p.post_id = x."postId"
    order by x.n
    on conflict do nothing`.execute(trx);
}

/** The newest run and the newest capture that was read, also beside those that were here before. */
async function leadArticles(trx: Trx, articles: readonly Row[]): Promise<void> {
  const ids = articles.map(({ id }) => String(id));
  await sql`
    update embedkeep.articles a set last_run_id = r.id,
      failed_run = case when r.state = 'failed' then r.id end
    from (
      select distinct on (article_id) article_id, id, state from embedkeep.runs
      where article_id = any(${ids}::text[]) order by article_id, accepted_at desc, seq desc
    ) r where r.article_id = a.id`.execute(trx);
  await sql`
    update embedkeep.articles a set last_capture_id = c.id, last_captured_at = c.fetched_at from (
      select distinct on (article_id) article_id, id, fetched_at from embedkeep.captures
      where article_id = any(${ids}::text[]) and parser is not null
      order by article_id, fetched_at desc, seq desc
    ) c where c.article_id = a.id`.execute(trx);
  await nameImported(trx, ids);
}

interface Joined {
  readonly rows: ImportedRows;
  readonly sightings: readonly ImportedSighting[];
  readonly fresh: ReadonlySet<number>;
}

/** Those that were known, and those that show what came in sightings that did not come along. */
async function postsToMake(
  trx: Trx,
  { rows: { posts, sightings: all }, sightings, fresh }: Joined,
): Promise<number[]> {
  if (sightings.length === 0) return [];
  const embeds = Map.groupBy(all, (one) => `${one.platform}/${one.postId}`);
  const shown = new Set(
    posts
      .map((row) => ({ row, name: `${row['platform']}/${row['post_id']}` }))
      .filter(({ row, name }) => isShown(row, embeds.get(name) ?? []))
      .map(({ name }) => name),
  );
  const { rows } = await sql<{ id: number; name: string }>`
    select distinct p.id, p.platform || '/' || p.post_id as name from ${recordset(sightings)}
      join embedkeep.posts p on p.platform = x.platform and p.post_id = x."postId"`.execute(trx);
  return rows.filter(({ id, name }) => !fresh.has(id) || !shown.has(name)).map(({ id }) => id);
}

function isShown(row: Row, seen: readonly ImportedSighting[]): boolean {
  const { author_name: name, author_handle: handle, posted_at: postedAt, ...others } = row;
  const post = { ...others, author: { name, handle }, postedAt } as unknown as Shown;
  return isShownBy(
    post,
    seen.map(({ embed }) => embed),
  );
}
