/** From what stands in an attribute or string to the post it names: cleaned, completed, taken out of its redirects. */
import type { Network, PostRef } from './network.ts';

export interface Claimed {
  readonly network: Network;
  readonly ref: PostRef;
  /** What had to be taken off, outermost first: `wayback`, `embedly`, `query`, … */
  readonly via: readonly string[];
}

/**
 * `among`: the networks whose markers stand where the address does, by their place in the list; the others cannot claim it
 * and are not asked. Markup in base64 (-1) hides its markers.
 */
export type ClaimAddress = (raw: string, among?: ReadonlySet<number>) => Claimed | null;

const MAX_ADDRESS = 4096;
const MAX_UNWRAPS = 4;
const BASE = 'https://page.invalid/';
const ENCODED_SCHEME = /^https?%3A%2F%2F/i;
const SCHEME = /^\s*(?:https?:)?\/\//i;
const WHOLE = /^https?(?::|%3A)(?:\/|%2F){2}/i;
const SCHEMELESS = /^(?:www\.|m\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,12}\/\S/i;
const AT_URI = /^at:\/\/([^/\s]+)(\/\S*)$/;
const ESCAPED_SLASH = /\\(?:\/|u002f)/gi;
const UNICODE_ESCAPE = /\\u00([0-7][0-9a-f])/gi;
const BACKSLASH_UNDERSCORE = /\\_/g;
const AMP = /&(?:amp|#0*38|#x0*26);/gi;
const WAYBACK = /^\/web\/\d{1,14}[a-z_]{0,4}\/(.+)$/;
/** Pages saved from the archive keep its addresses without the host. */
const WAYBACK_PATH = /^\/web\/\d{14}(?:[a-z]{2}_)?\/(https?:.+)$/;
const AMP_CACHE = /^\/[acv]\/(?:s\/)?(.+)$/;
/** Buttons that carry somebody's address to share it: what they name is no embed. */
const SHARE =
  /(?:^|[/.])(?:share|sharer|sharearticle|intent|submit|bookmark|addtoany|add_to|pin\/create|login|mailto|signup|translate|cite)\b/i;
/** No address: a name, a number, a label. */
const WORDS = /^[\w\s-]*$/;
const CARRIERS = ['url', 'href', 'src', 'query', 'u', 'link', 'target', 'z'] as const;

/** Memoised per page: the same few addresses come again and again. */
export function addressReader(networks: readonly Network[], pageUrl: string | null): ClaimAddress {
  const seen = new Map<string, Claimed | null>();
  const base = pageUrl !== null && URL.canParse(pageUrl) ? pageUrl : BASE;
  return (raw, among) => {
    if (raw.length > MAX_ADDRESS || WORDS.test(raw)) return null;
    const known = seen.get(raw);
    if (known !== undefined) return known;
    const url = parse(raw, base);
    const claimed = url && claimUnwrapped(asked(networks, among), url);
    seen.set(raw, claimed);
    return claimed;
  };
}

/** Undoes what CMSs and JSON do to an address, then parses it. */
export function parse(raw: string, base = BASE): URL | null {
  let text = raw.trim();
  const escaped = text.includes('\\');
  if (escaped) text = text.replace(ESCAPED_SLASH, '/').replace(BACKSLASH_UNDERSCORE, '_');
  if (text.includes('&')) text = text.replace(AMP, '&');
  if (escaped && text.includes('\\u00')) {
    text = text.replace(UNICODE_ESCAPE, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
  }
  if (ENCODED_SCHEME.test(text)) text = percentDecoded(text);
  if (SCHEMELESS.test(text)) text = `https://${text}`;
  const at = AT_URI.exec(text);
  // The colons of a DID are no port: the parser would refuse them.
  if (at) text = `at://${encodeURIComponent(at[1] ?? '')}${at[2]}`;
  return URL.parse(text, base);
}

function asked(
  networks: readonly Network[],
  among: ReadonlySet<number> | undefined,
): readonly Network[] {
  return among === undefined || among.has(-1)
    ? networks
    : networks.filter((_, index) => among.has(index));
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function claimUnwrapped(networks: readonly Network[], first: URL): Claimed | null {
  const via: string[] = [];
  let url: URL | null = first;
  for (let i = 0; url !== null && i <= MAX_UNWRAPS; i++) {
    for (const network of networks) {
      const ref = network.claim(url);
      if (ref) return { network, ref, via };
    }
    const inner: Unwrapped | null = unwrap(url);
    if (inner) via.push(inner.via);
    url = inner && parse(inner.address);
  }
  return null;
}

interface Unwrapped {
  readonly address: string;
  readonly via: string;
}

function unwrap(url: URL): Unwrapped | null {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return null;
  const rest = url.pathname + url.search + url.hash;
  const pattern = url.hostname.endsWith('archive.org') ? WAYBACK : WAYBACK_PATH;
  const archived = pattern.exec(rest)?.[1];
  if (archived) return { address: archived, via: 'wayback' };
  const cached = url.hostname.endsWith('.ampproject.org') && AMP_CACHE.exec(rest)?.[1];
  if (cached) return { address: `https://${cached}`, via: 'amp-cache' };
  return query(url);
}

/** Embed services and a CMS's own partials take the address as a parameter: embedly, iframely, oEmbed calls, Drupal. */
function query(url: URL): Unwrapped | null {
  if (!url.search || SHARE.test(url.hostname + url.pathname)) return null;
  // `href.li/?https://…`: the query is the address.
  const bare = url.search.slice(1);
  if (WHOLE.test(bare)) return { address: bare, via: 'query' };
  for (const name of CARRIERS) {
    const value = url.searchParams.get(name);
    const whole = value && (SCHEME.test(value) || SCHEMELESS.test(value));
    if (whole) return { address: value, via: 'query' };
  }
  return null;
}
