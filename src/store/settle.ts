/** The ends of a run, each one transaction guarded by the claim's token: done, failed, or back with a date. */

import { sql } from 'kysely';
import type { Extraction } from '../embed.ts';
import { EmbedkeepError, type Failure } from '../errors.ts';
import type { Claim, FinishedCounts, Kept, WaitsIn } from '../ledger.ts';
import { failRun, finishRun, spendTry } from './deeds.ts';
import { appendLink, type NewEvent } from './event-chain.ts';
import type { Deed } from './journal-entry.ts';
import { factsOf } from './keep-capture.ts';
import { dueOf, placeOf } from './parking.ts';
import { readKept } from './read-kept.ts';
import type { RunRow } from './run-row.ts';
import { giveUpBytes, type Taken, withoutTaken } from './standing.ts';
import type { Db, StoreWorld, Trx } from './tables.ts';
import { cleaned, wellFormed } from './well-formed.ts';

export function finish(
  outcome: { claim: Claim; kept: Kept; extraction: Extraction },
  world: StoreWorld,
): Promise<FinishedCounts> {
  const { claim, kept } = outcome;
  const { parser, article, embeds, suspected, truncated } = cleaned(outcome.extraction);
  return world.db.transaction().execute(async (trx) => {
    const run = await lockRun(trx, claim);
    if (run.state === 'done') return await countsOf(trx, run);
    await holdBody(trx, kept.stored);
    const now = world.now();
    const read = { parser, article, embeds, suspected, truncated };
    const { reading, taken } = await withoutTaken(trx, read, run.article_id);
    if (run.replay_of !== null) {
      const deed = { op: 'read' as const, ...endOf(run), captureId: run.replay_of, reading };
      return await conclude(
        trx,
        { deed, taken, now, ...(await readKept(trx, deed, { now, run })) },
        world,
      );
    }
    const deed = {
      op: 'finish' as const,
      ...endOf(run),
      facts: factsOf(kept.capture),
      stored: kept.stored,
      reading,
    };
    const locked = { host: run.article_host, last_capture_id: run.last_capture_id };
    const done = await finishRun(trx, deed, { now, article: locked, run });
    return await conclude(trx, { deed, taken, now, ...done }, world);
  });
}

interface Done extends FinishedCounts {
  readonly deed: Extract<Deed, { op: 'finish' | 'read' }>;
  readonly taken: readonly Taken[];
  readonly events: readonly NewEvent[];
  readonly now: Date;
}

/** The chain is told, also of what a takedown has withheld. */
async function conclude(trx: Trx, done: Done, { journal }: StoreWorld): Promise<FinishedCounts> {
  const { deed, taken, now, captureId, embeds, newPosts } = done;
  const { articleId, runId } = deed;
  const gone = await giveUpBytes(trx, { articleId, runId, captureId, taken }, now);
  const { withheld } = gone;
  const events = [...done.events, ...gone.events];
  const told = withheld.length > 0 ? { ...deed, withheld } : deed;
  await appendLink(trx, { events, now, deed: told }, journal);
  return { captureId, embeds, newPosts, ...(withheld.length > 0 && { withheld }) };
}

export function fail(
  outcome: { claim: Claim; failure: Failure; kept: Kept | undefined },
  world: StoreWorld,
): Promise<void> {
  const { claim, kept } = outcome;
  const failure = cleaned(outcome.failure);
  return world.db.transaction().execute(async (trx) => {
    const run = await lockRun(trx, claim);
    if (run.state === 'failed') return;
    if (kept) await holdBody(trx, kept.stored);
    const now = world.now();
    const deed = {
      op: 'fail' as const,
      ...endOf(run),
      failure,
      kept: kept ? { facts: factsOf(kept.capture), stored: kept.stored } : null,
    };
    const events = await failRun(trx, deed, { now, run });
    await appendLink(trx, { events, now, deed }, world.journal);
  });
}

/**
 * What the capture rests on must not be removed between being found and being named. The lock lasts to the commit.
 * @throws STORE_UNAVAILABLE where that has happened: the run is tried again, and keeps the page whole
 */
