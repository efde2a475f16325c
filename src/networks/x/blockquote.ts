/**
 * The official blockquote in all its spellings: `<p>` text, then `— Name (@handle) <a>date</a>` as bare text or in a
 * paragraph of its own (WordPress), without class (sanitisers), link only (skeletons), `/statuses/` and
 * `data-datetime` (2011–2013). Sources: publish.twitter.com; EMBEDS 2.1; WordPress wpautop; Drupal 7.
 */
import type { Cheerio } from 'cheerio/slim';
import { type AnyNode, type Element, isTag, isText, Text } from 'domhandler';
import { fold, found, textOf } from '../../extract/fields.ts';
import type { Candidate, Found, Post, PostRef } from '../../extract/network.ts';
import { readAttribution } from '../../normalise/attribution.ts';
import { toRef } from './address.ts';
import { mediaIn } from './media.ts';
import { separated } from './merged-blockquote.ts';
import { takenOut } from './nested-blockquote.ts';
import { isNotice } from './notice.ts';

const DASH = /^[\s\u200e\u200f]*(?:[—–―‒−-]{1,2}|&mdash;)\s*\S/u;
const HANDLE = /[(（]\s*[@＠]\s*\w{1,20}\s*[)）]/u;
const HANDLES = new RegExp(HANDLE.source, 'gu');
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

interface Parts {
  readonly body: AnyNode[];
  readonly byline: AnyNode[];
}

/**
 * Body paragraphs, and the nodes of the byline after them. Editors and converters also leave the byline in the middle
 * of the text: what follows it belongs to the post where it brings the picture, a post's last word.
 */
function split(c: Candidate, link: Element | null): Parts {
  const nodes = cutAtDash(opened(flat(c.root), link), link);
  const start = bylineStart(nodes, link);
  const end = 1 + nodes.findLastIndex((node) => link !== null && holds(node, link));
  const rest = end > start ? nodes.slice(end) : [];
  const inside = PICTURE.test(textOf(rest)) && !PICTURE.test(textOf(nodes.slice(0, start)));
  const body = inside ? [...nodes.slice(0, start), ...rest] : nodes.slice(0, start);
  return {
    body: body.slice(Math.max(0, body.findIndex(notBlank))),
    byline:
      inside || textOf(rest).length > MAX_AFTER ? nodes.slice(start, end) : nodes.slice(start),
  };
}
/** What follows the permalink further than this is the article, in a blockquote that was never closed. */
const MAX_AFTER = 200;
/** White space before the text is nobody's; between its links it keeps words apart. */
const notBlank = (node: AnyNode): boolean => !isText(node) || node.data.trim() !== '';
const PICTURE = /pic\.(?:twitter|x)\.com\/\w{4,12}/;

/** The children that matter: wrappers around everything are looked through. */
function flat(root: Cheerio<Element>): AnyNode[] {
  let nodes: AnyNode[] = root.contents().toArray();
  for (let depth = 0; depth < 4; depth++) {
    const solid = nodes.filter((node) => (isText(node) ? node.data.trim() !== '' : isTag(node)));
    const [only] = solid;
    if (solid.length !== 1 || !only || !isTag(only) || !WRAPPING.has(only.name)) break;
    nodes = only.children;
  }
  return nodes;
}
const WRAPPING = new Set(['div', 'blockquote', 'section', 'article', 'span']);

/** Where the byline stands in the text's own paragraph, its content instead of the paragraph. */
function opened(nodes: readonly AnyNode[], link: Element | null): readonly AnyNode[] {
  const at = nodes.findLastIndex((node) =>
    link === null ? HANDLE.test(textOf(node)) : holds(node, link),
  );
  const node = nodes[at];
  if (!node || !isTag(node) || node === link || DASH.test(textOf(node))) return nodes;
  const before = nodes.slice(0, at);
  const inner = parted(node.children, textOf(before) === '');
  return inner ? [...before, ...inner, ...nodes.slice(at + 1)] : nodes;
}

