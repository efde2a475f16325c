/** Addresses of LinkedIn posts. Share, activity and ugcPost numbers of one post differ; the page's own is taken. */
import type { PostRef } from '../../extract/network.ts';
import { pathOf } from '../../extract/url-path.ts';

const HOST = /^(?:(?:www|m|[a-z]{2})\.)?linkedin\.com$/;
const URN =
  /^\/(?:embed\/)?(?:feed\/update|video\/live|embeds\/feed\/update)\/urn:li:(activity|share|ugcPost):(\d{15,20})(?:\/|$)/;
const POST =
  /^\/posts\/([^/_]+)_(?:[^/]*?[-_])?(activity|share|ugcPost)-(\d{15,20})(?:-[\w-]{2,6})?\/?$/;

export function claim(url: URL): PostRef | null {
  if (!HOST.test(url.hostname)) return null;
  const path = pathOf(url);
  const [, kind, postId] = URN.exec(path) ?? [];
  if (kind && postId) {
    const ref = address({ type: kind, postId, handle: null });
    return path.startsWith('/embed') ? { ...ref, kind: 'embed' } : ref;
  }
  const [, handle, type, number] = POST.exec(path) ?? [];
  return handle && type && number ? address({ type, postId: number, handle }) : null;
}

interface Parts {
  readonly type: string;
  readonly postId: string;
  readonly handle: string | null;
}

function address({ type, postId, handle }: Parts): PostRef {
  const url = `https://www.linkedin.com/feed/update/urn:li:${type}:${postId}/`;
  return { postId, url, handle };
}
