/** By hand: what failed for good goes back as a new run, with the old one's tags and references. */
import { sql } from 'kysely';
import type { RetryFilter, Run } from '../ledger.ts';
import { appendEvents } from './event-chain.ts';
import { newRunId } from './ids.ts';
import { type RunRow, toRun } from './run-row.ts';
import type { Db, Trx } from './tables.ts';
import { toJson } from './well-formed.ts';

const DEFAULT_LIMIT = 10_000;

/** Only the latest run of an article counts: an old failure that a later run has mended is not tried again. */
export function retry(filter: RetryFilter, world: { db: Db; now: () => Date }): Promise<Run[]> {
  return world.db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(hashtext('embedkeep intake'))`.execute(trx);
    const failed = await failedRuns(trx, filter);
    if (failed.length === 0) return [];
    const now = world.now();
    const runs = await startAgain(trx, failed, now);
    const events = runs.map((run, index) => ({
      kind: 'retried' as const,
      articleId: run.articleId,
      runId: run.id,
      detail: { of: failed[index]?.id },
    }));
    await appendEvents(trx, events, now);
    return runs;
  });
}

function failedRuns(trx: Trx, filter: RetryFilter): Promise<(RunRow & { url: string })[]> {
  let query = trx
    .selectFrom('runs as r')
    .innerJoin('articles as a', 'a.last_run_id', 'r.id')
    .selectAll('r')
    .select('a.url')
    .where('r.state', 'in', ['failed', 'dropped']);
  if (filter.articleId !== undefined) query = query.where('r.article_id', '=', filter.articleId);
  if (filter.runId !== undefined) query = query.where('r.id', '=', filter.runId);
  if (filter.host !== undefined) query = query.where('a.host', '=', filter.host.toLowerCase());
  if (filter.code !== undefined) query = query.where('r.error_code', '=', filter.code);
  return query
    .orderBy('r.seq')
    .limit(filter.limit ?? DEFAULT_LIMIT)
    .execute();
}

async function startAgain(
  trx: Trx,
  failed: readonly (RunRow & { url: string })[],
  now: Date,
): Promise<Run[]> {
  const rows = failed.map((run, n) => ({
    n,
    id: newRunId(now),
    article_id: run.article_id,
    priority: run.priority,
    tags: run.tags,
    refs: run.refs,
  }));
  const { rows: inserted } = await sql<RunRow>`
    with given as (
      select * from json_to_recordset(${toJson(rows)}::text::json) as x(
        id text, article_id text, priority integer, tags text[], refs text[], n integer)
    ), latest as (
      update embedkeep.articles a set last_run_id = given.id
      from given where a.id = given.article_id
    )
    insert into embedkeep.runs
      (id, article_id, state, reason, priority, tags, refs, due_at, accepted_at)
    select id, article_id, 'accepted', 'manual', priority, tags, refs, t.now, t.now
    from given, (select ${now.toISOString()}::timestamptz as now) t
    order by n
    returning *`.execute(trx);
  const byId = new Map(inserted.map((run) => [run.id, run]));
  return rows.flatMap(({ id }, index) => {
    const run = byId.get(id);
    return run ? [toRun(run, failed[index]?.url ?? '')] : [];
  });
}
