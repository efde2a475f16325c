/** By hand: what failed for good goes back as a new run, with the old one's tags and references. */
import { sql } from 'kysely';
import { type ReplaySource, replaySource } from '../errors.ts';
import type { RetryFilter, Run } from '../ledger.ts';
import { lockIntake } from './accept.ts';
import { deadConditions, KEPT_IN } from './dead-letters.ts';
import { appendLink } from './event-chain.ts';
import { newRunId } from './ids.ts';
import type { RunFacts } from './journal-entry.ts';
import { type RunRow, toRun } from './run-row.ts';
import { startRuns } from './start-runs.ts';
import { newRunDigest } from './stated.ts';
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
      const replayOf = isFromBytes(run, filter) ? { replayOf: run.kept_in } : {};
      const facts = { url, priority, caller, tags, refs, ...replayOf };
      return { id: newRunId(now), articleId, reason: 'manual', ...facts };
    });
    await startRuns(trx, { runs, joins: [] }, { now, fresh: new Set() });
    const at = now.toISOString();
    const events = runs.map((run, index) => {
      const { id: runId, articleId, replayOf } = run;
      const from: ReplaySource = replayOf === undefined ? 'network' : 'bytes';
      const detail = { of: failed[index]?.id, from, run: newRunDigest(run, at) };
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

interface Failed extends RunRow {
  readonly url: string;
  /** The capture whose page is kept, if there is one. */
  readonly kept_in: string | null;
}
type Kept = Failed & { readonly kept_in: string };

const isFromBytes = (run: Failed, { from }: RetryFilter): run is Kept =>
  run.kept_in !== null && (from ?? replaySource(run.error_code ?? '')) === 'bytes';

export async function failedRuns(trx: Trx, filter: RetryFilter): Promise<Failed[]> {
  const states = namesOne(filter) ? ['failed', 'dropped'] : ['failed'];
  const { rows } = await sql<Failed>`
    select r.*, a.url, ${KEPT_IN} as kept_in
    from embedkeep.runs r
    join embedkeep.articles a on a.id = r.article_id and a.last_run_id = r.id
    where r.state = any(${states}::text[]) and ${deadConditions(filter)}
      and (${filter.runId ?? null}::text is null or r.id = ${filter.runId ?? null})
      and (${filter.from !== 'bytes'} or ${KEPT_IN} is not null)
    order by r.seq limit ${filter.limit ?? DEFAULT_LIMIT}`.execute(trx);
  return rows;
}
