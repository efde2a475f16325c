/** Where a response leads on to. */
import type { HeaderLines } from '../capture.ts';
import { EmbedkeepError } from '../errors.ts';

const FOLLOWED = new Set([301, 302, 303, 307, 308]);

export const isRedirect = (status: number, headers: HeaderLines): boolean =>
  FOLLOWED.has(status) && locationOf(headers) !== null;

export const locationOf = (headers: HeaderLines): string | null =>
  headers.find(([name]) => name.toLowerCase() === 'location')?.[1] ?? null;

/** The next URL; the fragment of the first is of no interest to a server. @throws EmbedkeepError REDIRECT_BLOCKED */
export function nextUrl(current: URL, headers: HeaderLines): string {
  // Header bytes are read as latin1; servers that send raw UTF-8 here mean UTF-8.
  const location = Buffer.from(locationOf(headers) ?? '', 'latin1').toString('utf8');
  const url = URL.parse(location, current.href);
  if (!url) throw new EmbedkeepError('REDIRECT_BLOCKED', 'The redirect has no readable Location.');
  return url.href;
}
