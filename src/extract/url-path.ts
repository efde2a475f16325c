/** Reading the parts of an address that networks compare: its path, and an address inside its query. */

const SLASHES = /\/{2,}/g;

/** Percent signs undone (`%40` is how some tools write `@`), doubled slashes folded. */
export function pathOf(url: URL): string {
  let path = url.pathname;
  if (path.includes('%')) {
    try {
      path = decodeURIComponent(path);
    } catch {
      // A stray percent sign: the path is taken as it stands.
    }
  }
  return path.includes('//') ? path.replace(SLASHES, '/') : path;
}

const SCHEME = /^https?:\/\//i;
const ENCODED_SCHEME = /^https?%3a/i;

/** The address in the first of these query parameters that holds one; some writers encode it twice. */
export function innerUrl(url: URL, names: readonly string[]): URL | null {
  if (url.search === '') return null;
  for (const name of names) {
    const value = url.searchParams.get(name)?.trim();
    if (!value) continue;
    const inner = parseAddress(value);
    if (inner) return inner;
  }
  return null;
}

/** The forum embed pages of s9e.github.io carry the post behind the `#`, one page for each network. */
export function forumFrame(url: URL, network: string): string | null {
  const ours = url.hostname === 's9e.github.io' && url.pathname.endsWith(`/${network}.min.html`);
  const fragment = ours ? url.hash.slice(1).split('#')[0] : null;
  return fragment || null;
}

const INSET = /\/(?:ajax\/inset|embed\/video)\/iframe\/?$/;

/** Kinja's frames, under whatever host it runs: `/ajax/inset/iframe?id=twitter-143…` names the service and its id. */
export function insetFrame(url: URL, service: string): string | null {
  if (!INSET.test(url.pathname)) return null;
  const id = url.searchParams.get('id') ?? '';
  return id.startsWith(`${service}-`) ? id.slice(service.length + 1) : null;
}

function parseAddress(value: string): URL | null {
  const once = ENCODED_SCHEME.test(value) ? decoded(value) : value;
  const whole = once.startsWith('//') ? `https:${once}` : once;
  return SCHEME.test(whole) ? URL.parse(whole) : null;
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
