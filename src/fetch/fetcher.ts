/** Fetches one page: follows redirects, each of them guarded, within one deadline; and says what came, exactly. */

import type { Capture, Exchange, HeaderLines } from '../capture.ts';
import { EmbedkeepError, type ErrorCode } from '../errors.ts';
import { type AllowList, parseAllowList } from './allow-list.ts';
import { planBody } from './body-plan.ts';
import { type Connections, type Lane, openConnections } from './connections.ts';
import type { Resolve } from './connector.ts';
import { type Head, type Received, runExchange } from './exchange.ts';
import type { FetchOptions } from './fetch-options.ts';
import { checkUrl, type Target } from './guard.ts';
import { isRedirect, nextUrl } from './redirect.ts';
import { toCapture } from './to-capture.ts';

export type { FetchOptions } from './fetch-options.ts';

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
        const { maxDecodedBytes } = world.settings;
        const asked = { ...options, robotsRule };
        return await toCapture({ url, hops, received, options: asked, maxDecodedBytes });
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
