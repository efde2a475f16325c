/** Gathers what the article says of itself (meta, JSON-LD, title, times, microdata) by jumping from one to the next. */
import type { ArticlePage } from '../normalise/article.ts';
import { fold } from './fields.ts';
import type { Source } from './source.ts';
import { attributeOf, attributeValue, readTag, type Tag } from './tag.ts';
import { unreferenced } from './wrappers.ts';

/** A page has a few dozen of each; a hostile one a million. */
const MAX_EACH = 400;
const MAX_LD = 20;
const MAX_LD_BYTES = 2_000_000;
const MAX_TAG = 20_000;
const TAGS = /<[^>]*>/g;

export function articlePage(source: Source): ArticlePage {
  const metas = [...tags(source, '<meta')];
  return {
    jsonLd: jsonLd(source),
    meta: metas.flatMap((tag) => {
      const name =
        value(source, tag, 'name') ??
        value(source, tag, 'property') ??
        value(source, tag, 'itemprop') ??
        value(source, tag, 'http-equiv');
      const content = value(source, tag, 'content');
      return name && content ? [{ name, content }] : [];
    }),
    links: [...tags(source, '<link')].flatMap((tag) => {
      const rel = value(source, tag, 'rel');
      const href = value(source, tag, 'href');
      return rel && href ? [{ rel, href }] : [];
    }),
    title: title(source),
    htmlLang: htmlLang(source),
    times: [...tags(source, '<time')].flatMap((tag) => {
      const datetime = value(source, tag, 'datetime');
      if (!datetime) return [];
      return [
        {
          datetime,
          itemprop: value(source, tag, 'itemprop'),
          pubdate: attributeOf(tag, 'pubdate') !== undefined,
        },
      ];
    }),
    microdata: [],
    bylines: bylines(source),
  };
}

function* tags(
  source: Source,
  opening: string,
): Generator<Tag & { readonly from: number; readonly to: number }> {
  const { latin } = source;
  let seen = 0;
  for (
    let at = latin.indexOf(opening);
    at >= 0 && seen < MAX_EACH;
    at = latin.indexOf(opening, at + 1)
  ) {
    const after = latin.charCodeAt(at + opening.length);
    if (after > 47 && after !== 62) continue;
    seen++;
    const end = Math.min(latin.length, at + MAX_TAG);
    const tag = readTag(latin, at, firstEnd(latin, at, end));
    yield { ...tag, from: at, to: end };
  }
}

/** The end of the tag: the `>` outside quotes. */
function firstEnd(text: string, at: number, limit: number): number {
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

function htmlLang(source: Source): string | null {
  for (const tag of tags(source, '<html')) {
    return value(source, tag, 'lang') ?? value(source, tag, 'xml:lang');
  }
  return null;
}

function title(source: Source): string | null {
  const { latin } = source;
  const at = latin.search(TITLE);
  if (at < 0) return null;
  const open = latin.indexOf('>', at) + 1;
  const close = latin.indexOf('</', open);
  if (open === 0 || close < 0 || close - open > 2000) return null;
  return fold(unreferenced(source.decode(latin.slice(open, close)))) || null;
}
const TITLE = /<title[\s>]/i;

function jsonLd(source: Source): unknown[] {
  const { latin } = source;
  const found: unknown[] = [];
  for (
    let at = latin.indexOf('application/ld+json');
    at >= 0 && found.length < MAX_LD;
    at = latin.indexOf('application/ld+json', at + 1)
  ) {
    const open = latin.indexOf('>', at) + 1;
    const close = latin.indexOf('</script', open);
    if (open === 0 || close < 0 || close - open > MAX_LD_BYTES) continue;
    found.push(parsed(source.decode(latin.slice(open, close))));
  }
  return found;
}

/** Sites put raw line breaks into strings and comments around; what then does not parse is passed over. */
function parsed(text: string): unknown {
  const cleaned = text.replace(AROUND, '').replace(CONTROL, ' ');
  try {
    return JSON.parse(cleaned) as unknown;
  } catch {
    return null;
  }
}
const AROUND = /^\s*(?:<!--|\/\*.{0,40}?\*\/|<!\[CDATA\[)?|(?:-->|\]\]>)?\s*;?\s*$/g;
const CONTROL = /\p{Cc}+/gu;

/** Visible author lines: `rel="author"` and elements whose class says byline. */
function bylines(source: Source): string[] {
  const { latin } = source;
  const found: string[] = [];
  for (let at = latin.search(BYLINE); at >= 0 && found.length < 5; ) {
    const open = latin.indexOf('>', at) + 1;
    const close = open > 0 ? latin.indexOf('</', open) : -1;
    if (close < 0) break;
    const text = fold(
      unreferenced(
        source.decode(latin.slice(open, Math.min(close, open + 500)).replace(TAGS, ' ')),
      ),
    );
    if (text && text.length < 200) found.push(text);
    const next = latin.slice(close, close + 200_000).search(BYLINE);
    at = next < 0 ? -1 : close + next;
  }
  return found;
}
const BYLINE = /rel=["']?author\b/i;
