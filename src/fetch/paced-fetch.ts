/**
 * A fetch whose every redirect keeps the pace of the host it leads to. Where that means waiting, the redirects so far
 * are remembered and the next try goes on from there: no host is asked for the same redirect twice.
 */
import type { Capture, Exchange } from '../capture.ts';
import { EmbedkeepError, toFailure } from '../errors.ts';
import { PoliteWait, type Slot } from '../ingest.ts';
import type { Fetcher, FetchOptions } from './fetcher.ts';
import { hostKey } from './host-key.ts';
import { nextUrl } from './redirect.ts';
import type { RedirectMemo } from './redirect-memo.ts';
import type { Slots } from './slots.ts';

export interface PacedFetch {
  /** Where a fetch of this URL begins: behind the redirects of an earlier try. */
  startOf(url: string): Promise<URL>;
  /** In a slot at the host of `startOf(url)`. */
  fetch(url: string, options: PacedFetchOptions): Promise<Capture>;
}

export interface PacedFetchOptions extends FetchOptions {
  /** Which rule of robots.txt allows a URL, the first or a redirect's target; throws where none does. */
  readonly allowedBy?: (url: URL) => Promise<string>;
  /** Told when a redirect leads to another host: what comes of it is not the first host's doing. */
  readonly ledAway?: () => void;
}

interface PacedFetchWorld {
  readonly fetcher: Fetcher;
  readonly slots: Slots;
  readonly memo: RedirectMemo;
}

export function createPacedFetch(world: PacedFetchWorld): PacedFetch {
  const { fetcher, memo, slots } = world;
  return {
    startOf: async (url) => behind(url, await memo.read(url)),
    fetch: async (url, options) => {
      const resume = await memo.read(url);
      const start = behind(url, resume);
      const robotsRule = (await options.allowedBy?.(start)) ?? '';
      const journey = new Journey(hostKey(start), slots);
      const beforeHop: FetchOptions['beforeHop'] = async (next, hops) => {
        try {
          const rule = await options.allowedBy?.(new URL(next));
          if (await journey.moveTo(hostKey(new URL(next)))) options.ledAway?.();
          return rule;
        } catch (thrown) {
          if (thrown instanceof PoliteWait) await memo.write(url, hops);
          throw thrown;
        }
      };
      const capture = await journey.end(
        fetcher.fetch(url, { ...options, robotsRule, resume, beforeHop }),
      );
      if (resume.length > 0) await memo.forget(url);
      return capture;
    },
  };
}

function behind(url: string, hops: readonly Exchange[]): URL {
  const last = hops.at(-1);
  const start = URL.parse(last ? nextUrl(new URL(last.url), last.responseHeaders) : url);
  if (!start) throw new EmbedkeepError('URL_INVALID');
  return start;
}

/** From host to host, holding a slot at the present one; the first host's slot is the caller's. */
class Journey {
  readonly #slots: Slots;
  #key: string;
  #slot: Slot | null = null;

  constructor(key: string, slots: Slots) {
    this.#key = key;
    this.#slots = slots;
  }

  /** True where that is another host. */
  async moveTo(key: string): Promise<boolean> {
    if (key === this.#key) {
      await this.#slots.passOrThrow(key);
      return false;
    }
    const slot = await this.#slots.takeOrThrow(key);
    await this.#slot?.release(REDIRECTED);
    this.#slot = slot;
    this.#key = key;
    return true;
  }

  async end(fetched: Promise<Capture>): Promise<Capture> {
    try {
      const capture = await fetched;
      await this.#slot?.release(outcomeOfCapture(capture));
      return capture;
    } catch (thrown) {
      const failure = thrown instanceof PoliteWait ? null : toFailure(thrown);
      await this.#slot?.release({ status: null, failure });
      throw thrown;
    }
  }
}

export const REDIRECTED = { status: 302, failure: null } as const;

export function outcomeOfCapture({ hops, failure }: Capture): Parameters<Slot['release']>[0] {
  const last = hops.at(-1);
  return {
    status: last?.status ?? null,
    failure: failure ?? null,
    ...(last && { answeredAt: new Date(Date.parse(last.startedAt) + last.timings.headers) }),
  };
}
