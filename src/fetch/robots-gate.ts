/** Whether robots.txt allows a URL, and by which rule; fetches the file, politely, where it is not known. */
import { EmbedkeepError, type ErrorCode, toFailure } from '../errors.ts';
import { PoliteWait } from '../ingest.ts';
import { hostKey } from './host-key.ts';
import type { PaceStore } from './pace/pace-store.ts';
import { outcomeOfCapture, type PacedFetch } from './paced-fetch.ts';
import { MAX_ROBOTS_BYTES, type RobotsAnswer, type RobotsCache } from './robots.ts';
import type { Slots } from './slots.ts';

export interface RobotsGateOptions {
  readonly robots: RobotsCache;
  readonly slots: Slots;
  readonly store: PaceStore;
  readonly pacedFetch: PacedFetch;
  /** IGNORE_ROBOTS_HOSTS: host names, or registrable domains with all below them. */
  readonly ignoredHosts: readonly string[];
}

/** Answers the rule. @throws EmbedkeepError ROBOTS_DISALLOWED or what kept the file from being read; PoliteWait */
export type RobotsGate = (url: URL) => Promise<string>;

export function createRobotsGate(options: RobotsGateOptions): RobotsGate {
  const { robots, ignoredHosts } = options;
  return async (url) => {
    if (isIgnored(url, ignoredHosts)) return 'ignored by operator';
    return judge(url, (await robots.known(url.origin)) ?? (await learn(url, options)));
  };
}

export const isIgnored = (url: URL, hosts: readonly string[]): boolean =>
  hosts.some((host) => {
    const name = host.toLowerCase();
    return [url.host, url.hostname, hostKey(url)].includes(name);
  });

/** @throws EmbedkeepError ROBOTS_DISALLOWED; PoliteWait while the file cannot be read */
function judge(url: URL, answer: RobotsAnswer): string {
  if (answer.kind === 'open') return answer.rule;
  if (answer.kind === 'unreachable') {
    const reason = `${answer.reason}; it is tried again later`;
    throw new PoliteWait({ kind: 'wait', until: new Date(answer.until), reason });
  }
  const { allowed, rule } = answer.robots.check(url.pathname + url.search);
  if (allowed) return rule;
  const message = `robots.txt of ${url.host} forbids this page (${rule}).`;
  throw new EmbedkeepError('ROBOTS_DISALLOWED', message, { detail: { rule } });
}

/** A robots.txt whose redirects never arrive says nothing, and must not cost the page. */
const LOST = new Set<ErrorCode>(['REDIRECT_LIMIT', 'REDIRECT_LOOP', 'REDIRECT_BLOCKED']);

async function learn(page: URL, options: RobotsGateOptions): Promise<RobotsAnswer> {
  const { robots, slots, pacedFetch, store } = options;
  const url = `${page.origin}/robots.txt`;
  const slot = await slots.takeOrThrow(hostKey(await pacedFetch.startOf(url)));
  try {
    // Another process may have learnt it while it held the slot.
    const known = await robots.known(page.origin);
    if (known) {
      await slot.release({ status: null, failure: null });
      return known;
    }
    const capture = await pacedFetch.fetch(url, {
      reason: 'first',
      anyType: true,
      maxBytes: MAX_ROBOTS_BYTES,
    });
    await slot.release(outcomeOfCapture(capture));
    const answer = await robots.learn(page.origin, capture);
    if (answer.kind === 'rules') {
      await store.learnCrawlDelay(hostKey(page), answer.robots.crawlDelayMs ?? 0);
    }
    return answer;
  } catch (thrown) {
    const failure = thrown instanceof PoliteWait ? null : toFailure(thrown);
    // Giving a slot back twice is harmless: the second finds none.
    await slot.release({ status: null, failure });
    if (failure && LOST.has(failure.code)) return robots.learnLost(page.origin, failure.code);
    throw thrown;
  }
}
