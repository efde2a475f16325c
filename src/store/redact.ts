/** What is left of a post's words after a takedown: which post it was, and that it was seen. Pure. */
import type { ArticleMeta, Embed } from '../embed.ts';
import type { Deed, JournalEntry, Reading } from './journal-entry.ts';
import { postIdOf } from './post-identity.ts';

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
  postId,
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

export const NO_ARTICLE: ArticleMeta = {
  canonicalUrl: null,
  title: null,
  siteName: null,
  publishedAt: null,
  modifiedAt: null,
  authors: [],
  lang: null,
};

/** The same entry without the words; hash and events stay, they never had any. */
export function redactEntry(entry: JournalEntry, takedown: Takedown): JournalEntry {
  const deed = redactDeed(entry.deed, takedown);
  return deed === entry.deed ? entry : { ...entry, deed };
}

function redactDeed(deed: Deed, { captures, post }: Takedown): Deed {
  if (deed.op !== 'finish' && deed.op !== 'reparse') return deed;
  const captureId = deed.op === 'finish' ? `c${deed.runId.slice(1)}` : deed.captureId;
  const isGone = captures.has(captureId) && post === null;
  let isChanged = isGone;
  const embeds = deed.reading.embeds.map((embed, ordinal) => {
    const postId = postIdOf(embed, { articleId: deed.articleId, ordinal });
    const isMeant = isGone || (post !== null && isPost(post, embed.platform, postId));
    isChanged ||= isMeant;
    return isMeant ? redactEmbed(embed, postId) : embed;
  });
  if (!isChanged) return deed;
  const reading: Reading = isGone
    ? { ...deed.reading, embeds, article: NO_ARTICLE, suspected: [] }
    : { ...deed.reading, embeds };
  return { ...deed, reading };
}

const isPost = (post: TakenPost, platform: string, postId: string): boolean =>
  post.platform === platform && (post.postId === postId || post.aliases.includes(postId));