async function holdBody(trx: Trx, { revisit, sha256 }: Kept['stored']): Promise<void> {
  if (!revisit) return;
  const { rows } = await sql<{ removed_at: string | null }>`
    select removed_at from embedkeep.captures where sha256 = ${sha256} and not revisit
    order by removed_at nulls first limit 1 for share`.execute(trx);
  if (!rows[0]?.removed_at) return;
  const said = 'The bytes that this capture refers to were just removed; it is fetched again.';
  throw new EmbedkeepError('STORE_UNAVAILABLE', said);
}

/** @throws LOCK_LOST where the run is not being worked on: this claim has put it back already. */
function endOf(run: RunRow): { articleId: string; runId: string; attempts: number } {
  if (run.state !== 'running') throw new EmbedkeepError('LOCK_LOST', `The run is ${run.state}.`);
  return { articleId: run.article_id, runId: run.id, attempts: run.attempts };
}

/** A wait is not an attempt: it is given back. */
export async function putBack(
  later: { claim: Claim; until: Date; reason: string },
  { db, now }: Pick<StoreWorld, 'db' | 'now'>,
): Promise<WaitsIn> {
  const { claim, until } = later;
  const wait = { until, why: 'politeness' as const };
  const at = now();
  const written = await db
    .updateTable('runs')
    .set((eb) => ({
      state: 'waiting',
      ...dueOf(wait, at),
      wait_reason: wellFormed(later.reason).slice(0, 500),
      attempts: eb('attempts', '-', 1),
      waits: eb('waits', '+', 1),
    }))
    .where('id', '=', claim.run.id)
    .where('token', '=', claim.token)
    .where('state', '=', 'running')
    .executeTakeFirst();
  if (written.numUpdatedRows === 0n) await assertWrittenBefore(db, claim);
  return placeOf(wait, at);
}

/** A failure keeps the attempt spent, and the journal knows of it: a rebuilt store goes on counting. */
export function retryLater(
  later: { claim: Claim; until: Date; failure: Failure },
  world: StoreWorld,
): Promise<WaitsIn> {
  const { claim } = later;
  return world.db.transaction().execute(async (trx) => {
    const run = await lockRun(trx, claim);
    const now = world.now();
    const place = placeOf({ until: later.until, why: 'retry' }, now);
    if (run.state !== 'running') return place;
    const until = later.until.toISOString();
    const deed = { op: 'try' as const, ...endOf(run), failure: cleaned(later.failure), until };
    await spendTry(trx, deed, now);
    const { articleId, runId, attempts } = deed;
    const detail = { code: later.failure.code, attempts, until };
    const events = [{ kind: 'tried' as const, articleId, runId, detail }];
    await appendLink(trx, { events, now, deed }, world.journal);
    return place;
  });
}

/**
 * This claim's own write went through though its answer was lost, be it this one or the end before it: nothing to do.
 * Somebody else's claim: LOCK_LOST.
 */
async function assertWrittenBefore(db: Db, claim: Claim): Promise<void> {
  const run = await db
    .selectFrom('runs')
    .select('token')
    .where('id', '=', claim.run.id)
    .executeTakeFirst();
  if (run?.token !== claim.token) throw lockLost(claim);
}

interface LockedRun extends RunRow {
  readonly article_host: string;
  readonly last_capture_id: string | null;
}

/**
 * The article first, then the run: intake takes them in this order too.
 * @throws LOCK_LOST where the token is not the claim's
 */
async function lockRun(trx: Trx, claim: Claim): Promise<LockedRun> {
  const { rows } = await sql<LockedRun>`
    with article as materialized (
      select id, host, last_capture_id from embedkeep.articles
      where id = ${claim.run.articleId} for no key update
    )
    select r.*, article.host as article_host, article.last_capture_id from article, embedkeep.runs r
    where r.id = ${claim.run.id} for update of r`.execute(trx);
  const [run] = rows;
  if (run?.token !== claim.token) throw lockLost(claim);
  return run;
}

const lockLost = (claim: Claim): EmbedkeepError =>
  new EmbedkeepError('LOCK_LOST', undefined, { detail: { runId: claim.run.id } });

async function countsOf(trx: Trx, run: RunRow): Promise<FinishedCounts> {
  const capture = await trx
    .selectFrom('captures')
    .select(['id', 'embeds', 'new_posts'])
    .where('id', '=', run.capture_id ?? '')
    .executeTakeFirstOrThrow();
  return { captureId: capture.id, embeds: capture.embeds, newPosts: capture.new_posts };
}
