/** One job of the article queue: the story runs, and what the ledger now says becomes the job's fate. */
import { DelayedError, type Job, UnrecoverableError } from 'bullmq';
import { z } from 'zod';
import { errors, type Failure } from '../errors.ts';
import type { Outcome } from '../ingest.ts';
import type { Holder, Ledger, Run } from '../ledger.ts';
import type { Reader } from '../reader.ts';
import { leaveToNewer } from './later-version.ts';
import type { Log } from './log.ts';
import { type Outbox, withoutSecrets } from './outbox.ts';
import { waitMs } from './settings.ts';

export interface ArticleDesk {
  /** `ingest` with its story. */
  readonly work: (runId: string, by: Holder) => Promise<Outcome>;
  /** What a try may take, with all that belongs to it; after that another job takes its run over. */
  readonly longestTryMs: number;
  readonly ledger: Pick<Ledger, 'retry'>;
  readonly reader: Pick<Reader, 'run'>;
  readonly outbox: Pick<Outbox, 'put'>;
  readonly log: Log;
  readonly now: () => Date;
  readonly random: () => number;
}

const jobSchema = z.object({ runId: z.string().min(1), url: z.string().optional() });

interface Turn {
  readonly job: Job;
  readonly token: string | undefined;
  readonly runId: string;
}

export function articleHandler(desk: ArticleDesk) {
  return async (job: Job, token?: string): Promise<unknown> => {
    await leaveToNewer(job, token, desk.log);
    const parsed = jobSchema.safeParse(job.data);
    // A payload emptied by an evicting Redis must not pass as done.
    if (!parsed.success) throw new UnrecoverableError('PAYLOAD_INVALID: the job names no run');
    const turn = { job, token, runId: parsed.data.runId };
    const started = performance.now();
    const by = { job: job.id ?? '', longestTryMs: desk.longestTryMs };
    const outcome = await desk
      .work(turn.runId, by)
      .catch((err: unknown) => storeAway(err, turn, desk));
    const fields = {
      job: job.id,
      runId: turn.runId,
      url: withoutSecrets(parsed.data.url ?? ''),
      ms: Math.round(performance.now() - started),
    };
    return settle(outcome, { ...turn, fields }, desk);
  };
}

type Settling = Turn & { readonly fields: object };

function settle(outcome: Outcome, turn: Settling, desk: ArticleDesk): unknown {
  switch (outcome.kind) {
    case 'done': {
      const { kind: _kind, ...counts } = outcome;
      desk.log.info({ ...turn.fields, ...counts }, 'done');
      return counts;
    }
    case 'later': {
      const fields = { ...turn.fields, until: outcome.until, reason: outcome.reason };
      // A polite wait is the ordinary course of things, a failure to be repeated is an outcome.
      if (outcome.reason in errors) desk.log.info(fields, 'will be tried again');
      else desk.log.debug(fields, 'waits');
      return outcome.waitsIn === 'ledger'
        ? park(turn, outcome.until)
        : delay(turn, outcome.until, desk);
    }
    case 'failed':
      desk.log.warn({ ...turn.fields, code: outcome.failure.code }, 'failed');
      throw new UnrecoverableError(reasonOf(outcome.failure));
    case 'settled':
      return settled(turn, desk);
  }
}

/** The claim was refused: the ledger knows why, and the ledger wins. */
async function settled(turn: Settling, desk: ArticleDesk): Promise<unknown> {
  const run = await desk.reader.run(turn.runId);
  if (!run) {
    desk.log.error(turn.fields, 'job of a run that the ledger does not know');
    throw new UnrecoverableError('PAYLOAD_INVALID: the ledger does not know this run');
  }
  if (run.state === 'waiting' || run.state === 'accepted' || run.state === 'running') {
    // Past its time and refused all the same: it waits without a job, and the feeder has not been there yet. Or another
    // job has it: by then that one has told how it ended, or this one takes over.
    const now = desk.now().getTime();
    const least = run.state === 'running' ? desk.longestTryMs : 1000;
    const isLater = run.nextAt !== null && Date.parse(run.nextAt) > now;
    const until = new Date(isLater ? (run.nextAt ?? 0) : now + least);
    desk.log.info({ ...turn.fields, state: run.state, until }, 'not its turn yet');
    return delay(turn, until, desk);
  }
  if (run.state === 'failed') return failedBefore(run, turn, desk);
  desk.log.info({ ...turn.fields, state: run.state }, 'settled before');
  return { state: run.state };
}

/**
 * A failed run's job runs again for one of two reasons. Its worker died between the ledger's word and the queue's:
 * then the job has never failed, and it fails now. Or somebody pressed "retry" on the dashboard: then it has failed
 * before, and the order goes through the ledger like any other, as a new run.
 */
async function failedBefore(run: Run, turn: Settling, desk: ArticleDesk): Promise<unknown> {
  if (turn.job.attemptsMade === 0) {
    throw new UnrecoverableError(run.failure ? reasonOf(run.failure) : 'failed');
  }
  const runs = await desk.ledger.retry({ runId: run.id });
  await desk.outbox.put(runs);
  desk.log.info({ ...turn.fields, runs: runs.map((r) => r.id) }, 'retried by hand');
  return { retriedAs: runs.map((r) => r.id) };
}

const STORE_AWAY_MS = 5000;

/**
 * Not the page but the store failed, so the ledger could not be told. The job waits a little; the claim's successor
 * will find the run as it is.
 */
function storeAway(err: unknown, turn: Turn, desk: ArticleDesk): Promise<never> {
  desk.log.error({ err, job: turn.job.id, runId: turn.runId }, 'run interrupted by the store');
  const wait = STORE_AWAY_MS * (1 + desk.random());
  return delay(turn, new Date(desk.now().getTime() + wait), desk);
}

/** The ledger alone keeps the wait: the job is done, and nothing of it stays that a later one could be taken for. */
function park({ job }: Turn, until: Date): unknown {
  job.opts.removeOnComplete = true;
  return { until };
}

/** Back to the queue without burning an attempt or holding a slot. */
async function delay({ job, token }: Turn, until: Date, desk: ArticleDesk): Promise<never> {
  await job.moveToDelayed(Date.now() + waitMs(until, desk.now()), token);
  throw new DelayedError();
}

// Nothing of the page: a NUL or half a surrogate in it, and Postgres could not even fail the job.
const reasonOf = (failure: Failure): string => `${failure.code}: ${failure.message}`.slice(0, 2000);
