/** The ledger on Kysely: what was promised, who works on it, how it ended. */
import { sql } from 'kysely';
import type { Claim, Holder, Ledger, RetryFilter, Run, RunState } from '../ledger.ts';
import { type AcceptWorld, accept } from './accept.ts';
import { createOffer } from './backlog.ts';
import { drop } from './drop.ts';
import { JOB_IN_TOKEN, newClaimToken } from './ids.ts';
import { retry } from './retry.ts';
import { type RunRow, toRun } from './run-row.ts';
import { fail, finish, putBack, retryLater } from './settle.ts';
import type { Db } from './tables.ts';
import { wellFormed } from './well-formed.ts';

export function createLedger(world: AcceptWorld): Ledger {
  const { db } = world;
  return {
    accept: (orders) => accept(orders, world),
    due: (question) => due(db, question),
    offer: createOffer({ ...world, random: Math.random }),
    open: (most) => open(db, most),
    claim: (runId, now, by) => claim(db, { runId, now, by }),
    postpone: (claimed, until, reason) => putBack({ claim: claimed, until, reason }, world),
    retryLater: (claimed, until, failure) => retryLater({ claim: claimed, until, failure }, world),
    fail: (claimed, failure, kept) => fail({ claim: claimed, failure, kept }, world),
    finish: (claimed, kept, extraction) => finish({ claim: claimed, kept, extraction }, world),
    retry: (filter: RetryFilter) => retry(filter, world),
    drop: (filter: RetryFilter) => drop(filter, world),
  };
}

async function due(db: Db, question: Parameters<Ledger['due']>[0]): Promise<Run[]> {
  const { limit, after } = question;
  const now = question.now.toISOString();
  const runningBefore = question.runningBefore.toISOString();
  const beyond = after
    ? sql`and (due_at, seq) > (select due_at, seq from embedkeep.runs where id = ${after})`
    : sql``;
  const head = (state: RunState, before: string) => sql`(
    select * from embedkeep.runs
    where state = ${sql.lit(state)} and due_at <= ${before}::timestamptz ${beyond}
    order by due_at, seq limit ${limit})`;
  const { rows } = await sql<RunRow & { url: string }>`
    select r.*, a.url
    from (
      ${head('accepted', now)} union all ${head('waiting', now)} union all
      ${head('running', runningBefore)}
    ) r join embedkeep.articles a on a.id = r.article_id
    order by r.due_at, r.seq limit ${limit}`.execute(db);
  return rows.map((row) => toRun(row, row.url));
}

async function open(db: Db, most: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count from (
      select 1 from embedkeep.runs where state in ('accepted', 'running', 'waiting') limit ${most}
    ) open`.execute(db);
  return rows[0]?.count ?? 0;
}

interface ClaimRow extends RunRow {
  readonly url: string;
  readonly last_id: string | null;
  readonly etag: string | null;
  readonly last_modified: string | null;
  readonly revisit_of: string | null;
}

interface Claiming {
  readonly runId: string;
  readonly now: Date;
  readonly by: Holder | undefined;
}

/** A run that waits is left alone until its time. Whoever held a running one before finds its token stale. */
async function claim(db: Db, { runId, now, by }: Claiming): Promise<Claim | null> {
  const token = newClaimToken(wellFormed(by?.job ?? ''));
  const { rows } = await sql<ClaimRow>`
    with taken as (
      update embedkeep.runs
      set state = 'running', attempts = attempts + 1, token = ${token},
        deaths = coalesce(deaths, 0) + (state = 'running')::int,
        due_at = ${now.toISOString()}::timestamptz, wait_reason = null
      where id = ${runId} and (state = 'accepted'
        or state = 'running' and ${mayTakeOver(now, by)}
        or state = 'waiting' and due_at <= ${now.toISOString()}::timestamptz)
      returning *
    )
    select taken.*, a.url, c.id as last_id, c.etag, c.last_modified, c.revisit_of
    from taken
    join embedkeep.articles a on a.id = taken.article_id
    left join embedkeep.captures c on c.id = a.last_capture_id and c.removed_at is null`.execute(
    db,
  );
  const row = rows[0];
  if (!row) return null;
  const { deaths } = row;
  return { run: toRun(row, row.url), token, validators: validatorsOf(row), deaths: deaths ?? 0 };
}

/**
 * By the same job; or where nobody can still be at it: jobs of one run that took it from each other would spend its tries.
 * `due_at` of a running one is when it was claimed. By a clock that is ahead of this one by more than a try it says nothing.
 */
function mayTakeOver(now: Date, by: Holder | undefined) {
  if (!by) return sql`true`;
  const at = now.getTime();
  const [earliest, latest] = [at - by.longestTryMs, at + by.longestTryMs].map((ms) =>
    new Date(ms).toISOString(),
  );
  return sql`(substr(token, ${sql.lit(JOB_IN_TOKEN)}) = ${wellFormed(by.job)}
    or due_at not between ${earliest}::timestamptz and ${latest}::timestamptz)`;
}

/** Not for a capture ordered by hand: who forces one wants the bytes. */
function validatorsOf(row: ClaimRow): Claim['validators'] {
  if (!row.last_id || row.reason === 'manual') return null;
  if (!row.etag && !row.last_modified) return null;
  return {
    captureId: row.revisit_of ?? row.last_id,
    etag: row.etag,
    lastModified: row.last_modified,
  };
}
