/** When to try again after a failure that may pass. */
import type { Failure } from '../errors.ts';

export interface BackoffRules {
  readonly baseMs: number;
  readonly maxAttempts: number;
}

/** In multiples of the base (10 s): 10 s, 30 s, 2 min, 10 min, 30 min, 2 h, 6 h; then 6 h for good. */
const STEPS = [1, 3, 12, 60, 180, 720, 2160];
const JITTER = 0.2;
const MAX_RETRY_AFTER_MS = 24 * 3600 * 1000;

/** `null` where all tries are spent. `random` is in [0, 1): hosts that failed together are not asked again together. */
export function createBackoff(rules: BackoffRules, random: () => number, now: () => Date) {
  return (failure: Failure, attempts: number, deaths = 0): Date | null => {
    if (attempts >= rules.maxAttempts) return null;
    // Fourteen kills and then one slow answer must not mean a wait of hours.
    const failures = Math.max(attempts - deaths, 1);
    const step = STEPS[Math.min(failures, STEPS.length) - 1] ?? 1;
    const own = rules.baseMs * step * (1 - JITTER + 2 * JITTER * random());
    return new Date(now().getTime() + Math.round(Math.max(own, asked(failure))));
  };
}

/** What the host asked for (Retry-After, in ms); 0 where it said nothing sensible. */
function asked(failure: Failure): number {
  const ms = Number(failure.detail['retryAfterMs'] ?? 0);
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS) : 0;
}
