/**
 * The manners: nothing is asked of a host that its robots.txt forbids, nor faster than it or the operator declares,
 * counting every request of every process, robots.txt and redirects too. Waiting is an answer, never a sleep.
 */
import type { Capture } from '../capture.ts';
import { PoliteWait, type Slot, type Wait } from '../ingest.ts';
import { explainHost, type HostExplanation } from './explain.ts';
import type { Fetcher, FetchOptions } from './fetcher.ts';
import { hostKey } from './host-key.ts';
import type { PaceStore } from './pace/pace-store.ts';
import { createPacedFetch, REDIRECTED } from './paced-fetch.ts';
import { redirectMemo } from './redirect-memo.ts';
import { robotsCache } from './robots.ts';
import { createRobotsGate } from './robots-gate.ts';
import { productToken } from './robots-txt.ts';
import { createSlots } from './slots.ts';

export interface PolitenessOptions {
  readonly store: PaceStore;
  readonly fetcher: Fetcher;
  readonly userAgent: string;
  /** HOST_INTERVAL_MS, HOST_CONCURRENCY, IGNORE_ROBOTS_HOSTS. */
  readonly intervalMs: number;
  readonly concurrency: number;
  readonly ignoreRobotsHosts?: readonly string[];
  /** A slot whose process died is free again after this. Longer than any fetch; default 3 minutes. */
  readonly leaseMs?: number;
}

export interface Politeness {
  /** The story's `ask`. @throws EmbedkeepError ROBOTS_DISALLOWED, or what kept robots.txt from being read. */
  ask(url: string, priority?: number): Promise<Slot | Wait>;
  /** The story's `fetch`, in a slot that `ask` gave. @throws PoliteWait where a redirect leads to a host to wait for. */
  fetch(url: string, options: PoliteFetchOptions): Promise<Capture>;
  /** What a URL waits for and until when. Asks nobody. */
  explain(url: string): Promise<HostExplanation>;
}

export type PoliteFetchOptions = Pick<FetchOptions, 'reason' | 'validators' | 'signal'>;

export function createPoliteness(options: PolitenessOptions): Politeness {
  const { store, fetcher, intervalMs, concurrency } = options;
  const ignoredHosts = options.ignoreRobotsHosts ?? [];
  const slots = createSlots(options);
  const robots = robotsCache(store, productToken(options.userAgent));
  const ledAway = new Set<string>();
  const pacedFetch = createPacedFetch({ fetcher, slots, memo: redirectMemo(store) });
  const allowedBy = createRobotsGate({ robots, slots, store, pacedFetch, ignoredHosts });

  return {
    ask: async (url, priority) => {
      try {
        const start = await pacedFetch.startOf(url);
        await allowedBy(start);
        const turn = await slots.take(hostKey(start), priority);
        if (turn.kind === 'wait') return turn;
        return {
          kind: 'slot',
          // What a redirect led to is told to the host it led to.
          release: (outcome) => turn.release(ledAway.delete(url) ? REDIRECTED : outcome),
        };
      } catch (thrown) {
        if (thrown instanceof PoliteWait) return thrown.wait;
        throw thrown;
      }
    },
    fetch: (url, fetchOptions) =>
      pacedFetch.fetch(url, { ...fetchOptions, allowedBy, ledAway: () => ledAway.add(url) }),
    explain: (url) => explainHost({ url, store, robots, intervalMs, concurrency, ignoredHosts }),
  };
}
