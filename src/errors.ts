/**
 * Everything that can go wrong, in one catalogue. A code is forever: pipelines match on it.
 * `retry` says whether trying again by itself can help; `advice` says what a person can do.
 */
interface Entry {
  readonly retry: boolean;
  readonly advice: string;
  /** HTTP status where the API answers with it. */
  readonly http?: number;
}

const transient = (advice: string, http?: number): Entry => ({
  retry: true,
  advice,
  ...(http && { http }),
});
const permanent = (advice: string, http?: number): Entry => ({
  retry: false,
  advice,
  ...(http && { http }),
});

export const errors = {
  // input
  URL_INVALID: permanent('Give an absolute http or https URL of at most 2,083 characters.', 422),
  URL_BLOCKED: permanent(
    'The address is private or its port is not 80 or 443; name it in ALLOW_PRIVATE_HOSTS if it is yours.',
    422,
  ),
  PAYLOAD_INVALID: permanent('Compare the job or body with the documented schema.', 422),
  BODY_TOO_LARGE_REQUEST: permanent('Send at most 10,000 URLs and 16 MiB a call.', 413),
  UNSUPPORTED_MEDIA_TYPE: permanent(
    'Send application/json, application/x-ndjson or text/plain.',
    415,
  ),
  IDEMPOTENCY_MISMATCH: permanent(
    'This Idempotency-Key was used with another body in the last 24 h; use a new key.',
    409,
  ),
  UNAUTHORIZED: permanent(
    'Send a token of API_TOKENS as Bearer, or as password of HTTP Basic.',
    401,
  ),
  FORBIDDEN: permanent(
    'The request came from another site, or names a Host not allowed here.',
    403,
  ),
  PLAN_INVALID: permanent(
    'Write it as in `every 1h for a day, then daily for a month`; the message names the character.',
    422,
  ),
  FILE_UNREADABLE: permanent('Name a file that is there and may be read.'),
  NOT_FOUND: permanent('Nothing is kept under this id.', 404),
  CONFLICT: permanent('The thing is not in a state that allows this.', 409),
  RATE_LIMITED_INTAKE: transient('Wait for Retry-After and send again.', 429),
  INTAKE_PAUSED: transient(
    'Disk, queue memory or backlog are near their limit; wait for Retry-After and send again.',
    503,
  ),
  // network
  DNS_FAIL: transient('The name does not resolve now; check the spelling of the host.'),
  CONNECT_FAIL: transient('The host refused or dropped the connection.'),
  PROXY_FAIL: transient('The proxy of FETCH_PROXY refuses or drops the connection; check it.'),
  TLS_FAIL: permanent('The certificate or TLS version of the host is not acceptable.'),
  HTTP_PROTOCOL: transient('The host answered with something that is not valid HTTP/1.1.'),
  TIMEOUT_CONNECT: transient('The host did not accept a connection in time.'),
  TIMEOUT_HEADERS: transient('The host sent no complete response header in time.'),
  TIMEOUT_IDLE: transient('The host stopped sending in the middle of the body.'),
  TIMEOUT_TOTAL: transient('The page did not arrive within the total deadline.'),
  TRUNCATED: transient('The body ended before its declared end.'),
  REDIRECT_LIMIT: permanent('More redirects than allowed.'),
  REDIRECT_LOOP: permanent('The redirects lead in a circle.'),
  REDIRECT_BLOCKED: permanent('A redirect leads to an address that must not be asked.'),
  HTTP_STATUS: permanent('The host answered with an error status; see its number.'),
  HTTP_SERVER_ERROR: transient('The host answered with a 5xx status.'),
  GONE: permanent('The page is not there (404 or 410).'),
  ACCESS_DENIED: permanent('The host refuses this page (401, 403 or 451).'),
  RATE_LIMITED: transient('The host asks for a slower pace (429 or 503); it is honoured.'),
  HOST_DOWN: transient('The host failed repeatedly and is left alone for a while.'),
  ROBOTS_DISALLOWED: permanent('robots.txt of the host forbids this page.'),
  ROBOTS_UNREACHABLE: transient('robots.txt could not be read, so the page may not be asked yet.'),
  // content
  BODY_TOO_LARGE: permanent('The page is larger than MAX_BODY_BYTES.'),
  DECODED_TOO_LARGE: permanent('The page inflates beyond the limit; what arrived is kept.'),
  DECODE_FAIL: permanent('The Content-Encoding could not be undone; the raw bytes are kept.'),
  NOT_HTML: permanent('The address does not lead to an HTML page.'),
  LOGIN_WALL: permanent('The host shows a login page instead of the article.'),
  CONSENT_WALL: transient('The host shows a consent page instead of the article.'),
  BOT_CHALLENGE: transient('The host shows a bot challenge instead of the article.'),
  EMPTY_SHELL: permanent('The page holds only scripts; a browser pass would be needed.'),
  SOFT_404: permanent('The host says "not found" with status 200.'),
  // parsing
  HTML_LIMIT: permanent('The markup exceeds the parser limits; the bytes are kept.'),
  PARSE_TIMEOUT: permanent('Parsing took too long; the bytes are kept for a newer parser.'),
  PARSE_OOM: permanent('Parsing needed too much memory; the bytes are kept for a newer parser.'),
  // own parts
  STORE_FULL: transient('Free space on the data disk; nothing accepted is lost.', 507),
  STORE_UNAVAILABLE: transient(
    'The store cannot be reached; check DATABASE_URL and BLOB_URL.',
    503,
  ),
  SERVER_UNREACHABLE: transient(
    'No embedkeep answers there; start one with `embedkeep serve`.',
    503,
  ),
  QUEUE_UNAVAILABLE: transient('The queue cannot be reached; check REDIS_URL.', 503),
  SCHEMA_NEWER: permanent('The store was written by a newer embedkeep; run that version.'),
  DATA_DIR_LOCKED: permanent(
    'Another process owns the data directory; stop it or talk to it.',
    409,
  ),
  CONFIG_INVALID: permanent('Correct the named settings.'),
  EVIDENCE_DAMAGED: permanent(
    'Stored bytes do not match their digest; restore them from a backup.',
    500,
  ),
  IMPORT_REFUSED: permanent(
    'The file is damaged, was tampered with, or is no export; nothing was taken. `embedkeep verify` says where.',
    422,
  ),
  LEGAL_HOLD: permanent('A legal hold protects this; lift it first.', 409),
  LOCK_LOST: transient('Another worker has taken over this run; its result counts.'),
  HANDED_BACK: transient('The worker was stopped in this run; it went back without losing a try.'),
  REDIS_UNSAFE: permanent(
    'The Redis may lose jobs; change the named line, or set ALLOW_UNSAFE_REDIS.',
  ),
  WORKER_DIED: transient('The worker process died in this run.'),
  INTERNAL: transient('A defect in embedkeep; please report it with the log line.', 500),
} as const satisfies Record<string, Entry>;

