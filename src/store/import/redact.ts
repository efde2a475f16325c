/** The words of a takedown gone from what the journal keeps of an import. Pure. */
import { NO_ARTICLE, redactEmbed, type Takedown } from '../redact-embed.ts';
import type { ImportedRows, ImportedSighting, Row } from './rows.ts';

/** The very same object where nothing of it is meant. */
export function redactImport<T extends ImportedRows>(rows: T, { captures, post }: Takedown): T {
  const isGone = (captureId: string): boolean => post === null && captures.has(captureId);
  const isMeant = ({ captureId, platform, postId }: ImportedSighting): boolean =>
    isGone(captureId) ||
    (post !== null &&
      platform === post.platform &&
      (postId === post.postId || post.aliases.includes(postId)));
  const meant = rows.sightings.filter(isMeant);
  const gone = rows.captures.filter(({ id }) => isGone(String(id)));
  if (meant.length === 0 && gone.length === 0) return rows;
  const names = new Set(meant.map(nameOf));
  return {
    ...rows,
    sightings: rows.sightings.map((one) => (isMeant(one) ? wordless(one) : one)),
    captures: rows.captures.map((row) =>
      isGone(String(row['id']))
        ? { ...row, article: row['article'] && NO_ARTICLE, suspected: [] }
        : row,
    ),
    // What other captures still show of it comes back when the removal is replayed: that makes posts anew.
    posts: rows.posts.map((row) =>
      names.has(`${row['platform']}/${row['post_id']}`) ? wordlessPost(row) : row,
    ),
  };
}

const nameOf = ({ platform, postId }: ImportedSighting): string => `${platform}/${postId}`;

const wordless = (one: ImportedSighting): ImportedSighting => ({
  ...one,
  embed: redactEmbed(one.embed, one.postId),
  ...(one.changes && {
    changes: one.changes.map(({ field }) => ({ field, before: null, after: null })),
  }),
});

function wordlessPost(row: Row): Row {
  const { postedAt } = redactEmbed({} as never, '');
  const none = { url: null, author_name: null, author_handle: null, lang: null, text: null };
  return {
    ...row,
    ...none,
    fingerprint: null,
    handles: [],
    posted_at: postedAt,
    posted_date: null,
    media: [],
    search: '',
    author_search: '',
  };
}
