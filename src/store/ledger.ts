/** The ledger on Kysely: what was promised, who works on it, how it ended. */
import { sql } from 'kysely';
import type { Claim, Ledger, RetryFilter, Run, RunState } from '../ledger.ts';
import { type AcceptWorld, accept } from './accept.ts';
import { createOffer } from './backlog.ts';
import { drop } from './drop.ts';
import { newToken } from './ids.ts';
import { retry } from './retry.ts';
import { type RunRow, toRun } from './run-row.ts';
import { fail, finish, putBack, retryLater } from './settle.ts';
import type { Db } from './tables.ts';

export function createLedger(world: AcceptWorld): Ledger {
  const { db } = world;
  return {
    accept: (orders) => accept(orders, world),
    due: (question) => due(db, question),
    offer: createOffer({ ...world, random: Math.random }),
    open: (most) => open(db, most),
    claim: (runId, now) => claim(db, runId, now),
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

/** A run that waits is left alone until its time. A running one is taken over: whoever held it before finds its token stale. */
async function claim(db: Db, runId: string, now: Date): Promise<Claim | null> {
  const token = newToken();
  const { rows } = await sql<ClaimRow>`
    with taken as (
      update embedkeep.runs
      set state = 'running', attempts = attempts + 1, token = ${token},
        deaths = coalesce(deaths, 0) + (state = 'running')::int,
        due_at = ${now.toISOString()}::timestamptz, wait_reason = null
      where id = ${runId} and (state in ('accepted', 'running')
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
