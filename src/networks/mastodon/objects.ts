/** A Mastodon post as the server's API gives it (the Status entity), where a page keeps it in its JSON. */
import { fold, found } from '../../extract/fields.ts';
import type { JsonObject, ObjectRule, Post } from '../../extract/network.ts';
import { readHandle } from '../../normalise/handle.ts';
import { cleanName } from '../../normalise/name.ts';

/** No `<` inside, so that a page of opening brackets is read once and not once a bracket. */
const TAG = /<[^<>]*>/g;
const BREAK = /<(?:br|\/p)\b[^<>]*>/gi;
const ENTITY = /&(?:amp|lt|gt|quot|apos|#39|nbsp);/g;
const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
  '&#39;': "'",
  '&nbsp;': ' ',
};

const string = (object: JsonObject, key: string): string | null => {
  const value = object[key];
  return typeof value === 'string' ? value : null;
};

/** `content` is HTML of paragraphs, breaks and links, written by the server. */
function plain(content: string): string {
  const bare = content.replace(BREAK, ' ').replace(TAG, '');
  return fold(bare.replace(ENTITY, (entity) => ENTITIES[entity] ?? entity));
}

export const objects: readonly ObjectRule[] = [
  {
    form: 'json',
    keys: ['account'],
    read: (object, { claim }): Post | null => {
      const account = object['account'];
      const content = string(object, 'content');
      if (typeof account !== 'object' || account === null || Array.isArray(account)) return null;
      if (content === null) return null;
      const author = account as JsonObject;
      const ref =
        claim(string(object, 'url') ?? undefined) ?? claim(string(object, 'uri') ?? undefined);
      if (!ref) return null;
      const acct = string(author, 'acct');
      const remote = acct?.includes('@') ? readHandle('mastodon', acct) : null;
      return {
        ref,
        name: found(cleanName(string(author, 'display_name')), 'account.display_name'),
        handle: found(remote, 'account.acct'),
        datetime: found(string(object, 'created_at'), 'created_at'),
        text: found(plain(content), 'content'),
        lang: found(string(object, 'language'), 'language'),
      };
    },
  },
];
