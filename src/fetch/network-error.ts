/** What undici, the resolver, TLS and llhttp throw, as codes of our catalogue. Nothing gets through unnamed. */
import { EmbedkeepError, type ErrorCode } from '../errors.ts';

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
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'TRUNCATED',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'BODY_TOO_LARGE',
  ECONNREFUSED: 'CONNECT_FAIL',
  ECONNRESET: 'CONNECT_FAIL',
  ECONNABORTED: 'CONNECT_FAIL',
  EHOSTUNREACH: 'CONNECT_FAIL',
  ENETUNREACH: 'CONNECT_FAIL',
  EADDRNOTAVAIL: 'CONNECT_FAIL',
  EPIPE: 'CONNECT_FAIL',
  UND_ERR_SOCKET: 'CONNECT_FAIL',
  EPROTO: 'TLS_FAIL',
};

const TLS =
  /^(ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|ERR_OSSL)/;
const LLHTTP = /^HPE_/;

/** The `code` of this error or of the first cause that has one we know. */
function codeOf(thrown: unknown): ErrorCode | null {
  for (let error = thrown, depth = 0; error instanceof Error && depth < 5; depth += 1) {
    const { code } = error as { code?: unknown };
    if (typeof code === 'string') {
      if (TLS.test(code)) return 'TLS_FAIL';
      if (LLHTTP.test(code)) return 'HTTP_PROTOCOL';
      const known = BY_CODE[code];
      if (known) return known;
    }
    error = error instanceof AggregateError ? error.errors[0] : error.cause;
  }
  return null;
}

/** Before a response head arrived. undici asserts on a status of 099 and throws TypeErrors: those are bad HTTP too. */
export function toFetchError(thrown: unknown): EmbedkeepError {
  if (thrown instanceof EmbedkeepError) return thrown;
  const code = codeOf(thrown) ?? 'HTTP_PROTOCOL';
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new EmbedkeepError(code, message || undefined, { cause: thrown });
}

/** In the middle of a body a lost connection means a cut body. */
export function toBodyError(thrown: unknown): EmbedkeepError {
  const error = toFetchError(thrown);
  if (error.code !== 'CONNECT_FAIL' && error.code !== 'TLS_FAIL') return error;
  return new EmbedkeepError('TRUNCATED', error.message, { cause: thrown });
}
