/** What is left of a post's words after a takedown: which post it was, and that it was seen. Pure. */
import { redactImport } from './import/redact.ts';
import type { Deed, JournalEntry, Reading } from './journal-entry.ts';
import { postIdOf } from './post-identity.ts';
import {
  NO_ARTICLE,
  REMOVED_FORM,
  redactEmbed,
  type Takedown,
  type TakenPost,
} from './redact-embed.ts';

export { NO_ARTICLE, REMOVED_FORM, redactEmbed, type Takedown, type TakenPost };

/** The same entry without the words; hash and events stay, they never had any. */
export function redactEntry(entry: JournalEntry, takedown: Takedown): JournalEntry {
  const deed = redactDeed(entry.deed, takedown);
  return deed === entry.deed ? entry : { ...entry, deed };
}

function redactDeed(deed: Deed, takedown: Takedown): Deed {
  const { captures, post } = takedown;
  if (deed.op === 'import') return redactImport(deed, takedown);
  if (deed.op !== 'finish' && deed.op !== 'reparse' && deed.op !== 'read') return deed;
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
