/** What undici, the resolver, TLS and llhttp throw, as codes of our catalogue. Nothing gets through unnamed. */
import { EmbedkeepError, type ErrorCode } from '../errors.ts';

const LENGTH_MISMATCH = 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH';

const BY_CODE: Readonly<Record<string, ErrorCode>> = {
  ENOTFOUND: 'DNS_FAIL',
  EAI_AGAIN: 'DNS_FAIL',
  EAI_FAIL: 'DNS_FAIL',
  EAI_NODATA: 'DNS_FAIL',
  ENODATA: 'DNS_FAIL',
  ESERVFAIL: 'DNS_FAIL',
  UND_ERR_CONNECT_TIMEOUT: 'TIMEOUT_CONNECT',
  ETIMEDOUT: 'TIMEOUT_CONNECT',
  UND_ERR_HEADERS_TIMEOUT: 'TIMEOUT_HEADERS',
  UND_ERR_BODY_TIMEOUT: 'TIMEOUT_IDLE',
  UND_ERR_HEADERS_OVERFLOW: 'HTTP_PROTOCOL',
  // Before a head: two lengths, or one that is no number. In a body it is a cut.
  [LENGTH_MISMATCH]: 'HTTP_PROTOCOL',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'BODY_TOO_LARGE',
  ECONNREFUSED: 'CONNECT_FAIL',
  ECONNRESET: 'CONNECT_FAIL',
  ECONNABORTED: 'CONNECT_FAIL',
  EHOSTUNREACH: 'CONNECT_FAIL',
  ENETUNREACH: 'CONNECT_FAIL',
  EADDRNOTAVAIL: 'CONNECT_FAIL',
  EPIPE: 'CONNECT_FAIL',
  UND_ERR_SOCKET: 'CONNECT_FAIL',
  UND_ERR_DESTROYED: 'CONNECT_FAIL',
  UND_ERR_CLOSED: 'CONNECT_FAIL',
  EPROTO: 'TLS_FAIL',
};

const TLS =
  /^(ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|ERR_OSSL)/;
const LLHTTP = /^HPE_/;
/** undici's words for 100 Continue and 101 Switching Protocols that nobody asked for. */
const BAD_RESPONSE = /^bad (response|upgrade)$/;

/** Of this error or of the first cause that has a code we know. */
function codeOf(thrown: unknown): ErrorCode | null {
  let error = thrown;
  for (let depth = 0; error instanceof Error && depth < 5; depth += 1) {
    const known = knownCode(error);
    if (known) return known;
    error = error instanceof AggregateError ? error.errors[0] : error.cause;
  }
  return null;
}

function knownCode(error: Error): ErrorCode | null {
  const { code } = error as { code?: unknown };
  if (typeof code !== 'string') return null;
  if (TLS.test(code)) return 'TLS_FAIL';
  if (LLHTTP.test(code) || BAD_RESPONSE.test(error.message)) return 'HTTP_PROTOCOL';
  return BY_CODE[code] ?? null;
}

/** Before a response head arrived. undici asserts on a status of 099 and throws TypeErrors: those are bad HTTP too. */
export function toFetchError(thrown: unknown): EmbedkeepError {
  if (thrown instanceof EmbedkeepError) return thrown;
  const code = codeOf(thrown) ?? 'HTTP_PROTOCOL';
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new EmbedkeepError(code, message || undefined, { cause: thrown });
}

const CUT = new Set<ErrorCode>(['CONNECT_FAIL', 'TLS_FAIL']);

/** In the middle of a body a lost connection means a cut body. */
export function toBodyError(thrown: unknown): EmbedkeepError {
  const error = toFetchError(thrown);
  const isShort = (thrown as { code?: unknown } | null)?.code === LENGTH_MISMATCH;
  if (!(isShort || CUT.has(error.code))) return error;
  return new EmbedkeepError('TRUNCATED', error.message, { cause: thrown });
}
