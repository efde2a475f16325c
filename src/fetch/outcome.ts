/** What an answer says about its host's pace. */
import type { ErrorCode, Failure } from '../errors.ts';
import type { GiveOrder } from './pace/host-state.ts';

const THROTTLED = new Set<ErrorCode>(['RATE_LIMITED', 'BOT_CHALLENGE']);
/** Not among them: a name or certificate that is wrong says nothing about the registrable domain's other hosts. */
const DOWN = new Set<ErrorCode>([
  'CONNECT_FAIL',
  'HTTP_PROTOCOL',
  'HTTP_SERVER_ERROR',
  'TIMEOUT_CONNECT',
  'TIMEOUT_HEADERS',
  'TIMEOUT_IDLE',
  'TIMEOUT_TOTAL',
  'TRUNCATED',
]);

export function outcomeOf(
  status: number | null,
  failure: Failure | null,
): Pick<GiveOrder, 'outcome' | 'retryAfterMs'> {
  if (failure && THROTTLED.has(failure.code)) {
    const wait = failure.detail['retryAfterMs'];
    return { outcome: 'throttled', retryAfterMs: typeof wait === 'number' ? wait : null };
  }
  if (failure && DOWN.has(failure.code)) return { outcome: 'down', retryAfterMs: null };
  return { outcome: status === null ? 'neutral' : 'ok', retryAfterMs: null };
}
