/** By hand: a failure that nobody will deal with is given up. Its run, its bytes and its events stay. */
import { sql } from 'kysely';
import type { RetryFilter, Run } from '../ledger.ts';
import { lockIntake } from './accept.ts';
import { appendLink } from './event-chain.ts';
import type { Deed } from './journal-entry.ts';
import { failedRuns } from './retry.ts';
import { toRun } from './run-row.ts';
import { runDigest } from './stated.ts';
import type { StoreWorld, Trx } from './tables.ts';

export function drop(filter: RetryFilter, world: StoreWorld): Promise<Run[]> {
  return world.db.transaction().execute(async (trx) => {
    await lockIntake(trx);
    const failed = (await failedRuns(trx, filter)).filter((run) => run.state === 'failed');
    if (failed.length === 0) return [];
    const deed = { op: 'drop', runIds: failed.map((run) => run.id) } as const;
    await dropRuns(trx, deed);
    const events = failed.map((run) => {
      const { id: runId, article_id: articleId, error_code: code } = run;
      const detail = { code, run: runDigest({ ...run, state: 'dropped' }) };
      return { kind: 'dropped' as const, articleId, runId, detail };
    });
    await appendLink(trx, { events, now: world.now(), deed }, world.journal);
    return failed.map((run) => toRun({ ...run, state: 'dropped' }, run.url));
  });
}

export async function dropRuns(trx: Trx, deed: Extract<Deed, { op: 'drop' }>): Promise<void> {
  await trx
    .updateTable('runs')
    .set({ state: 'dropped' })
    .where('id', '=', sql<string>`any(${deed.runIds}::text[])`)
    .where('state', '=', 'failed')
    .execute();
}
