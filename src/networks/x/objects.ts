/** Posts as objects in data: X's API (v1.1 and v2), Substack's attributes, id-only props. */
import type { Media } from '../../embed.ts';
import { fold, found } from '../../extract/fields.ts';
import type { Json, JsonObject, ObjectRule, Post, PostRef } from '../../extract/network.ts';
import { toRef } from './address.ts';
import { mediaOfText } from './media.ts';

const string = (value: Json | undefined): string | null =>
  typeof value === 'string' && value.trim() !== '' ? value : null;
const digits = (value: Json | undefined): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
const object = (value: Json | undefined): JsonObject | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : null;

const AT = /^@/;
const TAG = /<[^>]*>/g;
/** Texts in data may hold markup and its references. */
const plain = (text: string | null): string | null =>
  text === null
    ? null
    : fold(
        text
          .replace(TAG, '')
          .replaceAll('&amp;', '&')
          .replaceAll('&lt;', '<')
          .replaceAll('&gt;', '>'),
      );

function withText(text: string | null): Pick<Post, 'text' | 'media'> {
  const folded = plain(text);
  if (!folded) return {};
  const media = mediaOfText(folded);
  return {
    text: { value: folded, rule: 'text' },
    media: media.length > 0 ? { value: media, rule: 'text' } : null,
  };
}

export function substackPost(
  attrs: JsonObject,
  claim: (address: Json | undefined) => PostRef | null,
): Post | null {
  const ref = claim(attrs['url']);
  if (!ref || !string(attrs['username'])) return ref ? { ref } : null;
  return {
    ref,
    name: found(fold(string(attrs['name']) ?? ''), 'name'),
    handle: found(string(attrs['username'])?.replace(AT, ''), 'username'),
    datetime: found(string(attrs['date']) ?? string(attrs['created_at']), 'date'),
    ...withText(string(attrs['full_text'])),
  };
}

/** `{ data: { id, text, created_at }, includes: { users: [{ name, username }] } }` (v2) or the data alone. */
export function apiPost(root: JsonObject): Post | null {
  const data = object(root['data']) ?? root;
  const users = object(root['includes'])?.['users'];
  const user = object(data['user']) ?? (Array.isArray(users) ? object(users[0] as Json) : null);
  const ref = toRef(digits(data['id_str'] ?? data['id']), null);
  const text = string(data['full_text']) ?? string(data['text']);
  if (!ref || !text) return null;
  return {
    ref,
    name: found(fold(string(user?.['name']) ?? ''), 'user.name'),
    handle: found(string(user?.['screen_name']) ?? string(user?.['username']), 'user'),
    datetime: found(string(data['created_at']), 'created_at'),
    lang: found(string(data['lang']), 'lang'),
    ...withText(text),
    ...withMedia(data),
  };
}

const PIC = /^pic\.(?:twitter|x)\.com\/\w{4,12}$/;

/** In the API's objects a picture's `t.co` address stands in the text, and what a reader sees of it in the entities. */
function withMedia(data: JsonObject): Pick<Post, 'media'> {
  const entities = ['extended_entities', 'entities'].map((key) => object(data[key]));
  const listed = entities
    .flatMap((each) => [each?.['media'], each?.['urls']])
    .filter(Array.isArray);
  const media = new Map<string, Media>();
  for (const entity of (listed as (readonly Json[])[]).flat().map(object)) {
    const display = string(entity?.['display_url']);
    const url = string(entity?.['url']);
    if (display && url && PIC.test(display)) media.set(display, { display, url });
  }
  return media.size > 0 ? { media: { value: [...media.values()], rule: 'entities' } } : {};
}

/** As X's own pages have it: `{ rest_id, core: { user_results: … }, legacy: { full_text, … } }`. */
function graphPost(o: JsonObject): Post | null {
  const legacy = object(o['legacy']);
  if (!legacy || !string(legacy['full_text'])) return null;
  const account = object(object(object(o['core'])?.['user_results'])?.['result']);
  const user = object(account?.['core']) ?? object(account?.['legacy']);
  return apiPost({ ...legacy, id_str: o['rest_id'] ?? null, ...(user && { user }) });
}

export const objects: readonly ObjectRule[] = [
  {
    form: 'json',
    keys: ['full_text'],
    read: (o, { claim }) => (o['username'] && o['url'] ? substackPost(o, claim) : null),
  },
  {
    form: 'json',
    keys: ['edit_history_tweet_ids', 'includes'],
    read: (o) => (isV2(o) ? apiPost(o) : null),
  },
  {
    form: 'json',
    keys: ['id_str'],
    read: (o) => (object(o['user'])?.['screen_name'] ? apiPost(o) : null),
  },
  { form: 'json', keys: ['rest_id'], read: graphPost },
  { form: 'json', keys: ['tweetId', 'tweet_id', 'tweetID'], read: (o) => idOnly(o) },
  { form: 'json', keys: ['tweet'], read: (o) => numbered(o) },
];

/** Other JSON APIs have `data` and `includes` as well. */
const isV2 = (o: JsonObject): boolean =>
  'edit_history_tweet_ids' in (object(o['data']) ?? o) ||
  Array.isArray(object(o['includes'])?.['users']);

/** `{ "insert": { "tweet": "1431…" } }`, as editors keep it. */
function numbered({ tweet }: JsonObject): Post | null {
  const id = digits(tweet);
  const ref = id && SNOWFLAKE.test(id) ? toRef(id, null) : null;
  return ref && { ref };
}
const SNOWFLAKE = /^[1-9]\d{16,18}$/;

function idOnly(o: JsonObject): Post | null {
  const ref = toRef(digits(o['tweetId'] ?? o['tweet_id'] ?? o['tweetID']), null);
  return ref && ref.postId.length > 8 ? { ref } : null;
}
