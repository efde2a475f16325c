/** Questions about articles, their runs and captures. */
import { type Selectable, sql } from 'kysely';
import { EmbedkeepError } from '../errors.ts';
import type { Run, RunState } from '../ledger.ts';
import { inPresentShape } from '../post-key.ts';
import type { ArticleDetail, ArticleFilter, ArticleRow, CaptureRow, Page } from '../reader.ts';
import { pageOf, type Slice, sliceOf } from './cursor.ts';
import { plansOf } from './plans.ts';
import { type RunRow, toRun } from './run-row.ts';
import type { ArticleTable, CaptureTable, Db } from './tables.ts';

interface ListRow extends RunRow {
  readonly n: number;
  readonly article: string;
  readonly url: string;
  readonly host: string;
  readonly title: string | null;
  readonly captures: number;
}

/** By when the article was first accepted, newest first: a new run does not move it, so pages are stable. */
export async function articles(db: Db, filter: ArticleFilter): Promise<Page<ArticleRow>> {
  const slice = sliceOf(filter);
  let query = db
    .selectFrom(candidates(filter, slice))
    .innerJoin('runs as r', 'r.id', 'a.last_run_id')
    .selectAll('r')
    .select((eb) => [
      'a.seq as n',
      'a.id as article',
      'a.url',
      'a.host',
      'a.title',
      eb
        .selectFrom('captures as c')
        .whereRef('c.article_id', '=', 'a.id')
        .select((count) => count.fn.countAll<number>().as('count'))
        .as('captures'),
    ])
    .where('a.seq', '<', slice.below);
  if (filter.host !== undefined) query = query.where('a.host', '=', filter.host.toLowerCase());
  // The failed ones have an index of their own; asked of the run as well, the planner would take all that ever failed.
  if (filter.state === 'failed') query = query.whereRef('a.failed_run', '=', 'a.last_run_id');
  else if (filter.state !== undefined) query = query.where('r.state', '=', filter.state);
  if (filter.error !== undefined) query = query.where('r.error_code', '=', filter.error);
  if (filter.shape !== undefined) query = query.where('r.page_shape', '=', filter.shape);
  if (filter.since !== undefined) query = query.where('r.accepted_at', '>=', time(filter.since));
  const rows: ListRow[] = (await query
    .orderBy('a.seq', 'desc')
    .limit(slice.limit + 1)
    .execute()) as ListRow[];
  return pageOf(rows, slice, (row) => ({
    id: row.article,
    url: row.url,
    host: row.host,
    title: row.title,
    run: toRun(row, row.url),
    captures: row.captures,
  }));
}

/**
 * All articles, or those that have a run with these labels. A batch lies together somewhere in the past: walking down from the
 * newest article to it, or through all articles beside a list of the batch, would read them all (1 s among a million).
 * `offset 0` keeps the planner off both; it takes the batch, article by article. Where nothing is asked of the runs, theirs are
 * looked up for the page alone.
 */
function candidates(filter: ArticleFilter, { below, limit }: Slice) {
  const { tag, reference, host, state } = filter;
  const labels = [
    ...(tag === undefined ? [] : [labelled('tags', tag)]),
    ...(reference === undefined ? [] : [labelled('refs', reference)]),
  ];
  if (labels.length === 0) return sql<Selectable<ArticleTable>>`embedkeep.articles`.as('a');
  const conditions = [
    sql`one.seq < ${below}`,
    ...(host === undefined ? [] : [sql`one.host = ${host.toLowerCase()}`]),
    ...(state === 'failed' ? [sql`one.failed_run = one.last_run_id`] : []),
  ];
  return sql<Selectable<ArticleTable>>`(
    select one.* from (${sql.join(labels, sql` intersect `)} offset 0) as batch
      cross join lateral (select * from embedkeep.articles where id = batch.article_id offset 0) as one
    where ${sql.join(conditions, sql` and `)}
    order by one.seq desc limit ${asksOfRuns(filter) ? null : limit + 1}::bigint)`.as('a');
}

const asksOfRuns = ({ state, error, shape, since }: ArticleFilter): boolean =>
  (state !== undefined && state !== 'failed') ||
  [error, shape, since].some((asked) => asked !== undefined);

