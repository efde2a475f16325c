/** The capture that a whole chain of exchanges makes: the body decoded, cuts and failures named. */
import type { Capture, Exchange } from '../capture.ts';
import { contentEncodings, decodeBody } from '../content-encoding.ts';
import { type EmbedkeepError, toFailure } from '../errors.ts';
import { refuseOther } from './body-plan.ts';
import { contentTypeOf } from './content-type.ts';
import type { Head, Received } from './exchange.ts';
import type { FetchOptions } from './fetch-options.ts';
import { softFailure } from './soft-failure.ts';
import { statusError } from './status.ts';

export interface Arrived {
  readonly url: string;
  readonly hops: readonly Exchange[];
  readonly received: Received;
  readonly options: FetchOptions;
  readonly maxDecodedBytes: number;
}

export async function toCapture(arrived: Arrived): Promise<Capture> {
  const { url, hops, received, options } = arrived;
  const { exchange, cut } = received;
  const head: Head = { status: exchange.status, headers: exchange.responseHeaders };
  const encodings = contentEncodings(head.headers);
  const unchanged = head.status === 304 && options.validators ? options.validators.captureId : null;
  const decoded = await decodeBody(exchange.rawBody, encodings, {
    maxBytes: arrived.maxDecodedBytes,
  });
  const bad = cut ?? statusError(head, Date.now()) ?? decoded.error;
  if (!bad && encodings.length > 0 && !options.anyType) refuseOther(decoded.body, head);

  const { type, charset } = contentTypeOf(head.headers);
  const capture: Capture = {
    url: withoutCredentials(url),
    finalUrl: exchange.url,
    fetchedAt: new Date(Date.parse(exchange.startedAt) + exchange.timings.headers).toISOString(),
    reason: options.reason,
    hops,
    body: unchanged === null ? decoded.body : null,
    contentType: type,
    charset,
    truncated: cut ? truncationOf(cut) : null,
    robotsRule: options.robotsRule ?? '',
    revisitOf: unchanged,
  };
  if (unchanged !== null && !cut) return capture;
  const judged = !(options.anyType || cut || decoded.error);
  const soft = judged ? softFailure(capture, head) : null;
  const failure = soft ?? bad;
  return failure ? { ...capture, failure: toFailure(failure) } : capture;
}

/** They were never sent, and have no business in an archive. */
function withoutCredentials(url: string): string {
  const parsed = new URL(url);
  if (parsed.username === '' && parsed.password === '') return url;
  parsed.username = '';
  parsed.password = '';
  return parsed.href;
}

function truncationOf({ code }: EmbedkeepError): 'length' | 'time' | 'disconnect' {
  if (code === 'BODY_TOO_LARGE') return 'length';
  return code === 'TIMEOUT_IDLE' || code === 'TIMEOUT_TOTAL' ? 'time' : 'disconnect';
}
