/** The store's rows as the checks and exports read them: in order, page by page, in bounded memory. */

import type { CaptureRow } from '../reader.ts';
import { toCapture } from './article-reader.ts';
import { type ChainHead, readChainHead } from './event-chain.ts';
import type { Db } from './tables.ts';
import type { KeptEvent, KeptLink } from './verify-chain.ts';
import type { SightingClaim } from './verify-sightings.ts';

export interface StoreView {
  captures(): AsyncGenerator<CaptureRow>;
  sightings(): AsyncGenerator<SightingClaim>;
  /** Those after this one, or all. */
  links(after?: number): AsyncGenerator<KeptLink>;
  head(): Promise<ChainHead>;
}

const PAGE = 500;

export const viewOf = (db: Db): StoreView => ({
  captures: () => captures(db),
  sightings: () => sightings(db),
  links: (after) => links(db, after),
  head: () => readChainHead(db),
});

async function* captures(db: Db): AsyncGenerator<CaptureRow> {
  for (let after = 0; ; ) {
    const rows = await db
      .selectFrom('captures')
      .selectAll()
      .where('seq', '>', after)
      .orderBy('seq')
      .limit(PAGE)
      .execute();
    yield* rows.map(toCapture);
    const last = rows.at(-1);
    if (!last) return;
    after = last.seq;
  }
}

async function* sightings(db: Db): AsyncGenerator<SightingClaim> {
  for (let after = 0; ; ) {
    const rows = await db
      .selectFrom('sightings')
      .select(['id', 'capture_id as captureId', 'parser', 'embed'])
      .where('id', '>', after)
      .orderBy('id')
      .limit(PAGE)
      .execute();
    yield* rows;
    const last = rows.at(-1);
    if (!last) return;
    after = last.id;
  }
}

/** An order of a thousand URLs is a link of a thousand events: pages are of links and no larger than this in events. */
const EVENTS = 2000;

/** By link, whatever link their events claim: an event moved elsewhere shows as one too many there. */
async function* links(db: Db, from = Number.MIN_SAFE_INTEGER): AsyncGenerator<KeptLink> {
  for (let after = from; ; ) {
    const next = await db
      .selectFrom('chain_links')
      .selectAll()
      .where('n', '>', after)
      .orderBy('n')
      .limit(PAGE)
      .execute();
    const page = firstOf(next);
    const last = page.at(-1);
    if (!last) return;
    const events = await db
      .selectFrom('events as e')
      .leftJoin('posts as p', 'p.id', 'e.post_id')
      .selectAll('e')
      .select(['p.platform', 'p.post_id as postId'])
      .where('e.link', '>', after)
      .where('e.link', '<=', last.n)
      .orderBy('e.link')
      .orderBy('e.seq')
      .execute();
    const byLink = Map.groupBy(events, (event) => event.link);
    for (const { n, at, events: count, hash } of page) {
      const rows = (byLink.get(n) ?? []).map(
        (event): KeptEvent => ({
          body: event.body,
          post:
            event.platform !== null && event.postId !== null
              ? { platform: event.platform, postId: event.postId }
              : null,
          columns: {
            seq: event.seq,
            kind: event.kind,
            at: event.at,
            articleId: event.article_id,
            runId: event.run_id,
            captureId: event.capture_id,
          },
        }),
      );
      yield { n, at, events: count, hash, rows };
    }
    after = last.n;
  }
}

/** At least one link, and as many as have EVENTS together. */
function firstOf<T extends { readonly events: number }>(links: readonly T[]): readonly T[] {
  let events = 0;
  const end = links.findIndex((link, index) => {
    events += link.events;
    return index > 0 && events > EVENTS;
  });
  return end === -1 ? links : links.slice(0, end);
}
