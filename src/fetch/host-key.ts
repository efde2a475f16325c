/** Whose pace a URL is under: the registrable domain, private suffixes counted; an address or a bare name with its port. */
import { getDomain } from 'tldts';

export function hostKey(url: URL): string {
  const host = url.hostname.replace(TRAILING_DOT, '');
  const domain = getDomain(host, { allowPrivateDomains: true });
  if (domain) return domain;
  return `${host}:${url.port || (url.protocol === 'https:' ? 443 : 80)}`;
}

const TRAILING_DOT = /\.$/;
