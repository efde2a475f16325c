/** Addresses of Vine videos; the service closed in 2017, its embeds still stand in old articles. */
import type { PostRef } from '../../extract/network.ts';
import { innerUrl, insetFrame, pathOf } from '../../extract/url-path.ts';

const HOST = /^(?:(?:www|m)\.)?vine\.co$/;
const POST = /^\/v\/([A-Za-z0-9]{8,20})(?:\/|$)/;

export function claim(url: URL): PostRef | null {
  const inset = insetFrame(url, 'vine');
  if (inset !== null) return claim(new URL(`https://vine.co/v/${inset}`));
  if (!HOST.test(url.hostname)) return null;
  const path = pathOf(url);
  if (path === '/oembed.json' || path === '/oembed') {
    const inner = innerUrl(url, ['url']);
    return inner?.pathname.startsWith('/v/') ? claim(inner) : null;
  }
  const postId = POST.exec(path)?.[1];
  return postId ? { postId, url: `https://vine.co/v/${postId}`, handle: null } : null;
}
