/** A sighting without its words: which post it was, and that it was seen. Pure. */
import { isDeepStrictEqual } from 'node:util';
import type { ArticleMeta, Embed } from '../embed.ts';
import { keyParts } from '../post-key.ts';

/** Form of a sighting whose words were removed. */
export const REMOVED_FORM = 'removed';

export interface Takedown {
  readonly captures: ReadonlySet<string>;
  /** Only this post in these captures and everywhere; null where the captures go altogether. */
  readonly post: TakenPost | null;
}

export interface TakenPost {
  readonly platform: string;
  readonly postId: string;
  /** Fingerprints under which it was seen before its id was known. */
  readonly aliases: readonly string[];
}

/** `postId` is the store's name for it, also where the page carried none. */
export const redactEmbed = (embed: Embed, postId: string): Embed => ({
  role: embed.role,
  platform: embed.platform,
  ...keyParts(embed.platform, postId),
  url: null,
  author: { name: null, handle: null },
  postedAt: {
    text: null,
    date: null,
    instant: null,
    precision: null,
    source: null,
    readings: [],
    conflict: null,
  },
  lang: null,
  text: null,
  media: [],
  form: REMOVED_FORM,
  confidence: 0,
  evidence: null,
  sources: {},
});

/** Whether it says nothing but which post was seen. */
export function isTombstone(embed: Embed): boolean {
  const { postId, commentId } = embed;
  // Before parser 3 a comment had no id of its own.
  const named = { postId, ...('commentId' in embed && { commentId }) };
  const { commentId: _, ...blank } = redactEmbed(embed, '');
  return isDeepStrictEqual({ ...embed }, { ...blank, ...named });
}

export const NO_ARTICLE: ArticleMeta = {
  canonicalUrl: null,
  title: null,
  siteName: null,
  publishedAt: null,
  modifiedAt: null,
  authors: [],
  lang: null,
};
