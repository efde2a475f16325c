/**
 * Rows as they were at the snapshot's link, where something came over them since: a run that has ended meanwhile is open, a page
 * that was read meanwhile is unread, a post shows what was seen of it by then. Ask after the rows were read: whoever wrote before
 * that has told the chain.
 */
import { type Selectable, sql } from 'kysely';
import type { PostRow } from '../reader.ts';
import { type ListRow, toPost } from './post-reader.ts';
import { type SeenState, shownBy } from './rebuild-posts.ts';
import { anyOf, type World } from './snapshot-pages.ts';
import type { CaptureTable, PostTable } from './tables.ts';

type Row = Readonly<Record<string, unknown>>;

interface Since {
  readonly kind: string;
  readonly run_id: string | null;
  readonly article_id: string | null;
  readonly capture_id: string | null;
}

/** The events after the link that name one of these articles. */
export async function eventsSince(
  { db, head }: World,
  articles: readonly string[],
): Promise<readonly Since[]> {
  const { rows } = await sql<Since>`
    select kind, run_id, article_id, capture_id from embedkeep.events
    where seq > ${head.events} and article_id = ${anyOf(articles)}`.execute(db);
  return rows;
}

const ENDS = new Set(['captured', 'failed', 'replayed']);
const OPEN = {
  ...{ state: 'accepted', due_at: 'infinity', wake_at: null, wait_reason: null, failure: null },
  ...{ error_code: null, page_shape: null, capture_id: null, finished_at: null },
};

export function runAsOf(run: Row, since: readonly Since[]): Row {
  const mine = since.filter((event) => event.run_id === run['id']);
  if (mine.some(({ kind }) => ENDS.has(kind))) return { ...run, ...OPEN };
  return mine.some(({ kind }) => kind === 'dropped') ? { ...run, state: 'failed' } : run;
}

type Capture = Selectable<CaptureTable>;

export function captureAsOf(row: Capture, since: readonly Since[]): Capture {
  const isRead = since.some(({ kind, capture_id: id }) => kind === 'replayed' && id === row.id);
  if (!isRead) return row;
  const unread = { parser: null, article: null, suspected: [], parse_truncated: null };
  return { ...row, ...unread, embeds: 0, new_posts: 0 };
}

/** Its last run and capture of that time, for articles that something happened to. */
export async function articlesAsOf(
  { db, head }: World,
  since: readonly Since[],
): Promise<ReadonlyMap<string, Row>> {
  const ids = [...new Set(since.flatMap(({ article_id: id }) => id ?? []))];
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{ id: string; row: Row }>`
    select a.id, json_build_object('last_run_id', r.id, 'failed_run', r.failed,
      'last_capture_id', c.id, 'last_captured_at', c.at, 'title', coalesce(named.title, imported.title)) as row
    from embedkeep.articles a
    left join lateral (
      select r.id, case when exists (select from embedkeep.events e where e.article_id = a.id
        and e.seq <= ${head.events} and e.run_id = r.id and e.kind = 'failed') then r.id end as failed
      from embedkeep.runs r where r.article_id = a.id and exists (select from embedkeep.events e
        where e.article_id = a.id and e.seq <= ${head.events} and e.run_id = r.id)
      order by r.accepted_at desc, r.seq desc limit 1) r on true
    left join lateral (
      select c.id,
        case e.kind when 'captured' then e.at else c.fetched_at end as at
      from embedkeep.events e join embedkeep.captures c on c.id = e.capture_id
      where e.article_id = a.id and e.seq <= ${head.events}
        and (e.kind in ('captured', 'replayed') or e.kind = 'imported' and c.parser is not null)
      order by c.fetched_at desc, c.seq desc, e.seq limit 1) c on true
    left join lateral (
      select c.article ->> 'title' as title
      from embedkeep.captures c where c.article_id = a.id and c.article ->> 'title' is not null
        and exists (select from embedkeep.events e where e.article_id = a.id and e.seq <= ${head.events}
          and e.capture_id = c.id and e.kind in ('captured', 'replayed', 'imported'))
      order by c.fetched_at desc, c.seq desc limit 1) named on true
    left join lateral (
      select a.title where not exists (select from embedkeep.captures c
        where c.article_id = a.id and c.article ->> 'title' = a.title)) imported on true
    where a.id = ${anyOf(ids)}`.execute(db);
  return new Map(rows.map(({ id, row }) => [id, row]));
}

type Post = Selectable<PostTable>;
interface SeenSince extends SeenState {
  readonly post_id: number;
  readonly article_id: string;
}

/** Of these posts those that a later capture shows too, or an earlier one that was read later. */
export async function postsAsOf(
  { db, head }: World,
  found: ReadonlyMap<number, { readonly row: Row }>,
): Promise<ReadonlyMap<number, { post: PostRow; row: Row }>> {
  const { rows } = await sql<SeenSince>`
    with later as materialized (
      select distinct capture_id from embedkeep.events where seq > ${head.events} and capture_id is not null
    ), touched as materialized (
      select distinct s.post_id from later join embedkeep.sightings s on s.capture_id = later.capture_id
      where s.post_id = any(${[...found.keys()]}::bigint[])
    )
    select s.post_id, s.article_id, s.embed, s.captured_at, s.parser = c.parser as is_current
    from touched join embedkeep.sightings s on s.post_id = touched.post_id
      join embedkeep.captures c on c.id = s.capture_id
    where s.capture_id not in (select capture_id from later)
    order by s.captured_at, s.id`.execute(db);
  return new Map(
    [...Map.groupBy(rows, (row) => row.post_id)].flatMap(([id, seen]) => {
      const now = found.get(id)?.row as Post | undefined;
      const state = now && now.removed_at === null && shownBy(now, seen);
      if (!state) return [];
      const row = { ...now, ...state };
      const articles = new Set(seen.map((one) => one.article_id)).size;
      return [[id, { row, post: toPost({ ...row, n: id, articles } as ListRow) }] as const];
    }),
  );
}
