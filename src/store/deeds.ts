/**
 * What can be done to the store, each as a function of facts alone: the live path and the journal's replay both end here,
 * so that a rebuilt store is the same. Every one is idempotent.
 */
import { sql } from 'kysely';
import type { Failure } from '../errors.ts';
import { nameArticles } from './article-titles.ts';
import type { NewEvent } from './event-chain.ts';
import type { Deed } from './journal-entry.ts';
import { keepCapture, type Tally } from './keep-capture.ts';
import { keepReading } from './keep-sightings.ts';
import { dueOf } from './parking.ts';
import { rebuildPosts } from './rebuild-posts.ts';
import type { RunRow } from './run-row.ts';
import { endedRunDigest, factsDigest, pageDigest } from './stated.ts';
import type { Trx } from './tables.ts';
import { toJson } from './well-formed.ts';

type DeedOf<Op extends Deed['op']> = Extract<Deed, { op: Op }>;

export interface Finished {
  readonly captureId: string;
  readonly embeds: number;
  readonly newPosts: number;
  readonly events: readonly NewEvent[];
}

/** Whoever has locked the article already says what it is. */
export async function finishRun(
  trx: Trx,
  deed: DeedOf<'finish'>,
  given: { now: Date; article?: { host: string; last_capture_id: string | null }; run?: RunRow },
): Promise<Finished> {
  const { now } = given;
  const { articleId, runId, facts, stored, reading } = deed;
  const article = given.article ?? (await lockArticle(trx, articleId));
  const captureId = await keepCapture(trx, deed, { facts, stored, reading });
  const kept = await keepReading(trx, {
    captureId,
    articleId,
    articleHost: article.host,
    runId,
    capturedAt: facts.fetchedAt,
    parser: reading.parser,
    embeds: reading.embeds,
    previous: article.last_capture_id,
    isWhole: reading.truncated === null && facts.truncated === null,
  });
  await conclude(trx, deed, { captureId, kept, now });
  const { embeds, newPosts, told } = kept;
  const detail = {
    ...bytesTold(deed),
    size: stored.size,
    ...{ parser: reading.parser, ...told, newPosts, page: pageDigest(reading) },
    ...(given.run && {
      run: endedRunDigest(given.run, { ...deed, state: 'done', captureId, now }),
    }),
  };
  const captured: NewEvent = { kind: 'captured', articleId, runId, captureId, detail };
  return { captureId, embeds, newPosts, events: [captured, ...kept.events] };
}

/** The bytes and how they were fetched. */
const bytesTold = ({ facts, stored }: Pick<DeedOf<'finish'>, 'facts' | 'stored'>) => {
  const { sha256, rawSha256, records } = stored;
  return { sha256, rawSha256, ...(records && { records }), facts: factsDigest(facts) };
};

export async function failRun(
  trx: Trx,
  deed: DeedOf<'fail'>,
  { now, run }: { now: Date; run?: RunRow },
): Promise<NewEvent[]> {
  const { articleId, runId, failure, attempts, kept } = deed;
  const captureId = kept ? await keepCapture(trx, deed, { ...kept, reading: null }) : null;
  await endRun(trx, { ...deed, state: 'failed', captureId, now });
  const left = captureId ?? run?.replay_of ?? null;
  const ended = run && endedRunDigest(run, { ...deed, state: 'failed', captureId: left, now });
  const told = { ...(kept && bytesTold(kept)), ...(ended && { run: ended }) };
  const detail = { code: failure.code, attempts, ...told };
  return [{ kind: 'failed', articleId, runId, ...(captureId && { captureId }), detail }];
}

/** The attempt is spent, the run waits for the next. */
export async function spendTry(trx: Trx, deed: DeedOf<'try'>, now: Date): Promise<void> {
  const { failure, until, attempts, runId } = deed;
  await trx
    .updateTable('runs')
    .set({
      state: 'waiting',
      ...dueOf({ until: new Date(until), why: 'retry' }, now),
      wait_reason: failure.code,
      attempts,
      failure: sql<Failure>`${toJson(failure)}::text::json`,
      error_code: failure.code,
    })
    .where('id', '=', runId)
    .where('finished_at', 'is', null)
    .execute();
}

