/** What a status that is not a page means for a run. */
import type { HeaderLines } from '../capture.ts';
import { EmbedkeepError, type ErrorCode } from '../errors.ts';
import { retryAfterMs } from './retry-after.ts';

const CODES: Readonly<Record<number, ErrorCode>> = {
  401: 'ACCESS_DENIED',
  403: 'ACCESS_DENIED',
  407: 'ACCESS_DENIED',
  451: 'ACCESS_DENIED',
  404: 'GONE',
  410: 'GONE',
  429: 'RATE_LIMITED',
  503: 'RATE_LIMITED',
};

/** Null for 200 and its kin that carry a page. */
export function statusError(
  { status, headers }: { readonly status: number; readonly headers: HeaderLines },
  now: number,
): EmbedkeepError | null {
  if (status === 200 || status === 201 || status === 202 || status === 203) return null;
  const code =
    CODES[status] ?? (status >= 500 && status <= 599 ? 'HTTP_SERVER_ERROR' : 'HTTP_STATUS');
  const wait = retryAfterMs(headers, now);
  return new EmbedkeepError(code, `The host answered ${status}.`, {
    detail: { status, ...(wait !== null && { retryAfterMs: wait }) },
  });
}
