/** Addresses of Reddit posts and comments. `/r/…/s/…` share links are opaque and name nothing. */
import type { PostRef } from '../../extract/network.ts';
import { forumFrame, innerUrl, pathOf } from '../../extract/url-path.ts';

const HOST =
  /^(?:(?:www|old|new|np|m|sh|amp|i|embed|[a-z]{2})\.)?(?:reddit\.com|redditmedia\.com|rxddit\.com|vxreddit\.com)$/;
const SHORT_HOST = /^(?:www\.)?redd\.it$/;
const POST =
  /^\/(?:(r|user|u)\/([^/]+)\/)?comments\/([a-z0-9]{2,10})(?:\/([^/]*))?(?:\/([a-z0-9]{5,10}))?\/?$/i;
const GALLERY = /^\/(?:gallery|tb)\/([a-z0-9]{4,10})\/?$/i;
const SHORT = /^\/([a-z0-9]{4,10})\/?$/i;

export function claim(url: URL): PostRef | null {
  const framed = forumFrame(url, 'reddit');
  if (framed) return claim(new URL(`https://www.reddit.com/${framed}`));
  const path = pathOf(url);
  if (SHORT_HOST.test(url.hostname)) return address({ post: SHORT.exec(path)?.[1] });
  if (!HOST.test(url.hostname)) return null;
  if (path === '/oembed') {
    const inner = innerUrl(url, ['url']);
    return inner && pathOf(inner) !== '/oembed' ? claim(inner) : null;
  }
  const gallery = GALLERY.exec(path)?.[1];
  if (gallery) return address({ post: gallery });
  const [, section, owner, post, , comment] = POST.exec(path) ?? [];
  return address({ section, owner, post, comment });
}

interface Parts {
  readonly section?: string | undefined;
  readonly owner?: string | undefined;
  readonly post: string | undefined;
  readonly comment?: string | undefined;
}

function address({ section, owner, post, comment }: Parts): PostRef | null {
  if (!post) return null;
  const id = post.toLowerCase();
  const reply = comment?.toLowerCase();
  const ofUser = section !== undefined && section.toLowerCase() !== 'r';
  const place = section ? `${ofUser ? 'user' : 'r'}/${owner}/` : '';
  return {
    postId: id,
    ...(reply && { commentId: reply }),
    url: `https://www.reddit.com/${place}comments/${id}/${reply ? `comment/${reply}/` : ''}`,
    // A post on a profile is its owner's; a comment there can be anybody's.
    handle: ofUser && !reply ? (owner ?? null) : null,
  };
}