/** Null where another process was faster: the capture is no longer at the reading it started from. */
export async function readAgain(trx: Trx, deed: DeedOf<'reparse'>): Promise<NewEvent[] | null> {
  const { articleId, runId, captureId, reading } = deed;
  const article = await lockArticle(trx, articleId);
  const before = await trx
    .selectFrom('captures')
    .select(['parser', 'fetched_at', 'article', 'new_posts'])
    .where('id', '=', captureId)
    .forUpdate()
    .executeTakeFirstOrThrow();
  if (before.parser === reading.parser) return null;
  await trx
    .updateTable('captures')
    .set({
      parser: reading.parser,
      article: sql`${toJson(reading.article)}::text::json`,
      suspected: sql`${toJson(reading.suspected)}::text::json`,
      parse_truncated: reading.truncated,
    })
    .where('id', '=', captureId)
    .execute();
  const earlier = await postsOf(trx, captureId);
  const kept = await keepReading(trx, {
    captureId,
    articleId,
    articleHost: article.host,
    runId,
    capturedAt: before.fetched_at,
    parser: reading.parser,
    embeds: reading.embeds,
    previous: null,
    isWhole: false,
    isCorrection: true,
  });
  await trx
    .updateTable('captures')
    .set({ embeds: kept.embeds })
    .where('id', '=', captureId)
    .execute();
  await rebuildPosts(trx, [...new Set([...earlier, ...(await postsOf(trx, captureId))])]);
  if (before.article?.title !== reading.article.title) await nameArticles(trx, [articleId]);
  const told = { ...kept.told, newPosts: before.new_posts, page: pageDigest(reading) };
  const detail = { from: before.parser, parser: reading.parser, ...told };
  return [{ kind: 'reparsed', articleId, runId, captureId, detail }];
}

const lockArticle = (trx: Trx, id: string) =>
  trx
    .selectFrom('articles')
    .select(['id', 'host', 'title', 'last_capture_id'])
    .where('id', '=', id)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();

/** The capture's tally, the run's end and what the article now is, in one statement: this is asked for every page. */
async function conclude(
  trx: Trx,
  deed: DeedOf<'finish'>,
  end: { captureId: string; kept: Tally; now: Date },
): Promise<void> {
  const { captureId, kept } = end;
  const now = end.now.toISOString();
  await sql`
    with tally as (
      update embedkeep.captures set embeds = ${kept.embeds}, new_posts = ${kept.newPosts}
      where id = ${captureId}
    ), ended as (
      update embedkeep.runs set state = 'done', failure = null, error_code = null,
        capture_id = ${captureId}, attempts = ${deed.attempts}, wait_reason = null,
        finished_at = ${now}::timestamptz
      where id = ${deed.runId}
    )
    update embedkeep.articles set title = coalesce(${deed.reading.article.title}, title),
      last_capture_id = ${captureId}, last_captured_at = ${now}::timestamptz
    where id = ${deed.articleId}`.execute(trx);
}

async function endRun(
  trx: Trx,
  end: {
    runId: string;
    attempts: number;
    state: 'failed';
    failure: Failure;
    captureId: string | null;
    now: Date;
  },
): Promise<void> {
  await trx
    .updateTable('runs')
    .set({
      state: end.state,
      failure: sql<Failure>`${toJson(end.failure)}::text::json`,
      error_code: end.failure.code,
      page_shape: shapeIn(end.failure),
      // A page that was to be read from what is kept stays where it is, and may be tried again.
      capture_id: end.captureId ?? sql<string | null>`replay_of`,
      attempts: end.attempts,
      wait_reason: null,
      finished_at: end.now.toISOString(),
    })
    .where('id', '=', end.runId)
    .execute();
}

const shapeIn = ({ detail }: Failure): string | null =>
  typeof detail['pageShape'] === 'string' ? detail['pageShape'] : null;

async function postsOf(trx: Trx, captureId: string): Promise<number[]> {
  const rows = await trx
    .selectFrom('sightings')
    .select('post_id')
    .distinct()
    .where('capture_id', '=', captureId)
    .execute();
  return rows.map((row) => row.post_id);
}
