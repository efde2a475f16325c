/** How the queue is set, and why: each value answers a failure that was measured, not a taste. */
import type { JobsOptions, WorkerOptions } from 'bullmq';

/** What a process may shorten by configuration; the crash tests do. */
export interface Pace {
  /** How long a job belongs to a worker that does not answer. */
  readonly lockMs: number;
  /** How often abandoned jobs are looked for. */
  readonly stalledMs: number;
}

/**
 * 120 s / 15 s: with BullMQ's 30 s lock, a server away for 40 s (or a process frozen for 30 s) ran every job in
 * flight twice; with these none. The price is up to lock + 2 stalled checks until a dead worker's jobs move again
 * where it has no successor that knows it is dead (the embedded queue has: see release.ts).
 */
export const DEFAULT_PACE: Pace = { lockMs: 120_000, stalledMs: 15_000 };

export const workerSettings = (pace: Pace): Omit<WorkerOptions, 'connection'> => ({
  lockDuration: pace.lockMs,
  // Eight renewals a lock: one lost connection must not cost it.
  lockRenewTime: Math.max(100, Math.floor(pace.lockMs / 8)),
  stalledInterval: pace.stalledMs,
  // The ledger counts attempts, and they survive SIGKILL; deploys must not fail a job behind its back. So BullMQ
  // never gives up by itself within reason.
  maxStalledCount: 1000,
  // 15 s by default: after a 5 s outage the first job came 10 s later; with 1 s, at once.
  runRetryDelay: 1000,
  // Seconds an idle worker blocks before it looks again: a lost notification costs a second.
  drainDelay: 1,
});

/**
 * Finished jobs stay for whoever reads the dashboard; the record is the ledger's. A kept id swallows a re-added job
 * without a word, which is why the reconciler looks at the state before it adds.
 */
export const jobSettings: JobsOptions = {
  // Tries are counted in the ledger: a job waits again (delayed), or it is over.
  attempts: 1,
  removeOnComplete: { age: 24 * 3600, count: 10_000 },
  removeOnFail: { age: 30 * 24 * 3600, count: 100_000 },
};

/** Milliseconds a producer waits for an answer of the queue before it says that the queue is away. */
export const ADD_TIMEOUT_MS = 3000;

const MIN_WAIT_MS = 20;
const MAX_WAIT_MS = 90 * 24 * 3600 * 1000;
const SENSELESS_WAIT_MS = 60_000;

/**
 * Milliseconds to wait until `until`. Never NaN, negative or endless: `moveToDelayed(NaN)` ran a job 28,000 times in
 * 5 s, and 1e14 parks it for 3,100 years.
 */
export function waitMs(until: Date, now: Date): number {
  const wait = until.getTime() - now.getTime();
  if (!Number.isFinite(wait)) return SENSELESS_WAIT_MS;
  return Math.min(MAX_WAIT_MS, Math.max(MIN_WAIT_MS, Math.ceil(wait)));
}

/** Reconnect after 250 ms, 500 ms, … 5 s: BullMQ's own strategy backs off to 20 s, an outage longer than needed. */
export const reconnectMs = (tries: number): number =>
  Math.min(250 * 2 ** Math.min(tries, 10), 5000);
