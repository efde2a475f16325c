/**
 * Whether what looks like base64 of markup is that: nine letters of it stand in pictures and in addresses by chance, and a
 * script of data is not read for those.
 */
import type { Hits } from './hits.ts';
import type { View } from './view.ts';

const BASE64_CHARACTER = /[A-Za-z0-9+/]/;
const OF_BASE64 = Uint8Array.from({ length: 256 }, (_, c) =>
  BASE64_CHARACTER.test(String.fromCharCode(c)) ? 1 : 0,
);
const BACKSLASH = 92;
const SLASH = 47;
const PERCENT = 37;
const ESCAPED_LENGTH: Readonly<Record<string, number>> = { u: 5, x: 3 };

/** The characters of base64 around the offset, in a string whose slashes may be escaped. */
function runAround({ text, bytes }: View, at: number): { start: number; end: number } {
  const isPart = (i: number): boolean =>
    OF_BASE64[bytes[i] as number] === 1 || escapesSlash(bytes, i);
  let start = at;
  while (start > 0 && isPart(start - 1)) start--;
  let end = at;
  while (end < bytes.length && isPart(end)) end++;
  // The letters and digits of an escaped quote before it look like its own: `\u0022`, `\x22`, `%22`.
  const before = bytes[start - 1];
  if (before === PERCENT) start += 2;
  else if (before === BACKSLASH) start += ESCAPED_LENGTH[text[start] ?? ''] ?? 1;
  return { start, end };
}

/** Of a string in a string the slash has several backslashes. */
function escapesSlash(bytes: Uint8Array, at: number): boolean {
  let i = at;
  while (bytes[i] === BACKSLASH && i < at + MOST_ESCAPES) i++;
  return i > at && bytes[i] === SLASH;
}
const MOST_ESCAPES = 8;

/** At the hits that are no network's. */
export function holdsEncodedMarkup(view: View, hits: Hits): boolean {
  let until = -1;
  for (let i = 0; i < hits.count; i++) {
    const at = hits.at[i] ?? 0;
    if ((hits.network[i] ?? 0) >= 0 || at < until) continue;
    const { start, end } = runAround(view, at);
    if (encodesMarkup(view.text.slice(start, end))) return true;
    until = end;
  }
  return false;
}

/** Whether base64 begins as markup or JSON does; a backslash before a slash is passed over. */
export const encodesMarkup = (base64: string): boolean =>
  MARKUP_OR_DATA.test(Buffer.from(base64.slice(0, HEAD), 'base64').toString('latin1'));
const HEAD = 60;
const MARKUP_OR_DATA = /^\s*[<{[]/;
