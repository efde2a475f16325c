/** Gathers what the article says of itself, at the places where the marker search has seen it. */
import type { ArticlePage } from '../normalise/article.ts';
import { fold } from './fields.ts';
import type { Microdata } from './microdata.ts';
import type { Source } from './source.ts';
import { attributeOf, attributeValue, readTag, type Tag } from './tag.ts';
import { unreferenced } from './wrappers.ts';

/** A page has a few dozen of each; a hostile one a million. */
const MAX_PLACES = 1500;
const MAX_LD = 20;
const MAX_LD_BYTES = 2_000_000;
const MAX_TAG = 20_000;
const MAX_BYLINES = 5;
const MAX_TITLE = 2000;
const MAX_BYLINE = 200;
const TAGS = /<[^>]*>/g;

type Found = { -readonly [K in keyof ArticlePage]: Mutable<ArticlePage[K]> };
type Mutable<T> = T extends readonly (infer U)[] ? U[] : T;

/** `about`: offsets at which `<meta`, `<link`, `<title`, `<time`, `<html`, `ld+json` or `rel=author` begins. */
export function articlePage(
  source: Source,
  { about, microdata }: { readonly about: Int32Array; readonly microdata: Microdata },
): ArticlePage {
  const found: Found = {
    jsonLd: [],
    meta: [],
    links: [],
    title: null,
    htmlLang: null,
    times: [],
    microdata,
    bylines: [],
  };
  for (const at of about.subarray(0, MAX_PLACES)) readPlace(source, at, found);
  return found;
}

function readPlace(source: Source, at: number, found: Found): void {
  const { latin } = source;
  if (latin.charCodeAt(at) !== 60) {
    if (latin.startsWith('ld+json', at)) readJsonLd(source, at, found);
    else readByline(source, at, found);
    return;
  }
  const end = tagEnd(latin, at, Math.min(latin.length, at + MAX_TAG));
  if (isOtherLink(latin.slice(at, end))) return;
  const tag = readTag(latin, at, end);
  if (tag.name === 'meta') readMeta(source, tag, found);
  else if (tag.name === 'link') readLinkTag(source, tag, found);
  else if (tag.name === 'time') readTime(source, tag, found);
  else if (tag.name === 'html')
    found.htmlLang ??= value(source, tag, 'lang') ?? value(source, tag, 'xml:lang');
  else if (tag.name === 'title') found.title ??= contentAfter(source, at, MAX_TITLE);
}

/** Most links are styles, icons and the like: of them nothing is asked. */
const isOtherLink = (tag: string): boolean => LINK.test(tag) && !MAY_BE_CANONICAL.test(tag);
const LINK = /^<link/i;
const MAY_BE_CANONICAL = /canonical|&/i;

/** The end of the tag: the `>` outside quotes. */
function tagEnd(text: string, at: number, limit: number): number {
  let quote = 0;
  for (let i = at; i < limit; i++) {
    const c = text.charCodeAt(i);
    if (quote > 0) quote = c === quote ? 0 : quote;
    else if ((c === 34 || c === 39) && text.charCodeAt(i - 1) === 61) quote = c;
    else if (c === 62) return i + 1;
  }
  return limit;
}

function value(source: Source, tag: Tag, name: string): string | null {
  const attribute = attributeOf(tag, name);
  return attribute
    ? attributeValue({ text: source.latin, decode: source.decode }, attribute)
    : null;
}

/** `itemprop` is microdata's. */
const NAMING = ['name', 'property', 'http-equiv'];

function readMeta(source: Source, tag: Tag, found: Found): void {
  const content = value(source, tag, 'content');
  if (!content) return;
  for (const attribute of NAMING) {
    const name = value(source, tag, attribute);
    if (!name) continue;
    found.meta.push({ name, content });
    return;
  }
}

function readLinkTag(source: Source, tag: Tag, found: Found): void {
  const rel = value(source, tag, 'rel');
  const href = value(source, tag, 'href');
  if (rel && href) found.links.push({ rel, href });
}

function readTime(source: Source, tag: Tag, found: Found): void {
  const datetime = value(source, tag, 'datetime');
  if (!datetime) return;
  const pubdate = attributeOf(tag, 'pubdate') !== undefined;
  found.times.push({ datetime, itemprop: value(source, tag, 'itemprop'), pubdate });
}

/** The text between the tag at or around `at` and the next end tag, if that is near. */
function contentAfter(source: Source, at: number, most: number): string | null {
  const stretch = source.latin.slice(at, at + MAX_TAG + most);
  const open = stretch.indexOf('>') + 1;
  const close = open > 0 ? stretch.indexOf('</', open) : -1;
  if (close < 0 || close - open > most) return null;
  return fold(unreferenced(source.decode(stretch.slice(open, close).replace(TAGS, ' ')))) || null;
}

function readJsonLd(source: Source, at: number, found: Found): void {
  const { latin } = source;
  if (found.jsonLd.length >= MAX_LD) return;
  const open = latin.indexOf('>', at) + 1;
  const close = open > 0 ? scriptEnd(latin, open) : -1;
  const within = close > 0 && close - open <= MAX_LD_BYTES;
  found.jsonLd.push(within ? parsed(source.decode(latin.slice(open, close))) : null);
}

/** Markup in the strings of JSON-LD has end tags too. */
function scriptEnd(latin: string, from: number): number {
  let at = latin.indexOf('</', from);
  while (at >= 0 && latin.slice(at + 2, at + 8).toLowerCase() !== 'script') {
    at = latin.indexOf('</', at + 2);
  }
  return at;
}

/** Sites put raw line breaks into strings and comments around; what then does not parse is passed over. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return parsedLeniently(text);
  }
}

function parsedLeniently(text: string): unknown {
  const first = text.search(FIRST);
  const last = Math.max(text.lastIndexOf('}'), text.lastIndexOf(']'));
  if (first < 0 || last < first) return null;
  try {
    return JSON.parse(text.slice(first, last + 1).replace(CONTROL, ' ')) as unknown;
  } catch {
    return null;
  }
}
const FIRST = /[[{]/;
const CONTROL = /\p{Cc}+/gu;

/** A visible author line: the text of the element that says `rel="author"`. */
function readByline(source: Source, at: number, found: Found): void {
  if (found.bylines.length >= MAX_BYLINES) return;
  const text = contentAfter(source, at, MAX_BYLINE);
  if (text !== null && !found.bylines.includes(text)) found.bylines.push(text);
}
