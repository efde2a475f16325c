/** Addresses of Bluesky posts: bsky.app, its embed frame, the fixing mirrors, and `at://` URIs. */
import type { PostRef } from '../../extract/network.ts';
import { innerUrl, pathOf } from '../../extract/url-path.ts';

const HOST =
  /^(?:www\.)?(?:bsky\.app|(?:main|staging)\.bsky\.(?:dev|app)|fxbsky\.app|bskx\.app|vxbsky\.app|deer\.social)$/;
const EMBED_HOST = 'embed.bsky.app';
const POST = /^\/profile\/([^/]+)\/post\/([\w.~:-]{1,512})(?:\/|$)/;
const FRAME = /^\/embed\/([^/]+)\/app\.bsky\.feed\.post\/([\w.~:-]{1,512})\/?$/;
const AT_URI = /^at:\/\/([^/\s]+)\/app\.bsky\.feed\.post\/([\w.~:-]{1,512})$/;
const DID = /^did:[a-z]+:[\w.:%-]+$/;
const HANDLE = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*$/i;

export function claim(url: URL): PostRef | null {
  // The engine hands the DID's colons over percent-encoded.
  if (url.protocol === 'at:') return claimAtUri(url.href.replaceAll('%3A', ':'));
  if (url.hostname === EMBED_HOST) {
    if (url.pathname === '/oembed') {
      const inner = innerUrl(url, ['url']);
      return inner && HOST.test(inner.hostname) ? claim(inner) : null;
    }
    const ref = address(FRAME.exec(pathOf(url)));
    return ref && { ...ref, kind: 'embed' };
  }
  return HOST.test(url.hostname) ? address(POST.exec(pathOf(url))) : null;
}

/** `at://did:plc:…/app.bsky.feed.post/…`, which the URL parser refuses for the colons in its host. */
export function claimAtUri(uri: string): PostRef | null {
  return address(AT_URI.exec(uri.trim()));
}

function address(match: RegExpExecArray | null): PostRef | null {
  const [, raw, key] = match ?? [];
  const author = raw?.replace('@', '');
  if (!author || !key) return null;
  const byDid = DID.test(author);
  if (!byDid && !HANDLE.test(author)) return null;
  return {
    postId: `${author}/${key}`,
    url: `https://bsky.app/profile/${author}/post/${key}`,
    handle: byDid || author === 'handle.invalid' ? null : author,
  };
}
