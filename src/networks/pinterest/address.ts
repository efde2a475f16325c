/** Addresses of pins, on any of Pinterest's country hosts. Boards, profiles, the pin button and pin.it links are none. */
import type { PostRef } from '../../extract/network.ts';
import { forumFrame, pathOf } from '../../extract/url-path.ts';

const HOST =
  /^(?:(?:www|m|[a-z]{2}|assets)\.)?pinterest\.(?:com|[a-z]{2}|info|co\.[a-z]{2}|com\.[a-z]{2})$/;
const PIN = /^\/pin\/(?:[^/]*--)?(\d{6,25})(?:\/|$)/;
const FRAME = '/ext/embed.html';
const NUMBER = /^\d{6,25}$/;

export function claim(url: URL): PostRef | null {
  const framed = forumFrame(url, 'pinterest');
  if (framed) return claim(new URL(`https://www.pinterest.com/pin/${framed}/`));
  if (!HOST.test(url.hostname)) return null;
  const path = pathOf(url);
  const own = path === FRAME ? (url.searchParams.get('id') ?? '') : '';
  const postId = NUMBER.test(own) ? own : PIN.exec(path)?.[1];
  return postId
    ? {
        postId,
        url: `https://www.pinterest.com/pin/${postId}/`,
        handle: null,
        ...(own && { kind: 'embed' as const }),
      }
    : null;
}
