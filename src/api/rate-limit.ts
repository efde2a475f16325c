/** How many URLs a caller may order: a bucket each, refilled evenly. In this process; several each have their own. */

export interface Taken {
  readonly allowed: boolean;
  /** For the headers RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset (URLs, URLs, seconds until it is full again). */
  readonly limit: number;
  readonly remaining: number;
  readonly resetSeconds: number;
  /** When as many would be allowed. */
  readonly retryAfterSeconds: number;
}

interface Bucket {
  level: number;
  at: number;
}

/** More callers than this are forgotten, the longest silent first: theirs are full again by then. */
const MOST_CALLERS = 10_000;
const MINUTE_MS = 60_000;

/**
 * `perMinute` URLs, a minute's worth at once. A single call larger than that is allowed on a full bucket, which it empties
 * below zero: it could never be sent otherwise, and the next has to wait longer for it.
 */
export function createRateLimit(perMinute: number, now: () => number = () => performance.now()) {
  const buckets = new Map<string, Bucket>();

  function levelOf(caller: string): Bucket {
    const at = now();
    const before = buckets.get(caller);
    buckets.delete(caller);
    const level = before
      ? Math.min(perMinute, before.level + ((at - before.at) * perMinute) / MINUTE_MS)
      : perMinute;
    const bucket = { level, at };
    buckets.set(caller, bucket);
    if (buckets.size > MOST_CALLERS) {
      const [oldest] = buckets.keys();
      if (oldest !== undefined) buckets.delete(oldest);
    }
    return bucket;
  }

  const secondsTo = (missing: number): number => Math.ceil((Math.max(0, missing) * 60) / perMinute);

  return (caller: string, urls: number): Taken => {
    const bucket = levelOf(caller);
    const needed = Math.min(urls, perMinute);
    const allowed = bucket.level >= needed;
    const retryAfterSeconds = allowed ? 0 : Math.max(1, secondsTo(needed - bucket.level));
    if (allowed) bucket.level -= urls;
    return {
      allowed,
      limit: perMinute,
      remaining: Math.max(0, Math.floor(bucket.level)),
      resetSeconds: secondsTo(perMinute - bucket.level),
      retryAfterSeconds,
    };
  };
}
export type RateLimit = ReturnType<typeof createRateLimit>;
