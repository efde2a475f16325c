/** Addresses of Truth Social posts: a fork of Mastodon with one server, so the number alone is the post. */
import type { PostRef } from '../../extract/network.ts';
import { pathOf } from '../../extract/url-path.ts';

const HOST = /^(?:www\.)?truthsocial\.com$/;
const POST = /^\/(?:@|users\/)([\w.]{1,40})\/(?:posts\/|statuses\/)?(\d{15,20})(?:\/embed)?\/?$/;

export function claim(url: URL): PostRef | null {
  if (!HOST.test(url.hostname)) return null;
  const [, user, postId] = POST.exec(pathOf(url)) ?? [];
  if (!user || !postId) return null;
  return { postId, url: `https://truthsocial.com/@${user}/${postId}`, handle: user };
}
