/** How a post is known: platform and id, or a fingerprint where the page carries no id. Pure. */
import { createHash } from 'node:crypto';
import type { Embed } from '../embed.ts';
import { postKey } from '../post-key.ts';

const SPACES = /\s+/gu;
const FIELD = '\u001f';
const DIGITS = 16;
/** No network's ids come near this; an index entry of Postgres ends at 2.7 KB. */
const MAX_POST_ID = 300;

/** White space folded, NFC: two copies of a text differ only where a reader would see it. */
export const foldText = (text: string): string => text.normalize('NFC').replace(SPACES, ' ').trim();

/** 16 hex digits of sha256(platform, handle, date, folded text). */
const hash = (parts: readonly string[]): string =>
  createHash('sha256').update(parts.join(FIELD)).digest('hex').slice(0, DIGITS);

/** Null where handle, date or text is unknown: then two posts could share it, and nothing may be joined by it. */
export function fingerprint(embed: Embed): string | null {
  const { platform, author, postedAt, text } = embed;
  if (!author.handle || !postedAt.date || !text) return null;
  return hash([platform, author.handle.toLowerCase(), postedAt.date, foldText(text)]);
}

/**
 * The id the store knows a post by. An id-less one that shows nothing of handle, date and text is told apart by its URL, or
 * failing that by where it stands: strangers must not become one post because both are unknown.
 */
export function postIdOf(embed: Embed, standsIn: { articleId: string; ordinal: number }): string {
  const key = postKey(embed);
  if (key && key.length <= MAX_POST_ID) return key;
  const { platform, author, postedAt, text } = embed;
  const parts = [
    platform,
    author.handle?.toLowerCase() ?? '',
    postedAt.date ?? '',
    foldText(text ?? ''),
  ];
  const blank = parts.slice(1).every((part) => part === '');
  const place = embed.url ?? `${standsIn.articleId} ${standsIn.ordinal}`;
  return `~${hash(blank ? [...parts, place] : parts)}`;
}

/** A post without an id of its own. */
export const isFingerprintId = (postId: string): boolean => postId.startsWith('~');

/** Handles are compared without `@` and case. */
export const foldHandle = (handle: string): string =>
  handle.normalize('NFKC').trim().replace(LEADING_AT, '').toLowerCase();
const LEADING_AT = /^@/;
