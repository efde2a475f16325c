/** Addresses of TikTok videos and photo posts. `vm.`, `vt.` and `/t/…` links are opaque and name nothing. */
import type { PostRef } from '../../extract/network.ts';
import { forumFrame, innerUrl, pathOf } from '../../extract/url-path.ts';

const HOST = /^(?:(?:www|m|us|t)\.)?(?:tiktok\.com|tiktokv\.com|vxtiktok\.com|tnktok\.com)$/;
const POST = /^\/(?:@([\w.-]*)\/|(?:i18n\/)?share\/)?(?:video|photo)\/(\d{15,20})(?:\/|$)/;
/** TikTok's own code sometimes wrote the account's internal id (secUid) where the handle goes. */
const INTERNAL_ID = /^MS4wLjABAAAA/;
const PLAYER = /^\/(?:embed(?:\/v\d)?|player\/v\d|v)\/(\d{15,20})(?:\.html)?\/?$/;

export function claim(url: URL): PostRef | null {
  const framed = forumFrame(url, 'tiktok');
  if (framed) return claim(new URL(`https://www.tiktok.com/embed/${framed}`));
  if (!HOST.test(url.hostname)) return null;
  const path = pathOf(url);
  if (path === '/oembed') {
    const inner = innerUrl(url, ['url']);
    return inner && pathOf(inner) !== '/oembed' ? claim(inner) : null;
  }
  const [, user, id] = POST.exec(path) ?? [];
  const player = id ? undefined : PLAYER.exec(path)?.[1];
  const postId = id ?? player;
  if (!postId) return null;
  return {
    postId,
    url: `https://www.tiktok.com/@${user ?? ''}/video/${postId}`,
    handle: user && !INTERNAL_ID.test(user) ? user : null,
    ...(user && INTERNAL_ID.test(user) && { handleReason: 'an internal id stands for the handle' }),
    ...(player && path.startsWith('/v/') === false && { kind: 'embed' }),
  };
}

const LONG = /^[67]\d{18}$/;

export const typed = {
  says: /tiktok/i,
  ref: (id: string): PostRef | null =>
    LONG.test(id)
      ? { postId: id, url: `https://www.tiktok.com/@/video/${id}`, handle: null }
      : null,
};
