/**
 * Long waits have no job: a million articles of a dead host, each waiting for its next try, must not fill the queue. Such a run
 * is a row whose `wake_at` says when; then it goes back to the backlog, and gets its job in its turn (backlog.ts).
 */
import { sql } from 'kysely';
import type { WaitsIn } from '../ledger.ts';
import type { Trx } from './tables.ts';

/** The feeder looks every second: a retry may be as late as that, and shorter waits are better kept by the queue. */
const RETRY_IN_QUEUE_MS = 2000;
/** A host's next slot is given away to the millisecond; of one host at most 20 wait for it (backlog.ts). */
const POLITE_IN_QUEUE_MS = 60_000;
/** Woken in one turn of the feeder, of each priority: a few milliseconds of it. */
const MOST_WOKEN = 1000;
const MOST_LEVELS = 20;

export interface Wait {
  readonly until: Date;
  readonly why: 'retry' | 'politeness';
}

export function placeOf({ until, why }: Wait, now: Date): WaitsIn {
  const most = why === 'retry' ? RETRY_IN_QUEUE_MS : POLITE_IN_QUEUE_MS;
  return until.getTime() - now.getTime() > most ? 'ledger' : 'queue';
}

/** What the row says of it. */
export const dueOf = (wait: Wait, now: Date): { due_at: string; wake_at: string | null } =>
  placeOf(wait, now) === 'ledger'
    ? { due_at: 'infinity', wake_at: wait.until.toISOString() }
    : { due_at: wait.until.toISOString(), wake_at: null };

/** Those whose time has come go back to the backlog, the longest due of each priority first. */
export async function wake(trx: Trx, now: Date): Promise<void> {
  await sql`
    with recursive levels(priority, n) as (
      (select priority, 1 from embedkeep.runs where ${PARKED} order by priority limit 1)
      union all
      select next.priority, l.n + 1 from levels l cross join lateral (
        select priority from embedkeep.runs where ${PARKED} and priority > l.priority
        order by priority limit 1) next
      where l.n < ${MOST_LEVELS}
    )
    update embedkeep.runs set state = 'accepted', wake_at = null, wait_reason = null
    where id in (
      select due.id from levels cross join lateral (
        select id from embedkeep.runs
        where ${PARKED} and priority = levels.priority and wake_at <= ${now.toISOString()}::timestamptz
        order by wake_at limit ${MOST_WOKEN}) due
    ) and ${PARKED}`.execute(trx);
}
const PARKED = sql.raw(`state = 'waiting' and wake_at is not null`);
