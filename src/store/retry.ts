/** By hand: what failed for good goes back as a new run, with the old one's tags and references. */
import { sql } from 'kysely';
import type { RetryFilter, Run } from '../ledger.ts';
import { lockIntake } from './accept.ts';
import { appendLink } from './event-chain.ts';
import { newRunId } from './ids.ts';
import type { RunFacts } from './journal-entry.ts';
import { type RunRow, toRun } from './run-row.ts';
import { startRuns } from './start-runs.ts';
import type { StoreWorld, Trx } from './tables.ts';

const DEFAULT_LIMIT = 10_000;

/** Only the latest run of an article counts: an old failure that a later run has mended is not tried again. */
export function retry(filter: RetryFilter, world: StoreWorld): Promise<Run[]> {
  return world.db.transaction().execute(async (trx) => {
    await lockIntake(trx);
    const failed = await failedRuns(trx, filter);
    const now = world.now();
    const runs = failed.map((run): RunFacts => {
      const { article_id: articleId, url, priority, caller, tags, refs } = run;
      return { id: newRunId(now), articleId, url, reason: 'manual', priority, caller, tags, refs };
    });
    await startRuns(trx, { runs, joins: [] }, { now, fresh: new Set() });
    const events = runs.map(({ id: runId, articleId }, index) => {
      const detail = { of: failed[index]?.id };
      return { kind: 'retried' as const, articleId, runId, detail };
    });
    await appendLink(trx, { events, now, deed: { op: 'runs', runs, joins: [] } }, world.journal);
    return await startedRuns(trx, runs);
  });
}

/** In the order given. */
async function startedRuns(trx: Trx, runs: readonly RunFacts[]): Promise<Run[]> {
  const ids = runs.map((run) => run.id);
  const rows = await trx
    .selectFrom('runs')
    .selectAll()
    .where('id', '=', sql<string>`any(${ids}::text[])`)
    .orderBy('seq')
    .execute();
  const urls = new Map(runs.map((run) => [run.id, run.url]));
  return rows.map((row) => toRun(row, urls.get(row.id) ?? ''));
}

/** What was dropped comes back only by name: a group that is tried again is what is still listed as failed. */
const namesOne = ({ articleId, runId }: RetryFilter): boolean =>
  articleId !== undefined || runId !== undefined;

export function failedRuns(trx: Trx, filter: RetryFilter): Promise<(RunRow & { url: string })[]> {
  let query = trx
    .selectFrom('runs as r')
    .innerJoin('articles as a', 'a.last_run_id', 'r.id')
    .selectAll('r')
    .select('a.url')
    .where('r.state', 'in', namesOne(filter) ? ['failed', 'dropped'] : ['failed']);
  if (filter.articleId !== undefined) query = query.where('r.article_id', '=', filter.articleId);
  if (filter.runId !== undefined) query = query.where('r.id', '=', filter.runId);
  if (filter.host !== undefined) query = query.where('a.host', '=', filter.host.toLowerCase());
  if (filter.code !== undefined) query = query.where('r.error_code', '=', filter.code);
  return query
    .orderBy('r.seq')
    .limit(filter.limit ?? DEFAULT_LIMIT)
    .execute();
}
