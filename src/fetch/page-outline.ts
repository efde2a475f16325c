/** A page's outline, cheaply: enough to tell a wall from an article, from the first 256 KiB, without a tree. */
import { decideCharset } from '../extract/charset.ts';

export interface PageOutline {
  /** What was looked at, in the page's charset. */
  readonly markup: string;
  readonly title: () => string;
  readonly headline: () => string;
  /** Characters a reader sees, roughly. */
  readonly textLength: () => number;
  readonly scripts: () => number;
  readonly hasForm: () => boolean;
  readonly hasPassword: () => boolean;
  readonly hasEmail: () => boolean;
  /** The page says so itself: Open Graph, schema.org, `<article>`. */
  readonly isArticle: () => boolean;
  /** Data that an extractor can read without running scripts, or an embed. */
  readonly hasData: () => boolean;
}

const LOOKED_AT = 256 * 1024;

const TITLE = /<title[^>]*>([^<]{0,500})/i;
const HEADLINE = /<h1[^>]*>([\s\S]{0,1000}?)<\/h1/i;
const SCRIPT = /<script\b/gi;
const FORM = /<(form|button)\b/i;
const PASSWORD = /<input\b[^>]{0,500}\btype\s*=\s*["']?password/i;
const EMAIL = /<input\b[^>]{0,500}\btype\s*=\s*["']?email/i;
const ARTICLE =
  /<article[\s>]|og:type["'][^>]{0,100}article|article:published_time|"@type"\s*:\s*\[?\s*"(News|Report|Analysis|Opinion|Live|Blog)\w*|"articleBody"|itemprop=["']?articleBody/i;
const DATA =
  /<blockquote\b|<amp-\w|<iframe\b|application\/(ld\+)?json["'][^>]*>[^<]{2000}|__NEXT_DATA__|__INITIAL_STATE__|__APOLLO_STATE__|Fusion\.globalContent/i;
/** Left to right and without backtracking over each other. */
const UNSEEN =
  /<(script|style|noscript|template|svg|head)\b[^>]*>[\s\S]*?<\/\1\s*>|<!--[\s\S]*?-->|<[^>]*>/gi;
const SPACE = /\s+/g;
const ENTITY = /&[#\w]{1,30};/g;

/** Each part is looked for when a rule first asks: for nearly every article one look is enough. */
export function outlinePage(body: Uint8Array, header: string | null): PageOutline {
  const bytes = Buffer.from(body.buffer, body.byteOffset, Math.min(body.length, LOOKED_AT));
  const markup = new TextDecoder(decideCharset(bytes, header).name).decode(bytes);
  const title = once(() => readable(TITLE.exec(markup)?.[1]));
  const headline = once(() => readable(HEADLINE.exec(markup)?.[1]));
  const textLength = once(() => readable(markup.replace(UNSEEN, ' ')).length);
  const scripts = once(() => markup.match(SCRIPT)?.length ?? 0);
  const hasForm = once(() => FORM.test(markup));
  const hasPassword = once(() => PASSWORD.test(markup));
  const hasEmail = once(() => EMAIL.test(markup));
  const isArticle = once(() => ARTICLE.test(markup));
  const hasData = once(() => DATA.test(markup));
  return {
    markup,
    title,
    headline,
    textLength,
    scripts,
    hasForm,
    hasPassword,
    hasEmail,
    isArticle,
    hasData,
  };
}

function once<T>(look: () => T): () => T {
  let seen: { readonly value: T } | null = null;
  return () => {
    seen ??= { value: look() };
    return seen.value;
  };
}

const readable = (text = ''): string =>
  text.replace(UNSEEN, ' ').replace(ENTITY, ' ').replace(SPACE, ' ').trim();
