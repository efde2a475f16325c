/** What is done with a body, by the head that announced it: kept, looked at first, or refused. */
import { contentEncodings } from '../content-encoding.ts';
import { EmbedkeepError } from '../errors.ts';
import { contentTypeOf, judgeType, looksBinary, looksLikeHtml } from './content-type.ts';
import type { BodyPlan, Head } from './exchange.ts';
import type { FetchOptions } from './fetch-options.ts';
import { isRedirect } from './redirect.ts';
import { statusError } from './status.ts';

/** A redirect's body is evidence when it comes at once, and not worth waiting for. */
const REDIRECT_BODY: BodyPlan = { keepAtMost: 65_536, patienceMs: 500 };

export function planBody(head: Head, { anyType }: FetchOptions): BodyPlan {
  if (isRedirect(head.status, head.headers)) return REDIRECT_BODY;
  if (anyType || statusError(head, 0)) return {};
  const { type } = contentTypeOf(head.headers);
  const verdict = judgeType(type);
  if (verdict === 'other') throw notHtml(type, head);
  // Compressed bytes tell nothing; those are looked at after decoding.
  if (contentEncodings(head.headers).length > 0) return {};
  return { onStart: (bytes) => refuseOther(bytes, head) };
}

/** @throws EmbedkeepError NOT_HTML */
export function refuseOther(firstBytes: Uint8Array, head: Head): void {
  const { type } = contentTypeOf(head.headers);
  const fine = judgeType(type) === 'html' ? !looksBinary(firstBytes) : looksLikeHtml(firstBytes);
  if (!fine) throw notHtml(type, head);
}

const notHtml = (type: string | null, { status }: Head): EmbedkeepError =>
  new EmbedkeepError('NOT_HTML', `The address leads to ${type ?? 'something without a type'}.`, {
    detail: { contentType: type, status },
  });
