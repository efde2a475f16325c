/** Bluesky posts as JSON: Substack's embed and the API's own view of a post (app.bsky.feed.defs#postView). */
import { fold, found } from '../../extract/fields.ts';
import type { JsonObject, ObjectRule, Post } from '../../extract/network.ts';
import { readHandle } from '../../normalise/handle.ts';
import { cleanName } from '../../normalise/name.ts';
import { claimAtUri } from './address.ts';

const string = (object: JsonObject, key: string): string | null => {
  const value = object[key];
  return typeof value === 'string' ? value : null;
};

const objectIn = (object: JsonObject, key: string): JsonObject | null => {
  const value = object[key];
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : null;
};

function substack(object: JsonObject): Post | null {
  const ref = claimAtUri(string(object, 'uri') ?? '');
  return (
    ref && {
      ref,
      name: found(cleanName(string(object, 'authorName')), 'authorName'),
      handle: found(readHandle('bluesky', string(object, 'authorHandle')), 'authorHandle'),
      datetime: found(string(object, 'createdAt'), 'createdAt'),
      text: found(fold(string(object, 'text') ?? ''), 'text'),
    }
  );
}

function postView(object: JsonObject): Post | null {
  const ref = claimAtUri(string(object, 'uri') ?? '');
  const author = objectIn(object, 'author');
  const record = objectIn(object, 'record') ?? objectIn(object, 'value');
  if (!ref || !author || !record) return null;
  const langs = record['langs'];
  const lang = Array.isArray(langs) && typeof langs[0] === 'string' ? langs[0] : null;
  return {
    ref,
    name: found(cleanName(string(author, 'displayName')), 'author.displayName'),
    handle: found(readHandle('bluesky', string(author, 'handle')), 'author.handle'),
    datetime: found(string(record, 'createdAt'), 'record.createdAt'),
    text: found(fold(string(record, 'text') ?? ''), 'record.text'),
    lang: found(lang, 'record.langs'),
  };
}

export const objects: readonly ObjectRule[] = [
  { form: 'json', keys: ['authorHandle'], read: substack },
  { form: 'json', keys: ['record', 'value'], read: postView },
];
