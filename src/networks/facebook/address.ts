/**
 * Addresses of Facebook posts, photos, videos and reels, in all the shapes two decades have left behind.
 * One post can have several ids (story, photo, video, pfbid); the one in the permalink is taken.
 * `fb.watch/…` and `/share/…` are opaque and name nothing.
 */
import type { PostRef } from '../../extract/network.ts';
import { innerUrl, pathOf } from '../../extract/url-path.ts';

/** www, the mobile ones, the code generator's (`developers.`), and a locale (`es-la.`, `de-de.`, `fr.`). */
const HOST =
  /^(?:(?:www|m|web|mbasic|touch|mobile|business|developers|upload|0|free|[a-z]{2}-[a-z]{2}|[a-z]{2})\.)?(?:facebook|fb)\.com$/;
const GRAPH = 'graph.facebook.com';
const PLUGIN =
  /^\/(?:v[\d.]+\/)?plugins\/(?:post|video|comment_embed)(?:\.php)?(?:\/oembed\.json)?\/?$/;
const OEMBED = /^\/(?:v[\d.]+\/)?oembed_(?:post|video)\/?$/;
/** Like, share and comment buttons, which name the post they serve. */
const BUTTON = /^\/(?:v[\d.]+\/)?(?:plugins|dialog|sharer|share\.php)(?:\/|\.php|$)/;

const POST = /^\/([^/]+)\/(?:posts|activity|permalink)\/(?:[^/]+\/)?(pfbid\w+|\d+)(?::\d+)?\/?$/;
const VIDEO = /^\/([^/]+)\/videos\/(?:[^/]+\/)*?(\d{5,})\/?$/;
const PHOTO = /^\/([^/]+)\/photos\/(?:[^/]+\/)?(\d{5,})\/?$/;
const GROUP_POST = /^\/groups\/([^/]+)\/(?:permalink|posts)\/(pfbid\w+|\d+)\/?$/;
const REEL = /^\/(?:[^/]+\/)?reels?\/(\d{5,})\/?$/;
const STORY = /^\/(?:permalink|story)\.php$/;
const PHOTO_PAGE = /^\/photo(?:\.php)?\/?$/;
const WATCH = /^\/(?:watch(?:\/live)?|video(?:\.php|\/video\.php)?)\/?$/;
/** Flash, before 2014. */
const FLASH = /^\/v\/(\d{5,})\/?$/;
const VIDEO_EMBED = /^\/video\/embed\/?$/;
const ID = /^(?:pfbid\w+|\d+)$/;
const NUMBER = /^\d{5,}$/;

const SITE = 'https://www.facebook.com';
/** First path segments that are no page's name. */
const NOT_A_PAGE = new Set([
  'groups',
  'watch',
  'people',
  'events',
  'pages',
  'pg',
  'share',
  'plugins',
  'media',
]);

export function claim(url: URL): PostRef | null {
  const ours = HOST.test(url.hostname);
  if (!ours && url.hostname !== GRAPH) return null;
  if ((ours && PLUGIN.test(url.pathname)) || OEMBED.test(url.pathname)) {
    return carried(url, 'embed');
  }
  if (BUTTON.test(url.pathname)) return carried(url, 'action');
  const path = pathOf(url);
  return byPath(path) ?? byQuery(path, url.searchParams);
}

/** The post of Facebook's that the address has in its query. */
function carried(url: URL, kind: 'embed' | 'action'): PostRef | null {
  const inner = innerUrl(url, ['href', 'url', 'u', 'link']);
  const ours = inner && HOST.test(inner.hostname) && !BUTTON.test(inner.pathname);
  const ref = ours ? claim(inner) : null;
  return ref && { ...ref, kind };
}

function byPath(path: string): PostRef | null {
  const group = GROUP_POST.exec(path);
  if (group?.[2]) {
    const url = `${SITE}/groups/${group[1]}/posts/${group[2]}/`;
    return { postId: group[2], url, handle: null };
  }
  const reel = REEL.exec(path)?.[1];
  if (reel) return { postId: reel, url: `${SITE}/reel/${reel}`, handle: null };
  return (
    ofPage(POST.exec(path), 'post') ??
    ofPage(VIDEO.exec(path), 'video') ??
    ofPage(PHOTO.exec(path), 'photo')
  );
}

function ofPage(match: RegExpExecArray | null, kind: 'post' | 'video' | 'photo'): PostRef | null {
  const [, page, id] = match ?? [];
  if (!page || !id || NOT_A_PAGE.has(page)) return null;
  const urls = {
    post: `${SITE}/${page}/posts/${id}`,
    video: `${SITE}/${page}/videos/${id}/`,
    photo: `${SITE}/photo/?fbid=${id}`,
  };
  return { postId: id, url: urls[kind], handle: NUMBER.test(page) ? null : page };
}

function byQuery(path: string, query: URLSearchParams): PostRef | null {
  const story = query.get('story_fbid');
  if (STORY.test(path) && story && ID.test(story)) {
    const owner = query.get('id');
    const url = `${SITE}/permalink.php?story_fbid=${story}${owner && ID.test(owner) ? `&id=${owner}` : ''}`;
    return { postId: story, url, handle: null };
  }
  const photo = query.get('fbid');
  if (PHOTO_PAGE.test(path) && photo && NUMBER.test(photo)) {
    return { postId: photo, url: `${SITE}/photo/?fbid=${photo}`, handle: null };
  }
  const name = VIDEO_EMBED.test(path) ? 'video_id' : WATCH.test(path) ? 'v' : null;
  const video = FLASH.exec(path)?.[1] ?? (name && query.get(name));
  if (!video || !NUMBER.test(video)) return null;
  return { postId: video, url: `${SITE}/watch/?v=${video}`, handle: null };
}
