/** The article's own address, refused where it names another site or the home page. */
import { getDomain } from 'tldts';

export interface Candidate {
  readonly href: string;
  readonly source: string;
}

/** `www-example-com.cdn.ampproject.org/c/s/www.example.com/story`: a cache whose pages belong to the site in the path. */
const AMP_CACHE = /(?:^|\.)cdn\.ampproject\.org$/;
const AMP_PATH = /^\/(?:c|v|r|wp)\/(?:s\/)?([^/]+)(\/.*)?$/;
/** Index files, language roots and feeds of the whole site are no article either. */
const HOME_PATH = /^\/(?:index\.\w{2,5}|home|[a-z]{2}(?:[-_][a-zA-Z]{2})?)?\/?$/;

function parse(href: string, base: string | null): URL | null {
  const url = URL.parse(href.trim(), base ?? undefined);
  const usable =
    url !== null &&
    (url.protocol === 'https:' || url.protocol === 'http:') &&
    url.username === '' &&
    url.hostname !== '';
  return usable ? url : null;
}

/** The registrable domain; the bare host for addresses that have none (`localhost`, an IP). */
const siteOf = (url: URL) => getDomain(url.hostname, { allowPrivateDomains: true }) ?? url.host;

const isHome = (url: URL) => HOME_PATH.test(url.pathname) && url.search === '';

/** Where the page is when it is served from an AMP cache: at its publisher's. */
function unwrapAmp(url: URL): URL {
  const [, host, path = '/'] = AMP_CACHE.test(url.hostname)
    ? (AMP_PATH.exec(url.pathname) ?? [])
    : [];
  return (host === undefined ? null : parse(`https://${host}${path}`, null)) ?? url;
}

/** The first candidate that can be this page's address. */
export function canonicalUrl(
  candidates: Iterable<Candidate>,
  pageUrl: string | null,
): Candidate | null {
  const given = pageUrl === null ? null : parse(pageUrl, null);
  const page = given && unwrapAmp(given);
  for (const { href, source } of candidates) {
    const url = href.trim() === '' ? null : parse(href, page?.href ?? null);
    if (!url || (page && siteOf(url) !== siteOf(page))) continue;
    if (isHome(url) && !(page && isHome(page))) continue;
    url.hash = '';
    return { href: url.href, source };
  }
  return null;
}
