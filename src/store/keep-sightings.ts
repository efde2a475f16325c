/** What one reading of one capture adds: sightings, versions, and the events that tell of them. */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Embed } from '../embed.ts';
import type { NewEvent } from './event-chain.ts';
import { type KeptPost, keepPosts } from './keep-posts.ts';
import type { Change, Trx } from './tables.ts';
import { toJson } from './well-formed.ts';

export interface Reading {
  readonly captureId: string;
  readonly articleId: string;
  readonly articleHost: string;
  readonly runId: string;
  readonly capturedAt: string;
  readonly parser: string;
  readonly embeds: readonly Embed[];
  /** Capture to compare with: the article's last one. */
  readonly previous: string | null;
  /** Nothing may be called vanished when a part of the page was not read. */
  readonly isWhole: boolean;
  /** Known bytes read anew: what differs is the parser's doing, not the post's, and no version of it. */
  readonly isCorrection?: boolean;
}

export interface KeptReading {
  readonly embeds: number;
  readonly newPosts: number;
  readonly events: NewEvent[];
  /** What the chain vouches for. */
  readonly told: SightingsTold;
}

export interface SightingsTold {
  /** Digest of each sighting's JSON. */
  readonly embeds: readonly string[];
  /** The place of each on its page; absent where they are 0, 1, 2 and so on. */
  readonly ordinals?: readonly number[];
}

export function sightingsTold(
  sightings: readonly { readonly embed: Embed; readonly ordinal: number }[],
): SightingsTold {
  const embeds = sightings.map(({ embed }) => sightingDigest(embed));
  const ordinals = sightings.map(({ ordinal }) => ordinal);
  return { embeds, ...(ordinals.some((at, index) => at !== index) && { ordinals }) };
}

export const sightingDigest = (embed: Embed): string =>
  createHash('sha256').update(toJson(embed)).digest('hex');

export const changesDigest = (changes: readonly Change[]): string =>
  createHash('sha256').update(toJson(changes)).digest('hex');

export async function keepReading(trx: Trx, reading: Reading): Promise<KeptReading> {
  const before = await postsOf(trx, reading.previous);
  const posts = await keepPosts(trx, reading);
  await insertSightings(trx, { reading, posts });
  if (!reading.isCorrection) await insertVersions(trx, { reading, posts });
  return {
    embeds: posts.length,
    newPosts: posts.filter((post) => post.isNew).length,
    events: eventsOf(reading, { posts, before }),
    told: sightingsTold(posts),
  };
}

interface Before {
  readonly row: number;
  readonly platform: string;
  readonly postId: string;
  readonly parser: string;
}

/** The posts that the newest parser saw in a capture, each once. */
async function postsOf(trx: Trx, captureId: string | null): Promise<Before[]> {
  if (captureId === null) return [];
  const seen = await trx
    .selectFrom('captures as c')
    .innerJoin('sightings as s', (join) =>
      join.onRef('s.capture_id', '=', 'c.id').onRef('s.parser', '=', 'c.parser'),
    )
    .innerJoin('posts as p', 'p.id', 's.post_id')
    .select(['p.id as row', 'p.platform', 'p.post_id as postId', 's.parser'])
    .where('c.id', '=', captureId)
    .orderBy('s.ordinal')
    .execute();
  return [...new Map(seen.map((post) => [post.row, post])).values()];
}

function eventsOf(
  reading: Reading,
  { posts, before }: { posts: readonly KeptPost[]; before: readonly Before[] },
): NewEvent[] {
  const { articleId, captureId, runId, parser } = reading;
  const where = { articleId, captureId, runId };
  const was = new Set(before.map((post) => post.row));
  const is = new Set(posts.map((post) => post.row));
  const name = (post: { row: number; platform: string; postId: string }) => ({
    platform: post.platform,
    postId: post.postId,
    postRow: post.row,
  });
  const seen = posts
    .filter((post) => !was.has(post.row))
    .map((post): NewEvent => {
      const detail = { role: post.embed.role, form: post.embed.form };
      return { kind: 'seen', ...where, ...name(post), detail };
    });
  const changed = posts
    .filter((post) => post.changes.length > 0)
    .map((post): NewEvent => {
      // Names of fields only: the words themselves must be removable without breaking the chain.
      const fields = post.changes.map((change) => change.field);
      const detail = { fields, parser, digest: changesDigest(post.changes) };
      return { kind: 'changed', ...where, ...name(post), detail };
    });
  const gone = reading.isWhole ? before.filter((post) => !is.has(post.row)) : [];
  const vanished = gone.map((post): NewEvent => {
    const detail = { previous: reading.previous, parsers: [post.parser, parser] };
    return { kind: 'vanished', ...where, ...name(post), detail };
  });
  return [...seen, ...changed, ...vanished];
}

async function insertSightings(
  trx: Trx,
  { reading, posts }: { reading: Reading; posts: readonly KeptPost[] },
): Promise<void> {
  if (posts.length === 0) return;
  const rows = posts.map(({ row, ordinal, embed }) => ({
    post_id: row,
    ordinal,
    role: embed.role,
    embed,
  }));
  await sql`
    insert into embedkeep.sightings
      (capture_id, post_id, article_id, article_host, parser, ordinal, role, captured_at, embed)
    select ${reading.captureId}, post_id, ${reading.articleId}, ${reading.articleHost},
      ${reading.parser}, ordinal, role, ${reading.capturedAt}::timestamptz, embed
    from json_to_recordset(${toJson(rows)}::text::json)
      as x(post_id bigint, ordinal integer, role text, embed json)
    order by ordinal
    on conflict (capture_id, post_id, parser, ordinal) do nothing`.execute(trx);
}

async function insertVersions(
  trx: Trx,
  { reading, posts }: { reading: Reading; posts: readonly KeptPost[] },
): Promise<void> {
  const rows = posts.flatMap(({ row, changes }) =>
    changes.length > 0 ? [{ post_id: row, changes }] : [],
  );
  if (rows.length === 0) return;
  await sql`
    insert into embedkeep.post_versions (post_id, capture_id, parser, seen_at, changes)
    select post_id, ${reading.captureId}, ${reading.parser}, ${reading.capturedAt}::timestamptz, changes
    from json_to_recordset(${toJson(rows)}::text::json) as x(post_id bigint, changes json)
    on conflict (post_id, capture_id, parser) do nothing`.execute(trx);
}
