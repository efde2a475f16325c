/**
 * The official blockquote in all its spellings: `<p>` text, then `— Name (@handle) <a>date</a>` as bare text or in a
 * paragraph of its own (WordPress), without class (sanitisers), link only (skeletons), `/statuses/` and
 * `data-datetime` (2011–2013). Sources: publish.twitter.com; EMBEDS 2.1; WordPress wpautop; Drupal 7.
 */
import { type AnyNode, type Element, isTag, isText } from 'domhandler';
import { fold, found, textOf } from '../../extract/fields.ts';
import type { Candidate, Found, Post, PostRef } from '../../extract/network.ts';
import { readAttribution } from '../../normalise/attribution.ts';
import { toRef } from './address.ts';
import { flat, HANDLE, holds, split } from './blockquote-parts.ts';
import { mediaIn } from './media.ts';
import { separated } from './merged-blockquote.ts';
import { takenOut } from './nested-blockquote.ts';
import { isNotice } from './notice.ts';

/** What pages put where the post will be drawn; not its text, and no evidence of deletion. */
const CHROME =
  /^(?:tweet may have been deleted|post may have been deleted|\(opens in a new tab\)|loading|view (?:this )?(?:tweet|post)|read more|(?:this )?tweet not found)/i;

export function readBlockquote(c: Candidate): readonly Post[] {
  // Without a link to itself a quotation inside is what the post quotes, not a post of its own.
  const inner = takenOut(c).flatMap((each) => (permalinkOf(each) ? (readOne(each) ?? []) : []));
  return [...separated(c, flat(c.root)).flatMap((each) => readOne(each) ?? []), ...inner];
}

function readOne(c: Candidate): Post | null {
  const link = permalinkOf(c);
  const ref = link?.ref ?? ofElement(c);
  const parts = split(c, link?.node ?? null);
  const byline = bylineOf(parts.byline, link?.node ?? null);
  const body = byline.handle || !isNotice(textOf(parts.body)) ? bodyOf(c, parts.body) : {};
  if (!ref && !byline.handle) return null;
  return {
    ...byline,
    ...body,
    ref,
    form: body.text || byline.handle ? 'blockquote' : 'blockquote-link',
    datetime: found(link && c.$(link.node).attr('data-datetime'), 'a[data-datetime]', link?.node),
  };
}

function bodyOf(c: Candidate, nodes: readonly AnyNode[]): Pick<Post, 'text' | 'lang' | 'media'> {
  const text = textOf(nodes);
  if (text === '' || CHROME.test(text)) return {};
  return {
    text: found(text, 'p', nodes[0]),
    lang: langOf(c, nodes),
    media: mediaIn(c, nodes, text),
  };
}

/**
 * Any blockquote whose byline, `Name (@handle)`, holds the link to a post, as sanitisers leave it; a quote that merely
 * cites a post has its link elsewhere.
 */
export function readClassless(c: Candidate): readonly Post[] | null {
  const link = permalinkOf(c);
  if (!link) return null;
  const { byline } = split(c, link.node);
  const signed = HANDLE.test(textOf(byline)) && byline.some((node) => holds(node, link.node));
  return signed ? readBlockquote(c) : null;
}

interface Permalink {
  readonly ref: PostRef;
  readonly node: Element;
}

/** The last link to a post: links in the text come before the byline. */
function permalinkOf(c: Candidate): Permalink | null {
  const links = c.root.find('a[href]').toArray().reverse();
  for (const node of links) {
    const ref = c.claim(c.$(node).attr('href'));
    if (ref && ref.kind !== 'action') return { ref, node };
  }
  return null;
}

/** Skeletons that carry the address or id on the element itself. */
function ofElement(c: Candidate): PostRef | null {
  const { attribs } = c.element;
  return (
    c.claim(attribs['data-url']) ?? c.claim(attribs['cite']) ?? toRef(idAttribute(c.element), null)
  );
}

const LONG_ID = /^\d{5,}$/;
const HAS_DIGIT = /\d/;
const ID_ATTRIBUTES = ['data-tweetid', 'data-tweet-id', 'data-twitter-tweet-id', 'data-id'];
const idAttribute = (element: Element): string | undefined =>
  ID_ATTRIBUTES.map((name) => element.attribs[name]).find((value) => value && LONG_ID.test(value));

interface Byline {
  readonly name: Found<string> | null;
  readonly handle: Found<string> | null;
  readonly date: Found<string> | null;
}

function bylineOf(nodes: readonly AnyNode[], link: Element | null): Byline {
  if (nodes.length === 0) return { name: null, handle: null, date: null };
  const read = readAttribution(textOf(nodes));
  const where =
    nodes.find((node) => HANDLE.test(isText(node) ? node.data : textOf(node))) ?? nodes[0];
  const label = link ? textOf(link) : '';
  const dated = HAS_DIGIT.test(label) && !label.includes('/') && !HANDLE.test(label);
  const shown = dated ? label : dateIn(read?.dateText ?? '');
  return {
    name: found(read?.name, 'attribution', where),
    handle: found(read?.handle, 'attribution', where),
    date: found(shown, 'attribution', link ?? where),
  };
}

/** What follows the handle may be the post's address or "View on X" instead of a date. */
function dateIn(text: string): string | null {
  const date = text.replace(ADDRESS, '').trim();
  return HAS_NUMBER.test(date) ? date : null;
}
const ADDRESS = /\s*(?:https?:\/\/|(?:\w+\.)?(?:twitter|x)\.com\/)\S*/gi;
const HAS_NUMBER = /[\p{N}〇一二三四五六七八九十]/u;

function langOf(c: Candidate, body: readonly AnyNode[]): Found<string> | null {
  for (const each of body) {
    const node = isTag(each) ? each : each.parent;
    if (!node || !isTag(node) || node === c.element) continue;
    const lang =
      c.$(node).attr('lang') ??
      c.$(node).attr('xml:lang') ??
      c.$(node).find('p[lang]').attr('lang');
    if (lang && fold(lang) !== '') return found(fold(lang), 'p[lang]', node);
  }
  return null;
}
