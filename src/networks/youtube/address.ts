/** Addresses of YouTube videos and community posts. Playlists, channels and clips are not posts. */
import type { PostRef } from '../../extract/network.ts';
import { innerUrl, insetFrame, pathOf } from '../../extract/url-path.ts';

const HOST =
  /^(?:(?:www|m|music|gaming|[a-z]{2})\.)?(?:youtube\.com|youtube-nocookie\.com|youtube\.googleapis\.com)$/;
/** Public front ends that keep YouTube's own paths. */
const MIRROR = /^(?:www\.)?(?:(?:invidious|inv|piped)\.[a-z0-9.-]+|yewtu\.be|invidio\.us)$/;
const SHORT_HOST = /^(?:www\.)?youtu\.be$/;
const BY_PATH = /^\/(?:embed|shorts|live|v|e|vi)\/([\w-]{11})(?:[/&?]|$)/;
const WATCH = /^\/(?:watch|watch_popup|embed|ytscreeningroom)?\/?$/;
const SHORT = /^\/([\w-]{11})(?:[/&?]|$)/;
const COMMUNITY = /^\/post\/(Ug[\w-]{10,})(?:\/|$)/;
const VIDEO_ID = /^[\w-]{11}$/;
const COMMUNITY_ID = /^Ug[\w-]{10,}$/;
/** Words of eleven letters where an id stands otherwise. */
const NOT_A_VIDEO = new Set(['videoseries', 'live_stream']);

export function claim(url: URL): PostRef | null {
  const inset = insetFrame(url, 'youtube-video');
  if (inset !== null) return video(inset);
  const path = pathOf(url);
  if (SHORT_HOST.test(url.hostname)) return video(SHORT.exec(path)?.[1]);
  if (!HOST.test(url.hostname) && !MIRROR.test(url.hostname)) return null;
  if (path === '/oembed') {
    const inner = innerUrl(url, ['url']);
    return inner && pathOf(inner) !== '/oembed' ? claim(inner) : null;
  }
  const inQuery = WATCH.test(path) ? (url.searchParams.get('v') ?? undefined) : undefined;
  return video(BY_PATH.exec(path)?.[1] ?? inQuery) ?? community(path, url.searchParams.get('lb'));
}

const VIDEO_KEY = /video/i;

export const typed = {
  says: /youtube/i,
  ref: (id: string, key: string): PostRef | null => (VIDEO_KEY.test(key) ? video(id) : null),
};

function video(id: string | undefined): PostRef | null {
  if (!id || !VIDEO_ID.test(id) || NOT_A_VIDEO.has(id)) return null;
  return {
    postId: id,
    url: `https://www.youtube.com/watch?v=${id}`,
    handle: null,
  };
}

function community(path: string, lightbox: string | null): PostRef | null {
  const id =
    COMMUNITY.exec(path)?.[1] ?? (lightbox && COMMUNITY_ID.test(lightbox) ? lightbox : null);
  return id ? { postId: id, url: `https://www.youtube.com/post/${id}`, handle: null } : null;
}
