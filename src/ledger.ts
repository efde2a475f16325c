/**
 * What the store promises to the rest: the ledger of runs and the keeping of captures; what it answers is in reader.ts.
 * Types only; `src/store` implements them on PGlite and Postgres alike.
 */
import type { Order } from './article-job.ts';
import type { Capture, CaptureReason, StoredBody, Validators } from './capture.ts';
import type { Extraction } from './embed.ts';
import type { ErrorCode, Failure, ReplaySource } from './errors.ts';

/**
 * accepted: waits for a worker · running: claimed · waiting: until `nextAt`, for the reason given ·
 * done, failed (dead letter), dropped: final.
 */
export type RunState = 'accepted' | 'running' | 'waiting' | 'done' | 'failed' | 'dropped';

export interface Run {
  readonly id: string;
  readonly articleId: string;
  readonly url: string;
  readonly state: RunState;
  readonly reason: CaptureReason;
  readonly priority: number;
  /** Whose order it is: callers get fair shares of the work. */
  readonly caller: string;
  readonly tags: readonly string[];
  readonly references: readonly string[];
  /** Tries that could have succeeded; politeness waits are counted apart. Both are durable. */
  readonly attempts: number;
  readonly waits: number;
  readonly nextAt: string | null;
  readonly waitReason: string | null;
  readonly failure: Failure | null;
  readonly captureId: string | null;
  /** Capture whose kept page this run reads, instead of fetching. */
  readonly replayOf: string | null;
  readonly acceptedAt: string;
  readonly finishedAt: string | null;
}

/** A run taken by one worker. Every write names the token; a stale one is refused with LOCK_LOST. */
export interface Claim {
  readonly run: Run;
  readonly token: string;
  readonly validators: Validators | null;
  /** Of the attempts before this one, those that never said how they ended: the process died. Default 0. */
  readonly deaths?: number;
}

/** For whom a run is claimed. */
export interface Holder {
  /** The queue's name of the job. */
  readonly job: string;
  /** No try that another job began takes longer. */
  readonly longestTryMs: number;
}

export interface Answer {
  readonly index: number;
  /** As given. */
  readonly url: string;
  readonly status: 'accepted' | 'known' | 'refused';
  readonly articleId: string | null;
  readonly runId: string | null;
  readonly reason?: { readonly code: ErrorCode; readonly message: string };
}

/** What intake hands over: an order with its normalised URL, or why there is none. */
export type Checked =
  | { readonly order: Order; readonly url: string; readonly articleId: string }
  | {
      readonly order: { readonly url: string };
      readonly refused: { readonly code: ErrorCode; readonly message: string };
    };

export interface Ledger {
  /** Commits one row an order; answers in input order. Nothing is accepted before this resolves. */
  accept(orders: readonly Checked[]): Promise<Answer[]>;
  /**
   * Runs without a final state that ought to be worked on: accepted or waiting and due, or running since before
   * `runningBefore`. Longest due first; `after` is the last run of the page before, so that a sweep passes a backlog
   * of a million without seeing its head again.
   */
  due(q: { now: Date; limit: number; runningBefore: Date; after?: string }): Promise<Run[]>;
  /**
   * Hands rows of the backlog over to the queue, until `window` of each urgency are ready there; the caller adds the jobs.
   * The most urgent first, one in ten of another kind; in turn over the callers, and over the hosts of each.
   */
  offer(window: number): Promise<Offered>;
  /** Runs without a final state, counted up to `most`. */
  open(most: number): Promise<number>;
  /**
   * Takes the run: one more attempt, a new token. Null where it is final, unknown, or waits until after `now`; or runs
   * for another job that may be alive. A running one is taken over by the job that has it already, for the queue hands
   * a job out again only when its former holder's lock ran out; by any other where it has been running for longer than
   * a try may take; and at once by who names no job. The former holder's late writes are refused by the token.
   */
  claim(runId: string, now: Date, by?: Holder): Promise<Claim | null>;
  /** Politeness: the attempt is given back, a wait is counted. */
  postpone(claim: Claim, until: Date, reason: string): Promise<WaitsIn>;
  /** The attempt is spent; try again at `until`. */
  retryLater(claim: Claim, until: Date, failure: Failure): Promise<WaitsIn>;
  /** Dead letter. A capture that was already kept (parse failure, soft failure) stays attached. */
  fail(claim: Claim, failure: Failure, kept?: Kept): Promise<void>;
  /** One transaction: capture, posts, sightings, versions, events, and the run is done. Idempotent by run id. */
  finish(claim: Claim, kept: Kept, extraction: Extraction): Promise<FinishedCounts>;
  /** By hand: failed runs (dropped ones only by id) go back with a new run; answers the new runs. */
  retry(filter: RetryFilter): Promise<Run[]>;
  /** By hand: failed runs are given up and no longer listed as dead; answers them. Nothing kept is touched. */
  drop(filter: RetryFilter): Promise<Run[]>;
}

/**
 * Where a run waits: with its job, which is delayed until then; or as a row alone, which goes back to the backlog then and
 * gets a job in its turn.
 */
export type WaitsIn = 'queue' | 'ledger';

/** A run that is to get its job, with the job's priority. */
export interface OfferedRun extends Pick<Run, 'id' | 'url' | 'priority'> {
  /** It had a job before, of which something may be left in the queue. */
  readonly again: boolean;
}
export interface Offered {
  readonly runs: readonly OfferedRun[];
  /** More is in the backlog than the window holds. */
  readonly left: boolean;
}

/** A capture whose bytes are durable. */
export interface Kept {
  readonly capture: Capture;
  readonly stored: StoredBody;
}

export interface FinishedCounts {
  readonly captureId: string;
  readonly embeds: number;
  readonly newPosts: number;
  /** Captures whose bytes have to go: they show a post that was taken down. */
  readonly withheld?: readonly string[];
}

export interface RetryFilter {
  readonly articleId?: string;
  readonly runId?: string;
  readonly host?: string;
  readonly code?: ErrorCode;
  readonly shape?: string;
  /** Failed at or after, and before: RFC 3339. */
  readonly since?: string;
  readonly until?: string;
  readonly limit?: number;
  /** For retries. Default: as the error code says, from the network where no page is kept. */
  readonly from?: ReplaySource;
}

/** The bytes. A write resolves only when they are durable (fsync, or a verified put). */
export interface Archive {
  write(capture: Capture): Promise<StoredBody>;
  /** The decoded body, checked against its digest; EVIDENCE_DAMAGED where it does not match. */
  read(stored: StoredBody): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Answers of the API's `Idempotency-Key`, held for 24 h. */
export interface IdempotencyKeys {
  get(key: string): Promise<{ requestHash: string; status: number; body: string } | null>;
  put(key: string, value: { requestHash: string; status: number; body: string }): Promise<void>;
}
