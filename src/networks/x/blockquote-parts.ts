/**
 * Where in a blockquote the post's text ends and its byline begins: in paragraphs of their own, in one text, or the byline
 * in the middle of the text.
 */
import type { Cheerio } from 'cheerio/slim';
import { type AnyNode, type Element, isTag, isText, Text } from 'domhandler';
import { textOf } from '../../extract/fields.ts';
import type { Candidate } from '../../extract/network.ts';

const DASH = /^[\s\u200e\u200f]*(?:[—–―‒−-]{1,2}|&mdash;)\s*\S/u;
export const HANDLE = /[(（]\s*[@＠]\s*\w{1,20}\s*[)）]/u;
const HANDLES = new RegExp(HANDLE.source, 'gu');

export interface Parts {
  readonly body: AnyNode[];
  readonly byline: AnyNode[];
}

/**
 * Body paragraphs, and the nodes of the byline after them. Editors and converters also leave the byline in the middle
 * of the text: what follows it belongs to the post where it brings the picture, a post's last word.
 */
export function split(c: Candidate, link: Element | null): Parts {
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
export function flat(root: Cheerio<Element>): AnyNode[] {
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

export function holds(node: AnyNode, wanted: AnyNode): boolean {
  for (let at: AnyNode | null = wanted; at; at = at.parent) if (at === node) return true;
  return false;
}
