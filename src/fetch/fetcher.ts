/** Fetches one page: follows redirects, each of them guarded, within one deadline; and says what came, exactly. */

import type { Capture, CaptureReason, Exchange, HeaderLines, Validators } from '../capture.ts';
import { contentEncodings, decodeBody } from '../content-encoding.ts';
import { EmbedkeepError, type ErrorCode, toFailure } from '../errors.ts';
import { type AllowList, parseAllowList } from './allow-list.ts';
import { type Connections, type Lane, openConnections } from './connections.ts';
import type { Resolve } from './connector.ts';
import { contentTypeOf, judgeType, looksBinary, looksLikeHtml } from './content-type.ts';
import { type BodyPlan, type Head, type Received, runExchange } from './exchange.ts';
import { checkUrl, type Target } from './guard.ts';
import { isRedirect, nextUrl } from './redirect.ts';
import { softFailure } from './soft-failure.ts';
import { statusError } from './status.ts';

export interface FetcherOptions {
  readonly userAgent: string;
  /** ALLOW_PRIVATE_HOSTS. */
  readonly allowPrivate?: readonly string[];
  /** Over all redirects. */
  readonly timeoutMs?: number;
  readonly connectTimeoutMs?: number;
  readonly headersTimeoutMs?: number;
  readonly idleTimeoutMs?: number;
  readonly maxBodyBytes?: number;
  readonly maxDecodedBytes?: number;
  readonly maxRedirects?: number;
  readonly proxy?: string | undefined;
  readonly resolve?: Resolve;
  /** Further certificate authorities (PEM). */
  readonly ca?: string;
}

export interface FetchOptions {
  readonly reason: CaptureReason;
  readonly validators?: Validators | null;
  readonly signal?: AbortSignal;
  /** What the capture says about robots.txt. */
  readonly robotsRule?: string;
  /** Redirects of an earlier try, to go on from instead of asking for them again. */
  readonly resume?: readonly Exchange[] | undefined;
  /** Asked before each redirect is followed; what it throws ends the fetch. Answers the robots rule of that URL. */
  readonly beforeHop?: (next: string, hops: readonly Exchange[]) => Promise<string | undefined>;
  /** robots.txt and the like: any content type is the page, nothing is judged. */
  readonly anyType?: boolean;
  /** Less than `maxBodyBytes`, for robots.txt. */
  readonly maxBytes?: number;
}

export interface Fetcher {
  /** @throws EmbedkeepError where nothing came that is worth keeping. */
  fetch(url: string, options: FetchOptions): Promise<Capture>;
  close(): Promise<void>;
}

/** HOSTILE.md §3 argues each number. */
const DEFAULTS = {
  timeoutMs: 60_000,
  connectTimeoutMs: 5000,
  headersTimeoutMs: 15_000,
  idleTimeoutMs: 15_000,
  maxBodyBytes: 10_485_760,
  maxRedirects: 10,
};
/** Heads, chunk framing and TLS on top of the body. */
const WIRE_OVERHEAD = 2 * 1024 * 1024;
const DECODED_FACTOR = 2;
/** A redirect's body is evidence when it comes at once, and not worth waiting for. */
const REDIRECT_BODY: BodyPlan = { keepAtMost: 65_536, patienceMs: 500 };

/** On a connection that was used before, these are worth a fresh one. */
const STALE = new Set<ErrorCode>(['CONNECT_FAIL', 'HTTP_PROTOCOL']);

type Settings = FetcherOptions & typeof DEFAULTS & { readonly maxDecodedBytes: number };

export function createFetcher(options: FetcherOptions): Fetcher {
  const given = Object.fromEntries(Object.entries(options).filter(([, v]) => v !== undefined));
  const merged = { ...DEFAULTS, ...(given as unknown as FetcherOptions) };
  const settings: Settings = {
    ...merged,
    maxDecodedBytes: merged.maxDecodedBytes ?? merged.maxBodyBytes * DECODED_FACTOR,
  };
  const allow = parseAllowList(settings.allowPrivate ?? []);
  const connections = openConnections({
    ...settings,
    allow,
    connectTimeoutMs: Math.min(settings.connectTimeoutMs, settings.timeoutMs),
    headersTimeoutMs: Math.min(settings.headersTimeoutMs, settings.timeoutMs),
    idleTimeoutMs: Math.min(settings.idleTimeoutMs, settings.timeoutMs),
  });
  const world: World = { settings, allow, connections };

  return {
    fetch: (url, fetchOptions) => fetchPage(url, fetchOptions, world),
    close: () => connections.close(),
  };
}

interface World {
  readonly settings: Settings;
  readonly allow: AllowList;
  readonly connections: Connections;
}

async function fetchPage(url: string, options: FetchOptions, world: World): Promise<Capture> {
  const deadline = new AbortController();
  const late = () => deadline.abort(new EmbedkeepError('TIMEOUT_TOTAL'));
  const timer = setTimeout(late, world.settings.timeoutMs);
  const signal = AbortSignal.any([deadline.signal, ...(options.signal ? [options.signal] : [])]);
  try {
    const hops = [...(options.resume ?? [])];
    let robotsRule = options.robotsRule ?? '';
    let target = startOf(url, hops, world);
    for (;;) {
      const received = await ask(target, { options, world, signal, first: hops.length === 0 });
      const { exchange } = received;
      hops.push(exchange);
      if (!isRedirect(exchange.status, exchange.responseHeaders)) {
        return await toCapture({ url, hops, received, options: { ...options, robotsRule } }, world);
      }
      target = follow(target, hops, world);
      robotsRule = (await options.beforeHop?.(target.url.href, hops)) ?? robotsRule;
    }
  } finally {
    clearTimeout(timer);
  }
}