/** Without paragraphs text and byline may be one text node: cut where the last dash before the handle stands. */
function cutAtDash(nodes: readonly AnyNode[], link: Element | null): readonly AnyNode[] {
  if (nodes.some(isParagraph)) return nodes;
  const until = link === null ? nodes.length : nodes.findLastIndex((node) => holds(node, link));
  const at = nodes.slice(0, until).findLastIndex((node) => isText(node) && HANDLE.test(node.data));
  const node = nodes[at];
  const dash = node ? innerDash(node) : -1;
  if (!node || !isText(node) || dash <= 0) return nodes;
  const pieces = [node.data.slice(0, dash), node.data.slice(dash)].map((data) => piece(node, data));
  return [...nodes.slice(0, at), ...pieces, ...nodes.slice(at + 1)];
}

/** Split where a child begins the byline; inside a text only if nothing else could be the post's text. */
function parted(children: readonly AnyNode[], alone: boolean): readonly AnyNode[] | null {
  const text = textOf(children);
  if (!HANDLE.test(text)) return null;
  const at = children.findLastIndex(
    (child, i) => DASH.test(ownText(child)) && HANDLE.test(textOf(children.slice(i))),
  );
  if (at > 0) return children;
  const whole = alone ? children.findLastIndex((child) => innerDash(child) > 0) : -1;
  const child = children[whole];
  if (!child || !isText(child)) return null;
  const dash = innerDash(child);
  const pieces = [child.data.slice(0, dash), child.data.slice(dash)].map((data) =>
    piece(child, data),
  );
  return [...children.slice(0, whole), ...pieces, ...children.slice(whole + 1)];
}

const ownText = (node: AnyNode): string => (isText(node) ? node.data : textOf(node));
/** Where in a text, behind something else, the dash of the byline stands; else -1. */
function innerDash(node: AnyNode): number {
  if (!isText(node)) return -1;
  const handle = [...node.data.matchAll(HANDLES)].at(-1)?.index ?? -1;
  const dash = Math.max(node.data.lastIndexOf('—', handle), node.data.lastIndexOf('―', handle));
  return handle > 0 && dash > 0 && node.data.slice(0, dash).trim() !== '' ? dash : -1;
}

/** Keeps the place of the whole: references in it make offsets inside unknowable. */
function piece(whole: Text, data: string): Text {
  const text = new Text(data);
  text.parent = whole.parent;
  text.startIndex = whole.startIndex;
  text.endIndex = whole.endIndex;
  return text;
}

/** A name, a handle and a link, each perhaps in an element of its own, with emoji as pictures between. */
const MAX_BYLINE_NODES = 40;

/**
 * The child from which on the byline stands: the nearest that begins with a dash, since a name may be in pieces (its
 * emoji are pictures, its words a link); without a dash the one that names the handle; at least that of the permalink.
 */
function bylineStart(nodes: readonly AnyNode[], link: Element | null): number {
  const holder = nodes.findLastIndex((node) => link !== null && holds(node, link));
  const last = holder < 0 ? nodes.length : holder;
  const paragraph = nodes.slice(0, last).findLastIndex(isParagraph);
  const start = signedFrom(nodes, Math.max(paragraph, last - MAX_BYLINE_NODES, 0), last);
  if (start >= 0) return start;
  if (holder < 0) return nodes.length;
  return paragraph >= 0 ? paragraph + 1 : holder;
}

const isParagraph = (node: AnyNode): boolean => isTag(node) && node.name === 'p';

function signedFrom(nodes: readonly AnyNode[], from: number, last: number): number {
  let start = -1;
  for (let i = last; i >= from; i--) {
    const node = nodes[i];
    if (!node || (start >= 0 && isParagraph(node))) continue;
    if (!HANDLE.test(textOf(nodes.slice(i, last + 1)))) continue;
    if (LEADS.test(ownText(node))) return i;
    if (start < 0 && startsByline(node)) start = i;
  }
  return start;
}
const LEADS = /^[\s\u200e\u200f]*[—–―‒−-]{1,2}/u;

/** A byline begins with its dash, or with the name itself where editors dropped the dash. */
function startsByline(node: AnyNode): boolean {
  const text = isText(node) ? node.data : textOf(node);
  if (DASH.test(text)) return true;
  return HANDLE.test(text) && text.search(HANDLE) < 80;
}

function holds(node: AnyNode, wanted: AnyNode): boolean {
  for (let at: AnyNode | null = wanted; at; at = at.parent) if (at === node) return true;
  return false;
}

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
