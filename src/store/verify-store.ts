/** The store's rows as the checks and exports read them: in order, page by page, in bounded memory. */
import { type Selectable, sql } from 'kysely';
import type { CaptureRow } from '../reader.ts';
import { toCapture } from './article-reader.ts';
import { type ChainHead, readChainHead } from './event-chain.ts';
import type { Db, PostTable } from './tables.ts';
import type { KeptEvent, KeptLink } from './verify-chain.ts';
import type { PostClaim, PostView, SeenPost } from './verify-posts.ts';
import type { SightingClaim } from './verify-sightings.ts';

export interface StoreView {
  captures(): AsyncGenerator<CaptureRow>;
  sightings(): AsyncGenerator<SightingClaim>;
  /** Those after this one, or all. */
  links(after?: number): AsyncGenerator<KeptLink>;
  head(): Promise<ChainHead>;
  /** Absent where posts are made from sightings when the store is opened. */
  readonly shown?: PostView;
}

const PAGE = 500;

export const viewOf = (db: Db): StoreView => ({
  captures: () => captures(db),
  sightings: () => sightings(db),
  links: (after) => links(db, after),
  head: () => readChainHead(db),
  shown: { posts: () => posts(db), again: (key) => postWithSightings(db, key) },
});

type ShownRow = Pick<Selectable<PostTable>, (typeof SHOWN)[number]>;
const SHOWN = [
  ...(['id', 'platform', 'post_id', 'url', 'author_name', 'author_handle'] as const),
  ...(['posted_at', 'lang', 'text', 'media', 'form', 'confidence'] as const),
] as const;

export function claimOf(row: ShownRow): PostClaim {
  const { author_name: name, author_handle: handle, posted_at: postedAt } = row;
  const { url, lang, text, media, form, confidence } = row;
  const shown = { url, author: { name, handle }, postedAt, lang, text, media, form, confidence };
  return { key: String(row.id), name: `${row.platform}/${row.post_id}`, shown } as PostClaim;
}

async function* posts(db: Db): AsyncGenerator<PostClaim> {
  for (let after = 0; ; ) {
    const rows = await db
      .selectFrom('posts')
      .select(SHOWN)
      .where('id', '>', after)
      .orderBy('id')
      .limit(PAGE)
      .execute();
    yield* rows.map(claimOf);
    const last = rows.at(-1);
    if (!last) return;
    after = last.id;
  }
}

/** One statement, so that nobody writes in between. */
async function postWithSightings(db: Db, key: string) {
  const { rows } = await sql<ShownRow & { seen: SeenPost[] }>`
    select p.*, (
      select coalesce(json_agg(json_build_object('embed', s.embed, 'isCurrent', s.parser = c.parser)), '[]')
      from embedkeep.sightings s join embedkeep.captures c on c.id = s.capture_id where s.post_id = p.id
    ) as seen
    from embedkeep.posts p where p.id = ${Number(key)}`.execute(db);
  const [row] = rows;
  return row ? { post: claimOf(row), seen: row.seen } : null;
}

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
      .select(['id', 'capture_id as captureId', 'parser', 'embed', 'post_id'])
      .where('id', '>', after)
      .orderBy('id')
      .limit(PAGE)
      .execute();
    for (const { post_id, ...row } of rows) yield { ...row, post: String(post_id) };
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
