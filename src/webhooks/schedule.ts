/** When a delivery is tried again, and how long an endpoint is left alone. Pure. */

/**
 * After the first attempt, which is at once, in multiples of the base (5 s): 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h,
 * 24 h: the schedule that Standard Webhooks recommends.
 */
const STEPS = [1, 60, 360, 1440, 3600, 7200, 10_080, 14_400, 17_280];
export const MOST_ATTEMPTS = STEPS.length + 1;
const JITTER = 0.2;

export interface RetryRules {
  readonly baseMs: number;
  /** In [0, 1): deliveries that failed together are not tried together. */
  readonly random: () => number;
  readonly now: () => Date;
}

/** Null where all attempts are spent. `askedMs`: the Retry-After, where it is longer. */
export function nextAttempt(
  attempts: number,
  askedMs: number | null,
  { baseMs, random, now }: RetryRules,
): Date | null {
  const step = STEPS[Math.max(attempts, 1) - 1];
  if (step === undefined) return null;
  const own = baseMs * step * (1 - JITTER + 2 * JITTER * random());
  return new Date(now().getTime() + Math.round(Math.max(own, askedMs ?? 0)));
}

const PATIENT = 5;
const MOST_DOUBLINGS = 6;

/**
 * An endpoint that failed five times in a row is asked with one delivery at a time, ever more seldom, up to every 64 bases
 * (5 min): a dead one must not cost fifteen seconds for each of a hundred thousand deliveries.
 */
export function pauseAfter(
  failuresInARow: number,
  askedMs: number | null,
  { baseMs, now }: Pick<RetryRules, 'baseMs' | 'now'>,
): Date | null {
  const doublings = Math.min(failuresInARow - PATIENT, MOST_DOUBLINGS);
  const own = doublings < 0 ? 0 : baseMs * 2 ** doublings;
  const wait = Math.max(own, askedMs ?? 0);
  return wait === 0 ? null : new Date(now().getTime() + wait);
}