export type ErrorCode = keyof typeof errors;

/** Where a retry by hand begins: with the bytes that are kept, or at the host. */
export type ReplaySource = 'bytes' | 'network';

/** The page had arrived, and reading it failed: asking for it again could only bring another page. */
const READING_FAILED: ReadonlySet<string> = new Set([
  'HTML_LIMIT',
  'PARSE_TIMEOUT',
  'PARSE_OOM',
  'WORKER_DIED',
  'INTERNAL',
] satisfies ErrorCode[]);

export const replaySource = (code: string): ReplaySource =>
  READING_FAILED.has(code) ? 'bytes' : 'network';

/** The one error class that crosses module borders. */
export class EmbedkeepError extends Error {
  override readonly name = 'EmbedkeepError';
  readonly code: ErrorCode;
  /** Machine-readable facts: status, limit, host, … Never page content. */
  readonly detail: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    message: string = errors[code].advice,
    options: { cause?: unknown; detail?: Record<string, unknown> } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : {});
    this.code = code;
    this.detail = options.detail ?? {};
  }

  get retry(): boolean {
    return errors[this.code].retry;
  }
}

/** What is written down about a failure: at most 2 KB, well-formed, without NUL (HOSTILE R4, R6). */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retry: boolean;
  readonly detail: Readonly<Record<string, unknown>>;
}

const MAX_MESSAGE = 2000;

/** Turns anything thrown (also `undefined`, strings, circular objects) into a Failure; never throws. */
export function toFailure(thrown: unknown): Failure {
  if (thrown instanceof EmbedkeepError) {
    return {
      code: thrown.code,
      message: clean(thrown.message),
      retry: thrown.retry,
      detail: thrown.detail,
    };
  }
  const message =
    thrown instanceof Error
      ? thrown.message
      : String(typeof thrown === 'object' ? 'thrown object' : thrown);
  return { code: 'INTERNAL', message: clean(message), retry: true, detail: {} };
}

const clean = (text: string): string =>
  text.slice(0, MAX_MESSAGE).toWellFormed().replaceAll('\0', '');
