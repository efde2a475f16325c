/**
 * The name of a post within its platform: `postId`, or `postId/commentId` for a comment below it. The store, addresses, events
 * and takedowns name posts so; records show the parts. Pure.
 */

interface Named {
  readonly postId: string | null;
  /** Absent in readings of parsers before version 3, whose `postId` of a comment was the whole name. */
  readonly commentId?: string | null | undefined;
}

/** Null where the page carries no id. */
export function postKey(named: { postId: string; commentId?: string | null | undefined }): string;
export function postKey(named: Named): string | null;
export function postKey({ postId, commentId }: Named): string | null {
  return postId !== null && commentId ? `${postId}/${commentId}` : postId;
}

/** Ids of other platforms hold slashes that part nothing: Mastodon's `host/id`, Bluesky's `did/rkey`. */
const COMMENTED: ReadonlySet<string> = new Set(['reddit']);
const COMMENT = /^([^/]+)\/([^/]+)$/;

/** Takes apart what `postKey` made; a name without a comment is all `postId`. */
export function keyParts(
  platform: string,
  key: string,
): { readonly postId: string; readonly commentId: string | null } {
  const [, postId, commentId] = (COMMENTED.has(platform) && COMMENT.exec(key)) || [];
  return postId !== undefined && commentId !== undefined
    ? { postId, commentId }
    : { postId: key, commentId: null };
}

/** A kept reading in today's shape, whichever parser made it. What the chain vouches for is the reading as it was kept. */
export function inPresentShape<T extends Named & { readonly platform: string }>(
  read: T,
): T & { readonly commentId: string | null } {
  if (read.commentId !== undefined) return read as T & { readonly commentId: string | null };
  return Object.fromEntries(
    Object.entries(read).flatMap(([name, value]) =>
      name === 'postId' ? Object.entries(partsOf(read)) : [[name, value]],
    ),
  ) as T & { readonly commentId: string | null };
}

const partsOf = ({ platform, postId }: Named & { readonly platform: string }) =>
  postId === null ? { postId, commentId: null } : keyParts(platform, postId);
