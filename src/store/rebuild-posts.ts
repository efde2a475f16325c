/**
 * What the store shows of a post, made anew from its sightings: where a newer parser has read a capture, only its word counts.
 * A field that only a superseded reading had goes; a post that no current reading has keeps what the old ones said.
 */
import { type Selectable, sql } from 'kysely';
import type { Embed } from '../embed.ts';
import { mergeStates, type PostState, searchOf, stateOf } from './post-state.ts';
import { REMOVED_FORM } from './redact.ts';
import type { PostTable, Trx } from './tables.ts';
import { toJson } from './well-formed.ts';

/** A sighting as far as the post follows from it. */
export interface SeenState {
  readonly embed: Embed;
  readonly captured_at: string;
  readonly is_current: boolean;
}
type Known = Pick<Selectable<PostTable>, 'id' | 'post_id'>;

export async function rebuildPosts(trx: Trx, posts: readonly number[]): Promise<void> {
  // One post at a time: one that a thousand articles show must not be in memory with others like it.
  const rows = await trx
    .selectFrom('posts')
    .select(['id', 'post_id'])
    .where('id', '=', sql<number>`any(${posts}::bigint[])`)
    .orderBy('platform')
    .orderBy('post_id')
    .forNoKeyUpdate()
    .execute();
  for (const row of rows) await rebuildPost(trx, row);
}

async function rebuildPost(trx: Trx, row: Known): Promise<void> {
  const seen: SeenState[] = await trx
    .selectFrom('sightings as s')
    .innerJoin('captures as c', 'c.id', 's.capture_id')
    .select(['s.embed', 's.captured_at'])
    .select(sql<boolean>`s.parser = c.parser`.as('is_current'))
    .where('s.post_id', '=', row.id)
    .orderBy('s.captured_at')
    .orderBy('s.id')
    .execute();
  const state = shownBy(row, seen);
  if (state) await writeState(trx, { id: row.id, state });
}

/** Of all its sightings, the oldest first. Pure; null where there is none. */
export function shownBy(row: Known, seen: readonly SeenState[]): PostState | null {
  const current = seen.filter((one) => one.is_current);
  const newest = current.length > 0 ? current : seen;
  // A tombstone says when it was seen, and nothing else: it must not speak over a sighting that still has words.
  const live = newest.filter((one) => one.embed.form !== REMOVED_FORM);
  const [first, ...others] = (live.length > 0 ? live : newest).map((one) => stateFor(row, one));
  if (!first) return null;
  const state = others.reduce(mergeStates, first);
  const first_seen_at = newest[0]?.captured_at ?? state.first_seen_at;
  const last_seen_at = newest.at(-1)?.captured_at ?? state.last_seen_at;
  return { ...state, first_seen_at, last_seen_at };
}

/** An id-less sighting may have been joined to an id: the row says which post it is. */
const stateFor = (row: Known, seen: SeenState): PostState =>
  stateOf(seen.embed, { postId: row.post_id, seenAt: seen.captured_at });

async function writeState(
  trx: Trx,
  { id, state }: { id: number; state: PostState },
): Promise<void> {
  const { search, author_search } = searchOf(state);
  const { platform: _, post_id: __, ...fields } = state;
  await trx
    .updateTable('posts')
    .set({
      ...fields,
      posted_at: sql`${toJson(state.posted_at)}::text::json`,
      media: sql`${toJson(state.media)}::text::json`,
    })
    .where('id', '=', id)
    .execute();
  await sql`
    update embedkeep.posts set search = ${search}::tsvector, author_search = ${author_search}::tsvector
    where id = ${id}`.execute(trx);
}
