/** Questions about posts and where they were seen. */
import { type Selectable, type SelectQueryBuilder, sql } from 'kysely';
import { inPresentShape, keyParts } from '../post-key.ts';
import type { Page, PostDetail, PostFilter, PostRow, SightingRow } from '../reader.ts';
import { pageOf, sliceOf } from './cursor.ts';
import { foldHandle } from './post-identity.ts';
import { searchQuery } from './search-terms.ts';
import type { Db, PostTable, Tables } from './tables.ts';

export type Conditions = Omit<PostFilter, 'cursor' | 'limit'>;
export type ListRow = Selectable<PostTable> & { n: number; articles: number };
type From = Tables & { p: PostTable };

const COLUMNS = [
  'p.id as n',
  'p.platform',
  'p.post_id',
  'p.url',
  'p.author_name',
  'p.author_handle',
  'p.posted_at',
  'p.lang',
  'p.text',
  'p.media',
  'p.form',
  'p.confidence',
  'p.first_seen_at',
  'p.last_seen_at',
  'p.removed_at',
] as const;

const inArticles = sql<number>`(
  select count(distinct s.article_id) from embedkeep.sightings s where s.post_id = p.id)`.as(
  'articles',
);

/** By when the post was first seen, newest first. */
export async function posts(db: Db, filter: PostFilter): Promise<Page<PostRow>> {
  const slice = sliceOf(filter);
  const rows = await matching(db, filter)
    .where('p.id', '<', slice.below)
    .orderBy('p.id', 'desc')
    .limit(slice.limit + 1)
    .execute();
  return pageOf(rows as ListRow[], slice, toPost);
}

export function matching(db: Db, filter: Conditions) {
  const query = db.selectFrom('posts as p').select(COLUMNS).select(inArticles);
  return withConditions(query as never, filter) as typeof query;
}

type Query = SelectQueryBuilder<From, 'p', unknown>;

function withConditions(query: Query, filter: Conditions): Query {
  let found = query;
  if (filter.platform !== undefined) found = found.where('p.platform', '=', filter.platform);
  if (filter.handle !== undefined) {
    found = found.where(sql<boolean>`p.handles @> array[${foldHandle(filter.handle)}]::text[]`);
  }
  if (filter.from !== undefined) found = found.where('p.posted_date', '>=', filter.from);
  if (filter.to !== undefined) found = found.where('p.posted_date', '<=', filter.to);
  if (filter.author !== undefined) {
    found = found.where(matches('author_search', filter.author));
  }
  if (filter.q !== undefined) found = found.where(matches('search', filter.q));
  if (filter.articleHost !== undefined) {
    found = found.where(sql<boolean>`exists (select from embedkeep.sightings s
      where s.post_id = p.id and s.article_host = ${filter.articleHost.toLowerCase()})`);
  }
  return found;
}

/** A question without a single letter or digit finds nothing, rather than everything. */
function matches(column: 'search' | 'author_search', question: string) {
  const query = searchQuery(question);
  return query === null
    ? sql<boolean>`false`
    : sql<boolean>`${sql.ref(`p.${column}`)} @@ ${query}::tsquery`;
}

export async function post(
  db: Db,
  key: { platform: string; postId: string },
): Promise<PostDetail | null> {
  const row = await db
    .selectFrom('posts as p')
    .select(COLUMNS)
    .select(inArticles)
    .where('p.platform', '=', key.platform)
    .where('p.post_id', '=', key.postId)
    .executeTakeFirst();
  if (!row) return null;
  const sightings = await sightingsOf(db, [row.n]);
  return { post: toPost(row as ListRow), sightings: sightings.get(row.n) ?? [] };
}

/** By their rows, with everything that the rows say; those that are not there are left out. */
export async function postsByRow(
  db: Db,
  ids: readonly number[],
): Promise<Map<number, { post: PostRow; row: Readonly<Record<string, unknown>> }>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('posts as p')
    .selectAll('p')
    .select('p.id as n')
    .select(inArticles)
    .where('p.id', '=', sql<number>`any(${ids}::bigint[])`)
    .execute();
  return new Map(
    rows.map(({ n, articles, ...row }) => [n, { post: toPost({ ...row, n, articles }), row }]),
  );
}

/** Newest first, per post. */
async function sightingsOf(db: Db, posts: readonly number[]): Promise<Map<number, SightingRow[]>> {
  if (posts.length === 0) return new Map();
  const rows = await seen(db)
    .where('s.post_id', '=', sql<number>`any(${posts}::bigint[])`)
    .orderBy('s.captured_at', 'desc')
    .orderBy('s.id', 'desc')
    .execute();
  const byPost = Map.groupBy(rows, (row) => row.post_id);
  return new Map([...byPost].map(([id, found]) => [id, found.map(toSighting)]));
}

export const seen = (db: Db) =>
  db
    .selectFrom('sightings as s')
    .innerJoin('articles as a', 'a.id', 's.article_id')
    .innerJoin('captures as c', 'c.id', 's.capture_id')
    .leftJoin('post_versions as v', (join) =>
      join
        .onRef('v.post_id', '=', 's.post_id')
        .onRef('v.capture_id', '=', 's.capture_id')
        .onRef('v.parser', '=', 's.parser'),
    )
    .select(['s.post_id', 's.capture_id', 's.article_id', 'a.url', 'a.title'])
    .select(['s.captured_at', 's.parser', 's.ordinal', 's.embed', 'v.changes'])
    .select(['c.url as captureUrl', 'c.final_url', 'c.status', 'c.reason'])
    .select(['c.sha256', 'c.raw_sha256', 'c.size']);

export type SeenRow = Awaited<ReturnType<ReturnType<typeof seen>['execute']>>[number];

export const toSighting = (row: SeenRow): SightingRow => ({
  captureId: row.capture_id,
  articleId: row.article_id,
  articleUrl: row.url,
  articleTitle: row.title,
  capturedAt: row.captured_at,
  parser: row.parser,
  ordinal: row.ordinal,
  capture: {
    url: row.captureUrl,
    finalUrl: row.final_url,
    status: row.status,
    reason: row.reason,
    sha256: row.sha256,
    rawSha256: row.raw_sha256,
    size: row.size,
  },
  changes: row.changes ?? [],
  embed: inPresentShape(row.embed),
});

export function toPost(row: ListRow): PostRow {
  return {
    platform: row.platform,
    ...keyParts(row.platform, row.post_id),
    url: row.url,
    author: { name: row.author_name, handle: row.author_handle },
    postedAt: row.posted_at,
    lang: row.lang,
    text: row.text,
    media: row.media,
    form: row.form,
    confidence: row.confidence,
    firstSeenAt: row.first_seen_at,
    lastSeenAt: row.last_seen_at,
    articles: row.articles,
    ...(row.removed_at !== null && { removedAt: row.removed_at }),
  };
}
