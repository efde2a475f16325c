/** The Retry-After header in milliseconds from now: both forms, clamped; null where it says nothing usable. */
import type { HeaderLines } from '../capture.ts';

/** Less is not worth a wait; more would park a host for longer than a newsroom can mean. */
export const MIN_RETRY_AFTER_MS = 1000;
export const MAX_RETRY_AFTER_MS = 24 * 3_600_000;

const SECONDS = /^\d+(?:\.\d+)?$/;
/** IMF-fixdate, RFC 850 and asctime all begin with a day name; other strings `Date.parse` likes are refused. */
const HTTP_DATE = /^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s/i;
const ZONED = /(?:GMT|UTC|[+-]\d{4})$/i;

/** Of several header lines the longest wait counts. */
export function retryAfterMs(headers: HeaderLines, now: number): number | null {
  const waits = headers
    .filter(([name]) => name.toLowerCase() === 'retry-after')
    .map(([, value]) => parseOne(value.trim(), now))
    .filter((ms) => ms !== null);
  return waits.length === 0 ? null : Math.max(...waits);
}

function parseOne(value: string, now: number): number | null {
  if (SECONDS.test(value)) return clamp(Number(value) * 1000);
  if (!HTTP_DATE.test(value)) return null;
  // asctime has no zone and means GMT.
  const at = Date.parse(ZONED.test(value) ? value : `${value} GMT`);
  return Number.isNaN(at) ? null : clamp(at - now);
}

const clamp = (ms: number): number =>
  Math.min(Math.max(ms, MIN_RETRY_AFTER_MS), MAX_RETRY_AFTER_MS);
