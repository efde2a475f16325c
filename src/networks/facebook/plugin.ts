/**
 * Facebook's post and video plugin: an address in an attribute and, inside, a blockquote for readers without scripts,
 * `<p>TEXT</p>Posted by <a>PAGE</a> on <a>DATE</a>` in the language of the embedder, dates in the viewer's zone.
 */
import type { Cheerio } from 'cheerio/slim';
import type { AnyNode, Element } from 'domhandler';
import { fold, found, textOf } from '../../extract/fields.ts';
import type { Candidate, Found, Post, PostRef } from '../../extract/network.ts';
import { readHandle } from '../../normalise/handle.ts';
import { cleanName } from '../../normalise/name.ts';

const PAGE =
  /^https?:\/\/(?:[\w-]+\.)?facebook\.com\/(?!profile\.php|people\/|groups\/|pages\/|hashtag\/)([\p{L}\p{N}.-]{2,99})\/?(?:[?#].*)?$/iu;
const SITE = /^(?:https?:)?\/\/(?:[\w-]+\.)*facebook\.com\//i;
/** A page's numeric address is no handle. */
const NUMBER = /^\d+$/;
/** `on`, `am`, `sur`, `em` before a date: a short word in small letters. */
const PREPOSITION = /^\p{Ll}{1,3}\s+(?=\S)/u;
const DIGIT = /\p{Nd}/u;

export function readPlugin(candidate: Candidate): Post | null {
  const { root, claim } = candidate;
  const inner = root.find('blockquote').first();
  // The code of 2013 had no blockquote: `Post by <a>PAGE</a>.`
  const quote = inner.length > 0 ? inner : root;
  const ref =
    claim(root.attr('data-href')) ??
    claim(root.attr('href')) ??
    claim(root.attr('data-url')) ??
    claim(quote.attr('cite')) ??
    lastPost(candidate, quote);
  return ref && { ref, ...readQuote(candidate, quote) };
}

function lastPost({ claim }: Candidate, quote: Cheerio<Element>): PostRef | null {
  const links = quote.find('a[href]').toArray().reverse();
  for (const link of links) {
    const ref = claim(link.attribs['href']);
    if (ref) return ref;
  }
  return null;
}

type Fields = Pick<Post, 'name' | 'handle' | 'date' | 'text' | 'form'>;

function readQuote(candidate: Candidate, quote: Cheerio<Element>): Fields {
  const author = authorOf(candidate, quote);
  const around = new Set(ancestors(author));
  const paragraphs = quote
    .find('p')
    .toArray()
    .filter((p) => !around.has(p));
  const text = found(fold(paragraphs.map((p) => textOf(p)).join(' ')), 'p', paragraphs[0]);
  const name = author && cleanName(textOf(author));
  return {
    name: found(name, 'attribution', author ?? undefined),
    handle: found(author && handleOf(author), 'attribution', author ?? undefined),
    date: author && dateOf(candidate, author),
    text,
    form: text || name ? 'blockquote' : 'blockquote-link',
  };
}

/** The last link to Facebook that is no post: the page (for private people only `#`), which stands before the date. */
function authorOf({ claim }: Candidate, quote: Cheerio<Element>): Element | null {
  const links = quote.find('a[href]').toArray().reverse();
  const author = links.find((link) => {
    const address = link.attribs['href'] ?? '';
    const page = address === '#' || (SITE.test(address) && !address.includes('/hashtag/'));
    return page && claim(address) === null;
  });
  return author && textOf(author) !== '' ? author : null;
}

function handleOf(author: Element): string | null {
  const page = PAGE.exec(author.attribs['href'] ?? '')?.[1];
  return page === undefined || NUMBER.test(page) ? null : readHandle('facebook', page);
}

/** What follows the page's name: a link with the date, or the date as bare text. */
function dateOf({ $ }: Candidate, author: Element): Found<string> | null {
  for (let node: AnyNode | null = author.next; node; node = node.next) {
    const text = textOf(node);
    const date = $(node).is('a') ? text : text.replace(PREPOSITION, '');
    if (DIGIT.test(date)) return found(date, 'attribution', node);
  }
  return null;
}

function ancestors(element: Element | null): AnyNode[] {
  const found: AnyNode[] = [];
  for (let node: AnyNode | null = element; node; node = node.parent) found.push(node);
  return found;
}
