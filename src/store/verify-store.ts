/** The store's rows as the checks and exports read them: in order, page by page, in bounded memory. */
import { type Selectable, sql } from 'kysely';
import { type ChainHead, readChainHead } from './event-chain.ts';
import { inPages, PAGE } from './in-pages.ts';
import type { Change, Db, PostTable, SightingTable } from './tables.ts';
import type { CaptureClaim } from './verify-captures.ts';
import type { KeptEvent, KeptLink } from './verify-chain.ts';
import type { PostClaim, PostView, SeenPost } from './verify-posts.ts';
import { captureClaim, type RowsView, rowsOf } from './verify-rows.ts';
import type { SightingClaim } from './verify-sightings.ts';

export interface StoreView {
  captures(): AsyncGenerator<CaptureClaim>;
  sightings(): AsyncGenerator<SightingClaim>;
  /** Those after this one, or all. */
  links(after?: number): AsyncGenerator<KeptLink>;
  head(): Promise<ChainHead>;
  /** Absent where they are made from the events when the store is opened. */
  readonly rows?: RowsView;
  /** Absent where posts are made from sightings when the store is opened. */
  readonly shown?: PostView;
}

export const viewOf = (db: Db): StoreView => ({
  captures: () => captures(db),
  sightings: () => sightings(db),
  links: (after) => links(db, after),
  head: () => readChainHead(db),
  rows: rowsOf(db),
  shown: { posts: () => posts(db), again: (key) => postWithSightings(db, key) },
});

type ShownRow = Pick<Selectable<PostTable>, (typeof SHOWN)[number]>;
const SHOWN = [
  ...(['id', 'platform', 'post_id', 'url', 'author_name', 'author_handle'] as const),
  ...(['posted_at', 'lang', 'text', 'media', 'form', 'confidence'] as const),
  ...(['posted_date', 'first_seen_at', 'last_seen_at', 'removed_at', 'removed_names'] as const),
] as const;

export function claimOf(row: ShownRow): PostClaim {
  const { author_name: name, author_handle: handle, posted_at: postedAt } = row;
  const { url, lang, text, media, form, confidence } = row;
  const shown = { url, author: { name, handle }, postedAt, lang, text, media, form, confidence };
  const about = { key: String(row.id), name: `${row.platform}/${row.post_id}`, shown };
  const { first_seen_at: firstSeenAt, last_seen_at: lastSeenAt, posted_date: postedDate } = row;
  const { removed_at: removedAt, removed_names: removedNames } = row;
  return {
    ...about,
    seen: { firstSeenAt, lastSeenAt },
    removedAt,
    columns: { postedDate, removedNames },
  } as PostClaim;
}

const posts = (db: Db): AsyncGenerator<PostClaim> =>
  inPages(
    (after) =>
      db
        .selectFrom('posts')
        .select(SHOWN)
        .where('id', '>', after)
        .orderBy('id')
        .limit(PAGE)
        .execute(),
    (row) => row.id,
    claimOf,
  );

/** One statement, so that nobody writes in between. */
async function postWithSightings(db: Db, key: string) {
  const { rows } = await sql<ShownRow & { seen: SeenPost[] }>`
    select p.*, (
      select coalesce(json_agg(json_build_object(
          'embed', s.embed, 'isCurrent', s.parser = c.parser, 'at', c.fetched_at, 'captureId', c.id)), '[]')
      from embedkeep.sightings s join embedkeep.captures c on c.id = s.capture_id where s.post_id = p.id
    ) as seen
    from embedkeep.posts p where p.id = ${Number(key)}`.execute(db);
  const [row] = rows;
  return row ? { post: claimOf(row), seen: row.seen } : null;
}

const captures = (db: Db): AsyncGenerator<CaptureClaim> =>
  inPages(
    (after) =>
      db
        .selectFrom('captures')
        .selectAll()
        .where('seq', '>', after)
        .orderBy('seq')
        .limit(PAGE)
        .execute(),
    (row) => row.seq,
    captureClaim,
  );

interface SightingRow extends Selectable<SightingTable> {
  /** `platform/post`. */
  readonly name: string | null;
  readonly changes: readonly Change[] | null;
  readonly changed_at: string | null;
}

export function sightingClaim({ name, changes, ...row }: SightingRow): SightingClaim {
  const { capture_id: captureId, parser, embed, ordinal, role, article_id: articleId } = row;
  const { article_host: articleHost, captured_at: capturedAt, changed_at: changedAt } = row;
  const columns = { role, articleId, articleHost, capturedAt, changedAt };
  const post = { post: String(row.post_id), ...(name !== null && { name }) };
  return { captureId, parser, embed, ordinal, changes, columns, ...post };
}

const sightings = (db: Db): AsyncGenerator<SightingClaim> =>
  inPages(
    async (after) => {
      const { rows } = await sql<SightingRow>`
        select s.*, p.platform || '/' || p.post_id as name, v.changes, v.seen_at as changed_at from (
          select * from embedkeep.sightings where id > ${after} order by id limit ${PAGE}
        ) s
        left join embedkeep.posts p on p.id = s.post_id
        left join embedkeep.post_versions v
          on v.post_id = s.post_id and v.capture_id = s.capture_id and v.parser = s.parser
        order by s.id`.execute(db);
      return rows;
    },
    (row) => row.id,
    sightingClaim,
  );

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
