/** The ends of a run, each one transaction guarded by the claim's token: done, failed, or back with a date. */

import { sql } from 'kysely';
import type { Extraction } from '../embed.ts';
import { EmbedkeepError, type Failure } from '../errors.ts';
import type { Claim, FinishedCounts, Kept } from '../ledger.ts';
import { appendEvents } from './event-chain.ts';
import { keepCapture, setTally } from './keep-capture.ts';
import { keepReading } from './keep-sightings.ts';
import type { RunRow } from './run-row.ts';
import type { Db, Trx } from './tables.ts';
import { cleaned, toJson, wellFormed } from './well-formed.ts';

export interface SettleWorld {
  readonly db: Db;
  readonly now: () => Date;
}

export function finish(
  outcome: { claim: Claim; kept: Kept; extraction: Extraction },
  world: SettleWorld,
): Promise<FinishedCounts> {
  const { claim, kept } = outcome;
  const extraction = cleaned(outcome.extraction);
  return world.db.transaction().execute(async (trx) => {
    const article = await lockArticle(trx, claim.run.articleId);
    const run = await lockRun(trx, claim);
    if (run.state === 'done') return await countsOf(trx, run);
    const captureId = await keepCapture(trx, claim, { ...kept, reading: extraction });
    const reading = await keepReading(trx, {
      captureId,
      articleId: article.id,
      articleHost: article.host,
      runId: run.id,
      capturedAt: kept.capture.fetchedAt,
      parser: extraction.parser,
      embeds: extraction.embeds,
      previous: article.last_capture_id,
      isWhole: extraction.truncated === null && kept.capture.truncated === null,
    });
    await setTally(trx, captureId, reading);
    await endRun(trx, run, { state: 'done', failure: null, captureId, now: world.now() });
    await trx
      .updateTable('articles')
      .set({
        title: extraction.article.title ?? article.title,
        last_capture_id: captureId,
        last_captured_at: world.now().toISOString(),
      })
      .where('id', '=', article.id)
      .execute();
    const { sha256, rawSha256, size } = kept.stored;
    const detail = { sha256, rawSha256, size, parser: extraction.parser, embeds: reading.digests };
    const about = { articleId: article.id, runId: run.id, captureId };
    await appendEvents(
      trx,
      [{ kind: 'captured', ...about, detail }, ...reading.events],
      world.now(),
    );
    return { captureId, embeds: reading.embeds, newPosts: reading.newPosts };
  });
}

export function fail(
  outcome: { claim: Claim; failure: Failure; kept: Kept | undefined },
  world: SettleWorld,
): Promise<void> {
  const { claim, failure, kept } = outcome;
  return world.db.transaction().execute(async (trx) => {
    const run = await lockRun(trx, claim);
    if (run.state === 'failed') return;
    const captureId = kept ? await keepCapture(trx, claim, { ...kept, reading: null }) : null;
    await endRun(trx, run, { state: 'failed', failure, captureId, now: world.now() });
    const about = { articleId: run.article_id, runId: run.id, ...(captureId && { captureId }) };
    const bytes = kept ? { sha256: kept.stored.sha256, rawSha256: kept.stored.rawSha256 } : {};
    const detail = { code: failure.code, attempts: run.attempts, ...bytes };
    await appendEvents(trx, [{ kind: 'failed', ...about, detail }], world.now());
  });
}

/** A wait is not an attempt: it is given back. A failure keeps the attempt spent. */
export async function putBack(
  later: { claim: Claim; until: Date; reason: string; failure: Failure | null },
  { db }: SettleWorld,
): Promise<void> {
  const { claim, until, failure } = later;
  const isWait = failure === null;
  const written = await db
    .updateTable('runs')
    .set((eb) => ({
      state: 'waiting',
      due_at: until.toISOString(),
      wait_reason: wellFormed(later.reason).slice(0, 500),
      ...(isWait
        ? { attempts: eb('attempts', '-', 1), waits: eb('waits', '+', 1) }
        : { failure: sql<Failure>`${toJson(failure)}::text::json`, error_code: failure.code }),
    }))
    .where('id', '=', claim.run.id)
    .where('token', '=', claim.token)
    .where('state', '=', 'running')
    .executeTakeFirst();
  if (written.numUpdatedRows > 0n) return;
  await assertWrittenBefore(db, claim);
}

/** The answer to a write was lost and it is made again: nothing to do. Somebody else's claim: LOCK_LOST. */
async function assertWrittenBefore(db: Db, claim: Claim): Promise<void> {
  const run = await db
    .selectFrom('runs')
    .select(['token', 'state'])
    .where('id', '=', claim.run.id)
    .executeTakeFirst();
  if (run?.token !== claim.token || run.state !== 'waiting') throw lockLost(claim);
}

const lockArticle = (trx: Trx, id: string) =>
  trx
    .selectFrom('articles')
    .select(['id', 'host', 'title', 'last_capture_id'])
    .where('id', '=', id)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();

/** @throws LOCK_LOST where the token is not the claim's. */
async function lockRun(trx: Trx, claim: Claim): Promise<RunRow> {
  const run = await trx
    .selectFrom('runs')
    .selectAll()
    .where('id', '=', claim.run.id)
    .forUpdate()
    .executeTakeFirst();
  if (run?.token !== claim.token) throw lockLost(claim);
  return run;
}

const lockLost = (claim: Claim): EmbedkeepError =>
  new EmbedkeepError('LOCK_LOST', undefined, { detail: { runId: claim.run.id } });

async function endRun(
  trx: Trx,
  run: RunRow,
  end: {
    state: 'done' | 'failed';
    failure: Failure | null;
    captureId: string | null;
    now: Date;
  },
): Promise<void> {
  if (run.state !== 'running') throw new EmbedkeepError('LOCK_LOST', `the run is ${run.state}`);
  await trx
    .updateTable('runs')
    .set({
      state: end.state,
      failure: end.failure && sql<Failure>`${toJson(end.failure)}::text::json`,
      error_code: end.failure?.code ?? null,
      capture_id: end.captureId,
      wait_reason: null,
      finished_at: end.now.toISOString(),
    })
    .where('id', '=', run.id)
    .execute();
}

async function countsOf(trx: Trx, run: RunRow): Promise<FinishedCounts> {
  const capture = await trx
    .selectFrom('captures')
    .select(['id', 'embeds', 'new_posts'])
    .where('run_id', '=', run.id)
    .executeTakeFirstOrThrow();
  return { captureId: capture.id, embeds: capture.embeds, newPosts: capture.new_posts };
}
