/** Addresses of VK wall posts, videos, clips and photos: `{type}{owner}_{number}`, owners of groups negative. */
import type { PostRef } from '../../extract/network.ts';
import { pathOf } from '../../extract/url-path.ts';

const HOST = /^(?:(?:www|m|new)\.)?(?:vk\.com|vk\.ru|vkvideo\.ru|vkontakte\.ru)$/;
const ITEM = /^\/?(wall|video|clip|photo)(-?\d{1,15})_(\d{1,15})(?![\d_])/;
const LAST_ITEM = /\/(wall|video|clip|photo)(-?\d{1,15})_(\d{1,15})\/?$/;
const NUMBER = /^-?\d{1,15}$/;
/** Frames of VK's own: what they show, and the parameters holding the owner and the number. */
const FRAMES: Readonly<Record<string, readonly [kind: string, owner: string, number: string]>> = {
  '/video_ext.php': ['video', 'oid', 'id'],
  '/video_embed': ['video', 'oid', 'id'],
  '/clip_ext.php': ['clip', 'oid', 'id'],
  '/widget_post.php': ['wall', 'owner_id', 'post_id'],
};

export function claim(url: URL): PostRef | null {
  if (!HOST.test(url.hostname)) return null;
  const path = pathOf(url);
  const frame = FRAMES[path];
  if (frame) {
    const [kind, owner, number] = frame;
    const ref = item(kind, url.searchParams.get(owner), url.searchParams.get(number));
    return ref && { ...ref, kind: 'embed' };
  }
  for (const text of [path, url.searchParams.get('w'), url.searchParams.get('z')]) {
    const [, kind, owner, number] = (text && ITEM.exec(text)) || [];
    if (kind && owner && number) return item(kind, owner, number);
  }
  const [, kind, owner, number] = LAST_ITEM.exec(path) ?? [];
  return kind && owner && number ? item(kind, owner, number) : null;
}

/** `wall-1_2` from its parts, as the widget's script and the AMP tag give them; a post of owner 0 does not exist. */
export function item(kind: string, owner: string | null, number: string | null): PostRef | null {
  if (!owner || !number || !NUMBER.test(owner) || !NUMBER.test(number) || Number(owner) === 0)
    return null;
  const postId = `${kind}${owner}_${number}`;
  return { postId, url: `https://vk.com/${postId}`, handle: null };
}
