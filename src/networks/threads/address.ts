/** Addresses of Threads posts. The host moved from threads.net to threads.com in 2025; shortcodes are case-sensitive. */
import type { PostRef } from '../../extract/network.ts';
import { forumFrame, pathOf } from '../../extract/url-path.ts';

const HOST = /^(?:www\.)?threads\.(?:net|com)$/;
const POST = /^\/(?:@([\w.]{1,30})\/post|t)\/([\w-]{5,30})(?:\/|$)/;

export function claim(url: URL): PostRef | null {
  const framed = forumFrame(url, 'threads');
  if (framed) return claim(new URL(`https://www.threads.com/t/${framed}`));
  if (!HOST.test(url.hostname)) return null;
  const [, user, postId] = POST.exec(pathOf(url)) ?? [];
  if (!postId) return null;
  const place = user ? `@${user}/post` : 't';
  return { postId, url: `https://www.threads.com/${place}/${postId}`, handle: user ?? null };
}
