/** In words, what a URL waits for: for `GET /v1/hosts/:host` and `embedkeep why URL`. Asks nobody. */
import { hostKey } from './host-key.ts';
import { distance, type HostState } from './pace/host-state.ts';
import type { PaceStore } from './pace/pace-store.ts';
import type { RobotsCache } from './robots.ts';
import { isIgnored } from './robots-gate.ts';
import { waitSentence } from './slots.ts';

export interface HostExplanation {
  /** Registrable domain, or address with port: whose pace it is. */
  readonly host: string;
  /** RFC 3339; null where it could be asked now. */
  readonly waitsUntil: string | null;
  /** Sentences, the weightiest first. */
  readonly reasons: readonly string[];
  /** Between two requests, as things are. */
  readonly intervalMs: number;
  readonly crawlDelayMs: number;
  readonly slowdownMs: number;
  readonly inFlight: number;
  readonly failuresInARow: number;
  /** What robots.txt says to this URL, as far as it is known. */
  readonly robots: string;
}

export interface ExplainOptions {
  readonly url: string;
  readonly store: PaceStore;
  readonly robots: RobotsCache;
  readonly intervalMs: number;
  readonly concurrency: number;
  readonly ignoredHosts: readonly string[];
}

export async function explainHost(options: ExplainOptions): Promise<HostExplanation> {
  const url = new URL(options.url);
  const host = hostKey(url);
  const { state, now } = await options.store.peek(host);
  const inFlight = Object.values(state.slots).filter((end) => end > now).length;
  const waits = waitsOf(host, { state, now, inFlight }, options);
  const until = Math.max(0, ...waits.map(([at]) => at));
  const robots = await robotsSentence(url, options);
  return {
    host,
    // The store's clock may differ from ours.
    waitsUntil: until > now ? new Date(Date.now() + until - now).toISOString() : null,
    reasons: waits.length > 0 ? waits.map(([, why]) => why) : [`${host} can be asked now`],
    intervalMs: distance(state, options.intervalMs),
    crawlDelayMs: state.crawlDelayMs,
    slowdownMs: state.slowdownMs,
    inFlight,
    failuresInARow: state.failures,
    robots,
  };
}

function waitsOf(
  host: string,
  { state, now, inFlight }: { state: HostState; now: number; inFlight: number },
  options: ExplainOptions,
): [until: number, why: string][] {
  const waits: [number, string][] = [];
  if (state.blockedUntil > now) {
    waits.push([state.blockedUntil, waitSentence(host, state.blockedBy || 'throttled')]);
  }
  if (inFlight >= options.concurrency) waits.push([now, waitSentence(host, 'busy')]);
  if (state.nextAt > now) {
    const seconds = distance(state, options.intervalMs) / 1000;
    waits.push([state.nextAt, `${host} is asked at most every ${seconds} s`]);
  }
  return waits;
}

async function robotsSentence(url: URL, options: ExplainOptions): Promise<string> {
  if (isIgnored(url, options.ignoredHosts)) return 'ignored by operator';
  const answer = await options.robots.known(url.origin);
  if (!answer) return 'not read yet';
  if (answer.kind === 'open') return answer.rule;
  if (answer.kind === 'unreachable') return answer.reason;
  const { allowed, rule } = answer.robots.check(url.pathname + url.search);
  return `${allowed ? 'allowed' : 'forbidden'} (${rule})`;
}
