/** Which addresses name an X post. Sources: publish.twitter.com markup 2011–2026, mirrors' READMEs (nitter, FxEmbed). */
import type { PostRef } from '../../extract/network.ts';
import { insetFrame } from '../../extract/url-path.ts';

const HOSTS = new Set([
  'twitter.com',
  'x.com',
  'fxtwitter.com',
  'fixupx.com',
  'vxtwitter.com',
  'fixvx.com',
  'twittpr.com',
  'xcancel.com',
]);
const MIRROR_PREFIX = /^(?:www|mobile|m|d|g|t|api)\./;
const NITTER = /^nitter\.(?:[a-z0-9-]+\.)*[a-z]{2,}$/;
const FRAME_HOST = /^platform\.(?:twitter|x)\.com$/;
const STATUS = /^\/(?:#!\/)?(?:([A-Za-z0-9_]{1,20})\/)?status(?:es)?\/0*(\d{1,19})(?![\d])/;
const INTERNAL =
  /^\/i\/(?:web\/status|status|videos\/tweet|videos|cards\/tfw\/v1)\/0*(\d{1,19})(?!\d)/;
const ID = /^0*(\d{2,19})$/;
/** No account of the post: internal paths and stand-ins that CMSs write. */
const PLACEHOLDERS = new Set(['i', 'x', 'twitter', 'user', 'anyuser', 'statuses', 'status']);
const MAX_ID = 2n ** 63n - 1n;

export function claim(url: URL): PostRef | null {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return null;
  const host = url.hostname;
  if (FRAME_HOST.test(host)) return frame(url);
  const inset = insetFrame(url, 'twitter');
  if (inset !== null) return framed(inset);
  const bare = host.replace(MIRROR_PREFIX, '');
  if (!HOSTS.has(bare) && !NITTER.test(host)) return null;
  const path = unescapePath(url);
  const internal = INTERNAL.exec(path);
  if (internal) return toRef(internal[1], null);
  const status = STATUS.exec(path);
  if (status) return toRef(status[2], status[1] ?? null);
  return path.startsWith('/intent/') ? intent(url) : null;
}

/** `#!/user/status/1` of 2011, and markdown's `user\_name`. */
function unescapePath(url: URL): string {
  const path = url.hash.startsWith('#!/') ? url.hash.slice(2) : url.pathname;
  return path.replaceAll('%5C_', '_').replaceAll('//', '/');
}

function frame(url: URL): PostRef | null {
  if (!url.pathname.startsWith('/embed/')) return null;
  return framed(url.searchParams.get('id') ?? undefined);
}

function framed(id: string | undefined): PostRef | null {
  const ref = toRef(id, null);
  return ref && { ...ref, kind: 'embed' };
}

function intent(url: URL): PostRef | null {
  const id = url.searchParams.get('tweet_id') ?? url.searchParams.get('in_reply_to') ?? undefined;
  const ref = toRef(id, null);
  return ref && { ...ref, kind: 'action' };
}

/** An id that can be nothing else: CMSs, accounts and advertisements have shorter numbers. */
const LONG = /^[1-9]\d{13,18}$/;

export const typed = {
  says: /tweet|twitter|^x$|^x[-_ ]?(?:post|status|embed)/i,
  ref: (id: string): PostRef | null => (LONG.test(id) ? toRef(id, null) : null),
};

/** A post's reference from an id alone, as placeholders carry it. */
export function toRef(id: string | undefined, pathHandle: string | null): PostRef | null {
  const digits = ID.exec(id?.trim() ?? '')?.[1];
  if (!digits || BigInt(digits) > MAX_ID) return null;
  const placeholder = pathHandle !== null && PLACEHOLDERS.has(pathHandle.toLowerCase());
  const handle = placeholder ? null : pathHandle;
  return {
    postId: digits,
    url: permalink(digits, handle),
    handle,
    ...(placeholder && { handleReason: `"${pathHandle}" in the address is a placeholder` }),
  };
}

export const permalink = (id: string, handle: string | null): string =>
  `https://x.com/${handle ?? 'i'}/status/${id}`;
