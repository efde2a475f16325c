/**
 * Addresses of Instagram posts, reels and videos. The shortcode is the post: /p/, /reel/ and /tv/ with the
 * same one are the same media. Share links (`/share/…`) are opaque and name nothing.
 */
import type { PostRef } from '../../extract/network.ts';
import { forumFrame, innerUrl, insetFrame, pathOf } from '../../extract/url-path.ts';

const HOST =
  /^(?:(?:www|m)\.|[a-z]{2}(?:-[a-z]{2})?\.)?(?:instagram\.com|instagr\.am|ddinstagram\.com)$/;
const OEMBED_HOST = /^(?:graph\.facebook\.com|api\.instagram\.com)$/;
const OEMBED_PATH = /^\/(?:v[\d.]+\/)?(?:instagram_oembed|oembed)\/?$/;
const POST = /^\/(?:([\w.]{1,30})\/)?(p|tv|reels?)\/([\w-]{5,60})(?:\/|$)/;
const FRAME = /\/embed(?:\/captioned)?\/?$/;
const STORY = /^\/stories\/([\w.]{1,30})\/(\d{10,20})\/?$/;
const NOT_A_USER = new Set([
  'share',
  'explore',
  'stories',
  'accounts',
  'about',
  'direct',
  'web',
  'api',
]);

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** A private account's link is the code with an access token of this length behind it. */
const TOKEN = 28;

export function claim(url: URL): PostRef | null {
  const framed = forumFrame(url, 'instagram') ?? insetFrame(url, 'instagram');
  if (framed) return claim(new URL(`https://www.instagram.com/p/${framed}/`));
  if (OEMBED_HOST.test(url.hostname)) {
    const inner = OEMBED_PATH.test(url.pathname) ? innerUrl(url, ['url']) : null;
    return inner && HOST.test(inner.hostname) ? claim(inner) : null;
  }
  if (!HOST.test(url.hostname)) return null;
  const path = pathOf(url);
  return post(path) ?? story(path);
}

/** Posts of these years begin with these letters; names of accounts may look like a code otherwise. */
const CODE = /^[A-D][\w-]{9,11}$/;
const CODE_KEY = /code|post/i;

export const typed = {
  says: /instagram/i,
  ref: (id: string, key: string): PostRef | null =>
    CODE_KEY.test(key) && CODE.test(id) ? post(`/p/${id}/`) : null,
};

function post(path: string): PostRef | null {
  const [, user, section, code] = POST.exec(path) ?? [];
  if (!section || !code || code === 'audio' || (user && NOT_A_USER.has(user))) return null;
  const postId = code.length > TOKEN ? code.slice(0, -TOKEN) : code;
  const place = section.startsWith('reel') ? 'reel' : section;
  return {
    postId,
    url: `https://www.instagram.com/${place}/${postId}/`,
    handle: user ?? null,
    ...(FRAME.test(path) && { kind: 'embed' }),
  };
}

/** A story's link holds the media's number; the shortcode is that number in base 64. */
function story(path: string): PostRef | null {
  const [, user, media] = STORY.exec(path) ?? [];
  if (!user || !media || user === 'highlights') return null;
  return {
    postId: shortcode(BigInt(media)),
    url: `https://www.instagram.com/stories/${user}/${media}/`,
    handle: user,
  };
}

function shortcode(media: bigint): string {
  let code = '';
  for (let rest = media; rest > 0n; rest >>= 6n) code = ALPHABET.charAt(Number(rest & 63n)) + code;
  return code;
}
