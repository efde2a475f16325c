/** Addresses of Tumblr posts. A blog on a domain of its own shows its number only in the embed's `data-href`. */
import type { PostRef } from '../../extract/network.ts';
import { pathOf } from '../../extract/url-path.ts';

const SITE = /^(?:www\.)?tumblr\.com$/;
const BLOG_HOST = /^([a-z0-9](?:[a-z0-9-]{0,60}[a-z0-9])?)\.tumblr\.com$/;
const NOT_A_BLOG = new Set([
  'www',
  'embed',
  'api',
  'assets',
  'static',
  'media',
  'secure',
  'at',
  'href',
  'help',
  'support',
]);
const FRAME = /^\/embed\/post\/[^/]+\/(\d{6,20})(?:\/v\d)?\/?$/;
const ON_BLOG = /^\/(?:post|image|private)\/(\d{6,20})(?:\/|$)/;
const ON_SITE = /^\/(?:blog\/view\/|dashboard\/blog\/)?([\w-]+)\/(\d{6,20})(?:\/|$)/;

export function claim(url: URL): PostRef | null {
  const path = pathOf(url);
  if (url.hostname === 'embed.tumblr.com') {
    const framed = FRAME.exec(path)?.[1];
    return framed ? { postId: framed, url: null, handle: null, kind: 'embed' } : null;
  }
  if (SITE.test(url.hostname)) {
    const [, blog, postId] = ON_SITE.exec(path) ?? [];
    return address(blog, postId);
  }
  const blog = BLOG_HOST.exec(url.hostname)?.[1];
  return blog && !NOT_A_BLOG.has(blog) ? address(blog, ON_BLOG.exec(path)?.[1]) : null;
}

function address(blog: string | undefined, postId: string | undefined): PostRef | null {
  if (!blog || !postId || blog === 'tagged') return null;
  return { postId, url: `https://www.tumblr.com/${blog}/${postId}`, handle: blog };
}
