/** Captures, runs, articles and holds: rows as the checks read them. */
import { type Selectable, sql } from 'kysely';
import { toCapture } from './article-reader.ts';
import { inPages, PAGE } from './in-pages.ts';
import type { RunRow } from './run-row.ts';
import type { ArticleTable, CaptureTable, Db, HoldTable } from './tables.ts';
import type { ArticleClaim, ArticleView, ReadCapture, WholeArticle } from './verify-articles.ts';
import type { CaptureClaim } from './verify-captures.ts';
import type { HoldClaim } from './verify-holds.ts';
import type { RunClaim } from './verify-runs.ts';

type ArticleRow = Selectable<ArticleTable>;
type CaptureRow = Selectable<CaptureTable>;

/** What no sighting and no capture says. */
export interface RowsView extends ArticleView {
  runs(): AsyncIterable<RunClaim>;
  /** Null where the events alone tell of them. */
  readonly holds: (() => AsyncIterable<HoldClaim>) | null;
}

export const rowsOf = (db: Db): RowsView => ({
  runs: () => runs(db),
  articles: () => articles(db),
  again: (id) => wholeArticle(db, id),
  holds: () => holds(db),
});

export function captureClaim(row: Selectable<CaptureTable>): CaptureClaim {
  const capture = toCapture(row);
  const { etag, last_modified: lastModified, parse_truncated: truncated } = row;
  const facts = { ...capture, etag, lastModified };
  const page = { article: row.article, suspected: row.suspected, truncated };
  const tally = { embeds: row.embeds, newPosts: row.new_posts };
  return { ...capture, stated: { facts, page, tally } };
}

/** Of an export nothing is known. */
function planOf({ plan_id: id, plan_due: due }: Partial<RunRow>) {
  if (id === undefined) return {};
  return { plan: id === null && !due ? null : { id: String(id), due: String(due) } };
}

export const runClaim = (row: RunRow): RunClaim => ({
  stated: row,
  seq: row.seq,
  columns: { errorCode: row.error_code, pageShape: row.page_shape, host: row.host, ...planOf(row) },
});

const runs = (db: Db): AsyncGenerator<RunClaim> =>
  inPages(
    (after) =>
      db
        .selectFrom('runs')
        .selectAll()
        .where('seq', '>', after)
        .orderBy('seq')
        .limit(PAGE)
        .execute(),
    (row) => row.seq,
    runClaim,
  );

export const articleClaim = (row: Selectable<ArticleTable>): ArticleClaim => ({
  ...{ id: row.id, url: row.url, host: row.host, title: row.title, acceptedAt: row.accepted_at },
  ...{ lastRunId: row.last_run_id, failedRun: row.failed_run },
  ...{ lastCaptureId: row.last_capture_id, lastCapturedAt: row.last_captured_at },
});

const articles = (db: Db): AsyncGenerator<ArticleClaim> =>
  inPages(
    (after) =>
      db
        .selectFrom('articles')
        .selectAll()
        .where('seq', '>', after)
        .orderBy('seq')
        .limit(PAGE)
        .execute(),
    (row) => row.seq,
    articleClaim,
  );

export const readCapture = (capture: CaptureClaim): ReadCapture => ({
  ...{ id: capture.id, at: capture.fetchedAt, isRead: (capture.parser ?? null) !== null },
  title: capture.stated?.page.article?.title ?? null,
  saysTitle: capture.stated !== undefined && capture.stated.page.article !== null,
});

/** One statement, so that nobody writes in between. */
async function wholeArticle(db: Db, id: string): Promise<WholeArticle | null> {
  const { rows } = await sql<{
    article: ArticleRow;
    captures: CaptureRow[];
    runs: RunRow[];
    imported: string[];
  }>`
    select to_json(a) as article, (
        select coalesce(json_agg(c order by c.seq), '[]') from embedkeep.captures c where c.article_id = a.id
      ) as captures, (
        select coalesce(json_agg(r order by r.seq), '[]') from embedkeep.runs r where r.article_id = a.id
      ) as runs, (
        select coalesce(json_agg(e.run_id), '[]') from embedkeep.events e
        where e.article_id = a.id and e.kind = 'imported'
      ) as imported
    from embedkeep.articles a where a.id = ${id}`.execute(db);
  const [whole] = rows;
  if (!whole) return null;
  const imported = new Set(whole.imported);
  return {
    article: articleClaim(whole.article),
    captures: whole.captures.map((row) => readCapture(captureClaim(row))),
    runs: whole.runs.map((row) => {
      return { ...runClaim(row), host: row.host, isImported: imported.has(row.id) };
    }),
  };
}

async function* holds(db: Db): AsyncGenerator<HoldClaim> {
  for (const row of await db.selectFrom('holds').selectAll().orderBy('id').execute())
    yield holdClaim(row);
}

export const holdClaim = (row: Selectable<HoldTable>): HoldClaim => ({
  key: `${row.kind} ${row.target}`,
  reason: row.reason,
  heldAt: row.held_at,
  releasedAt: row.released_at,
});
