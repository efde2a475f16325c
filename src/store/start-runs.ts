/** New articles and runs, and what orders add to runs of others: a function of facts alone, for intake and for the journal's replay. */
import { sql } from 'kysely';
import { DEFAULT_CALLER, DEFAULT_PRIORITY } from '../article-job.ts';
import type { JoinFacts, RunFacts } from './journal-entry.ts';
import type { RunRow } from './run-row.ts';
import type { Trx } from './tables.ts';
import { toJson } from './well-formed.ts';

/** New articles, new runs, and what was added to runs of others. Answers the runs that really gained something, as they are now. */
export async function startRuns(
  trx: Trx,
  { runs, joins }: { runs: readonly RunFacts[]; joins: readonly JoinFacts[] },
  given: { now: Date; fresh?: ReadonlySet<string> },
): Promise<readonly RunRow[]> {
  const fresh = given.fresh ?? (await insertArticles(trx, runs, given.now));
  await insertRuns(trx, { runs, fresh }, given.now);
  return await joinRuns(trx, joins);
}

/** Answers the articles that are new; the others are untouched. */
export async function insertArticles(
  trx: Trx,
  runs: readonly Pick<RunFacts, 'id' | 'articleId' | 'url'>[],
  now: Date,
): Promise<Set<string>> {
  if (runs.length === 0) return new Set();
  const rows = runs.map(({ id: run, articleId: id, url }, n) => {
    return { id, url, host: new URL(url).hostname, run, n };
  });
  const { rows: inserted } = await sql<{ id: string }>`
    insert into embedkeep.articles (id, url, host, accepted_at, last_run_id)
    select id, url, host, ${now.toISOString()}::timestamptz, run
    from json_to_recordset(${toJson(rows)}::text::json)
      as x(id text, url text, host text, run text, n integer)
    where not exists (select from embedkeep.articles a where a.id = x.id)
    order by n
    on conflict (id) do nothing
    returning id`.execute(trx);
  return new Set(inserted.map((row) => row.id));
}

async function insertRuns(
  trx: Trx,
  { runs, fresh }: { runs: readonly RunFacts[]; fresh: ReadonlySet<string> },
  now: Date,
): Promise<void> {
  if (runs.length === 0) return;
  const rows = runs.map(rowOf);
  await sql`
    insert into embedkeep.runs
      (id, article_id, state, reason, priority, caller, host, plan_id, plan_due, replay_of, tags, refs, due_at, accepted_at)
    select id, article_id, 'accepted', reason, coalesce(priority, ${DEFAULT_PRIORITY}), coalesce(caller, ${DEFAULT_CALLER}),
      host, plan_id, plan_due, replay_of, coalesce(tags, '{}'), coalesce(refs, '{}'), 'infinity', t.now
    from json_to_recordset(${toJson(rows)}::text::json) as x(
        id text, article_id text, reason text, priority integer, caller text, host text,
        plan_id text, plan_due timestamptz, replay_of text, tags text[], refs text[], n integer),
      (select ${now.toISOString()}::timestamptz as now) t
    order by n
    on conflict (id) do nothing`.execute(trx);
  const again = rows.filter((row) => !fresh.has(row.article_id));
  if (again.length === 0) return;
  await sql`
    update embedkeep.articles a set last_run_id = x.id
    from json_to_recordset(${toJson(again)}::text::json) as x(id text, article_id text)
    where a.id = x.article_id`.execute(trx);
}

/**
 * In the backlog at first: whoever fills the queue hands it over (backlog.ts). What most runs have is left out and set by the
 * statement: a thousand rows with all of their columns take the database twice as long to read.
 */
const rowOf = (run: RunFacts, n: number) => ({
  id: run.id,
  article_id: run.articleId,
  reason: run.reason,
  host: new URL(run.url).hostname,
  n,
  ...(run.priority !== DEFAULT_PRIORITY && { priority: run.priority }),
  ...(run.caller !== undefined && run.caller !== DEFAULT_CALLER && { caller: run.caller }),
  ...(run.plan && { plan_id: run.plan.id, plan_due: run.plan.due }),
  ...(run.replayOf !== undefined && { replay_of: run.replayOf }),
  ...(run.tags.length > 0 && { tags: run.tags }),
  ...(run.refs.length > 0 && { refs: run.refs }),
});

/** Tags keep their order and are listed once; a more urgent order makes the open run more urgent. */
async function joinRuns(trx: Trx, joins: readonly JoinFacts[]): Promise<readonly RunRow[]> {
  if (joins.length === 0) return [];
  const { rows } = await sql<RunRow>`
    update embedkeep.runs r set
      priority = case when r.finished_at is null then least(r.priority, x.priority) else r.priority end,
      tags = r.tags || array(select t from unnest(x.tags) t where t <> all (r.tags)),
      refs = r.refs || array(select t from unnest(x.refs) t where t <> all (r.refs))
    from json_to_recordset(${toJson(joins)}::text::json) as x(
      id text, priority integer, tags text[], refs text[])
    where r.id = x.id and (
      not r.tags @> x.tags or not r.refs @> x.refs
      or r.finished_at is null and x.priority < r.priority)
    returning r.*`.execute(trx);
  return rows;
}