/** Any run of the article counts: a later run does not take a batch's article out of its list. */
const labelled = (column: 'tags' | 'refs', label: string) =>
  sql`select distinct article_id from embedkeep.runs
    where ${sql.ref(column)} @> array[${label}]::text[] and ${sql.ref(column)} <> '{}'`;

/** @throws EmbedkeepError PAYLOAD_INVALID */
function time(text: string): string {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) {
    throw new EmbedkeepError('PAYLOAD_INVALID', 'Give the time as in 2026-01-31T12:00:00Z.');
  }
  return date.toISOString();
}

export async function article(db: Db, id: string): Promise<ArticleDetail | null> {
  const found = await db
    .selectFrom('articles')
    .select(['id', 'url', 'host', 'title', 'last_capture_id'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (!found) return null;
  const runs = await db
    .selectFrom('runs')
    .selectAll()
    .where('article_id', '=', id)
    .orderBy('seq', 'desc')
    .execute();
  const captures = await db
    .selectFrom('captures')
    .selectAll()
    .where('article_id', '=', id)
    .orderBy('seq', 'desc')
    .execute();
  const embeds = await embedsOf(db, found.last_capture_id);
  const { url, host, title } = found;
  return {
    article: { id, url, host, title },
    runs: runs.map((row) => toRun(row, url)),
    captures: captures.map(toCapture),
    embeds,
    plans: await plansOf(db, id),
  };
}

/** What the newest parser saw in a capture, in page order. */
async function embedsOf(db: Db, captureId: string | null): Promise<ArticleDetail['embeds']> {
  if (captureId === null) return [];
  const rows = await db
    .selectFrom('captures as c')
    .innerJoin('sightings as s', (join) =>
      join.onRef('s.capture_id', '=', 'c.id').onRef('s.parser', '=', 'c.parser'),
    )
    .select('s.embed')
    .where('c.id', '=', captureId)
    .orderBy('s.ordinal')
    .execute();
  return rows.map((row) => inPresentShape(row.embed));
}

export async function run(db: Db, id: string): Promise<Run | null> {
  const row = await db
    .selectFrom('runs as r')
    .innerJoin('articles as a', 'a.id', 'r.article_id')
    .selectAll('r')
    .select('a.url')
    .where('r.id', '=', id)
    .executeTakeFirst();
  return row ? toRun(row, row.url) : null;
}

export async function capture(db: Db, id: string): Promise<CaptureRow | null> {
  const row = await db.selectFrom('captures').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? toCapture(row) : null;
}

export function toCapture(row: Selectable<CaptureTable>): CaptureRow {
  return {
    id: row.id,
    articleId: row.article_id,
    runId: row.run_id,
    url: row.url,
    finalUrl: row.final_url,
    fetchedAt: row.fetched_at,
    reason: row.reason,
    status: row.status,
    contentType: row.content_type,
    charset: row.charset,
    stored: {
      location: row.location,
      offset: row.blob_offset,
      length: row.blob_length,
      sha256: row.sha256,
      rawSha256: row.raw_sha256,
      size: row.size,
      revisit: row.revisit,
      ...bodyOf(row),
    },
    truncated: row.truncated,
    robotsRule: row.robots_rule,
    revisitOf: row.revisit_of,
    hops: row.hops,
    article: row.article,
    parser: row.parser,
    suspected: row.suspected,
    removedAt: row.removed_at,
    expiredBy: row.expired_by,
  };
}

function bodyOf({ body_location, body_offset, body_length }: Selectable<CaptureTable>) {
  if (body_location === null || body_offset === null || body_length === null) return {};
  return { body: { location: body_location, offset: body_offset, length: body_length } };
}

export async function counts(db: Db): Promise<Record<RunState, number>> {
  const rows = await db
    .selectFrom('runs')
    .select((eb) => ['state', eb.fn.countAll<number>().as('count')])
    .groupBy('state')
    .execute();
  const none = { accepted: 0, running: 0, waiting: 0, done: 0, failed: 0, dropped: 0 };
  return { ...none, ...Object.fromEntries(rows.map((row) => [row.state, row.count])) };
}