const startOf = (url: string, hops: readonly Exchange[], world: World): Target => {
  const last = hops.at(-1);
  if (!last) return checkUrl(url, world.allow);
  return follow({ url: new URL(last.url), host: '', port: 0 }, hops, world);
};

/** @throws EmbedkeepError REDIRECT_BLOCKED, REDIRECT_LOOP, REDIRECT_LIMIT */
function follow(from: Target, hops: readonly Exchange[], { settings, allow }: World): Target {
  const chain = hops.map((hop) => hop.url);
  const detail = { chain };
  const next = nextUrl(from.url, hops.at(-1)?.responseHeaders ?? []);
  let target: Target;
  try {
    target = checkUrl(next, allow);
  } catch (cause) {
    throw asRedirectError(cause as EmbedkeepError, chain);
  }
  // No cookies are kept, so the same URL again can only answer the same.
  if (chain.includes(target.url.href)) {
    throw new EmbedkeepError('REDIRECT_LOOP', undefined, { detail });
  }
  if (hops.length > settings.maxRedirects) {
    throw new EmbedkeepError('REDIRECT_LIMIT', undefined, { detail });
  }
  return target;
}

interface Ask {
  readonly options: FetchOptions;
  readonly world: World;
  readonly signal: AbortSignal;
  readonly first: boolean;
}

async function ask(target: Target, { options, world, signal, first }: Ask): Promise<Received> {
  const { connections, settings } = world;
  const maxBytes = options.maxBytes ?? settings.maxBodyBytes;
  const request = {
    url: target.url,
    headers: requestHeaders(settings, options),
    signal,
    limits: { bodyBytes: maxBytes, wireBytes: maxBytes + WIRE_OVERHEAD },
    onHead: (head: Head) => planBody(head, options),
  };
  for (;;) {
    const lane = connections.take(target);
    const reused = lane.socket() !== null;
    try {
      const received = await runExchange(lane, request);
      giveBack({ connections, lane, target }, received);
      return settings.proxy ? withoutAddress(received) : received;
    } catch (error) {
      connections.drop(lane);
      // Closed just as we used it, or left dirty by the answer before: that says nothing about this page.
      if (reused && STALE.has((error as EmbedkeepError).code) && !signal.aborted) continue;
      throw first ? error : asRedirectError(error as EmbedkeepError);
    }
  }
}

const giveBack = (
  used: { connections: Connections; lane: Lane; target: Target },
  { reusable }: Received,
): void => {
  if (reusable) used.connections.keep(used.target, used.lane);
  else used.connections.drop(used.lane);
};

/** Through a proxy the peer's address is the proxy's, which is nobody's business. */
const withoutAddress = (received: Received): Received => ({
  ...received,
  exchange: { ...received.exchange, remoteAddress: null },
});

/** A name that resolves inward is found out only when connecting. */
const asRedirectError = (cause: EmbedkeepError, chain?: readonly string[]): EmbedkeepError =>
  cause.code === 'URL_BLOCKED' || cause.code === 'URL_INVALID'
    ? new EmbedkeepError('REDIRECT_BLOCKED', cause.message, {
        cause,
        detail: { ...cause.detail, ...(chain && { chain }) },
      })
    : cause;

function requestHeaders(
  { userAgent }: Settings,
  { validators, anyType }: FetchOptions,
): HeaderLines {
  return [
    ['User-Agent', userAgent],
    ['Accept', anyType ? '*/*' : 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.1'],
    ['Accept-Encoding', 'gzip, br, zstd, deflate'],
    ...(validators?.etag ? [['If-None-Match', validators.etag] as const] : []),
    ...(validators?.lastModified ? [['If-Modified-Since', validators.lastModified] as const] : []),
  ];
}

function planBody(head: Head, { anyType }: FetchOptions): BodyPlan {
  if (isRedirect(head.status, head.headers)) return REDIRECT_BODY;
  if (anyType || statusError(head, 0)) return {};
  const { type } = contentTypeOf(head.headers);
  const verdict = judgeType(type);
  if (verdict === 'other') throw notHtml(type, head);
  // Compressed bytes tell nothing; those are looked at after decoding.
  if (contentEncodings(head.headers).length > 0) return {};
  return { onStart: (bytes) => refuseOther(bytes, head) };
}

function refuseOther(firstBytes: Uint8Array, head: Head): void {
  const { type } = contentTypeOf(head.headers);
  const fine = judgeType(type) === 'html' ? !looksBinary(firstBytes) : looksLikeHtml(firstBytes);
  if (!fine) throw notHtml(type, head);
}

const notHtml = (type: string | null, { status }: Head): EmbedkeepError =>
  new EmbedkeepError('NOT_HTML', `The address leads to ${type ?? 'something without a type'}.`, {
    detail: { contentType: type, status },
  });

interface Arrived {
  readonly url: string;
  readonly hops: readonly Exchange[];
  readonly received: Received;
  readonly options: FetchOptions;
}

async function toCapture(arrived: Arrived, { settings }: World): Promise<Capture> {
  const { url, hops, received, options } = arrived;
  const { exchange, cut } = received;
  const head: Head = { status: exchange.status, headers: exchange.responseHeaders };
  const encodings = contentEncodings(head.headers);
  const unchanged = head.status === 304 && options.validators ? options.validators.captureId : null;
  const decoded = await decodeBody(exchange.rawBody, encodings, {
    maxBytes: settings.maxDecodedBytes,
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
