/**
 * What the store shows of a post: the newest sighting's word on each field, an older one's where the newest is silent.
 * Pure. `differences` is what a version records: both known, and not the same to a reader.
 */
import type { Selectable } from 'kysely';
import type { Embed } from '../embed.ts';
import { fingerprint, foldHandle, foldText } from './post-identity.ts';
import { searchVector } from './search-terms.ts';
import type { Change, PostTable } from './tables.ts';

/** An index entry of Postgres ends at 2.7 KB. */
const MAX_HANDLE = 300;

export type PostState = Omit<Selectable<PostTable>, 'id' | 'removed_at' | 'removed_names'>;

export function stateOf(embed: Embed, key: { postId: string; seenAt: string }): PostState {
  const { handle } = embed.author;
  return {
    platform: embed.platform,
    post_id: key.postId,
    fingerprint: fingerprint(embed),
    url: embed.url,
    author_name: embed.author.name,
    author_handle: handle,
    handles: handle ? [foldHandle(handle).slice(0, MAX_HANDLE)] : [],
    posted_at: embed.postedAt,
    posted_date: embed.postedAt.date,
    lang: embed.lang,
    text: embed.text,
    media: embed.media,
    form: embed.form,
    confidence: embed.confidence,
    first_seen_at: key.seenAt,
    last_seen_at: key.seenAt,
  };
}

/** Joins two states of one post; which of them is newer is read from their times. Order does not matter. */
export function mergeStates(one: PostState, other: PostState): PostState {
  const isNewer = Date.parse(other.last_seen_at) >= Date.parse(one.last_seen_at);
  const [newer, older] = isNewer ? [other, one] : [one, other];
  const shown = newer.text === null && older.text !== null ? older : newer;
  const dated = newer.posted_date === null && older.posted_date !== null ? older : newer;
  return {
    platform: newer.platform,
    post_id: newer.post_id,
    fingerprint: newer.fingerprint ?? older.fingerprint,
    url: newer.url ?? older.url,
    author_name: newer.author_name ?? older.author_name,
    author_handle: newer.author_handle ?? older.author_handle,
    handles: [...new Set([...newer.handles, ...older.handles])],
    posted_at: dated.posted_at,
    posted_date: dated.posted_date,
    lang: newer.lang ?? older.lang,
    text: shown.text,
    media: newer.media.length > 0 ? newer.media : older.media,
    form: shown.form,
    confidence: shown.confidence,
    first_seen_at: earlier(one.first_seen_at, other.first_seen_at),
    last_seen_at: newer.last_seen_at,
  };
}

/** The lexemes of a post: text and author, and the author alone. Earlier handles are found through `handles`. */
export const searchOf = (state: PostState): { search: string; author_search: string } => ({
  search: searchVector([state.text, state.author_name, state.author_handle]),
  author_search: searchVector([state.author_name, state.author_handle]),
});

/** Field by field, what `after` shows otherwise than `before`. What one of them doesn't know is no difference. */
export function differences(before: PostState, after: PostState): Change[] {
  const changes: Change[] = [];
  const compare = (field: Change['field'], values: readonly [unknown, unknown]) => {
    const [was, is] = values;
    if (was === null || is === null || same(was, is)) return;
    changes.push({ field, before: was, after: is });
  };
  compare('text', [before.text, after.text]);
  compare('author.name', [before.author_name, after.author_name]);
  compare('author.handle', [before.author_handle, after.author_handle]);
  if (before.media.length > 0 && after.media.length > 0) {
    compare('media', [before.media, after.media]);
  }
  return changes;
}

function same(was: unknown, is: unknown): boolean {
  if (typeof was === 'string' && typeof is === 'string') return foldText(was) === foldText(is);
  return mediaKey(was as Embed['media']) === mediaKey(is as Embed['media']);
}

/** The same pictures in another order, or with another t.co twin, are the same. */
const mediaKey = (media: Embed['media']): string =>
  media
    .map((one) => one.display)
    .sort()
    .join('\n');

const earlier = (a: string, b: string): string => (Date.parse(a) <= Date.parse(b) ? a : b);
