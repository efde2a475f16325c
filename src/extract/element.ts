/** One element's slice of the page, parsed alone with cheerio/slim, for a network's rule to read fields off. */
import { type CheerioAPI, load } from 'cheerio/slim';
import { type AnyNode, type ChildNode, type Element, hasChildren, isTag } from 'domhandler';
import { DomUtils, parseDocument } from 'htmlparser2';
import type { Span } from '../embed.ts';
import type { Candidate, PostRef } from './network.ts';
import { largeOpenTag } from './open-tag.ts';
import type { Source } from './source.ts';
import { spanOf, type View } from './view.ts';

export interface Parsed {
  readonly $: CheerioAPI;
  readonly element: Element;
  /** Where a node stands in the page. */
  readonly spanOf: (node: AnyNode) => Span;
}

const POSITIONS = { withStartIndices: true, withEndIndices: true };
/** One for all elements: `load` builds a class for each document, which costs more than parsing a post. */
const $ = load('', {}, false);

/** `a`, `a[href]`: nearly all that rules look for. cheerio compiles a selector anew for each call. */
const PLAIN = /^([a-z][a-z\d]*)(?:\[([a-z-]+)\])?$/;
const { find } = $.fn;
$.fn.find = function findPlain(this: typeof $.fn, wanted) {
  const [, name, attribute] = (typeof wanted === 'string' && PLAIN.exec(wanted)) || [];
  const within = this[0] as AnyNode | undefined;
  if (name === undefined || !within || this.length > 1) return find.call(this, wanted);
  const matches = (element: Element): boolean =>
    element.name === name && (attribute === undefined || element.attribs[attribute] !== undefined);
  return this._make(DomUtils.findAll(matches, hasChildren(within) ? within.children : []));
};

/** An element larger than this is cut: no post's markup is, and unclosed ones would drag the page along. */
export const MAX_ELEMENT = 128 * 1024;

export interface ElementRange extends Span {
  /** Where the open tag ends. */
  readonly open: number;
}

/**
 * Most rules look at the open tag and turn away, so only that is parsed until one asks for what is inside: then the whole
 * slice is, and the element gets its children.
 */
export function parseElement(view: View, range: ElementRange, source: Source): Parsed | null {
  const end = Math.min(range.end, range.start + MAX_ELEMENT);
  let latin = '';
  let decoded = '';
  const parse = (to: number): Element | null => {
    latin = view.text.slice(range.start, to);
    decoded = view.decode(latin);
    return parseDocument(decoded, POSITIONS).children.find(isTag) ?? null;
  };
  const tag =
    range.open < end ? (largeOpenTag(view, range.start, range.open) ?? parse(range.open)) : null;
  const element = tag ?? parse(end);
  if (!element) return null;
  const fill = tag ? filling(tag, () => parse(end)) : (): void => undefined;
  const at = (index: number): number =>
    range.start + (view.base === null ? index : source.width(latin, decoded, index));
  return {
    $,
    element,
    spanOf: (node) => {
      fill();
      const from = node.startIndex ?? 0;
      // Of what the page's end leaves open the parser says that it ends one further.
      const to = Math.min((node.endIndex ?? from) + 1, decoded.length);
      return spanOf(view, at(from), at(to));
    },
  };
}

/** Gives the element its children when they are first asked for; the function does so at once. */
function filling(element: Element, parse: () => Element | null): () => void {
  let filled = false;
  const children = (): ChildNode[] => {
    filled = true;
    const whole = parse();
    const value = whole?.children ?? [];
    for (const child of value) child.parent = element;
    element.endIndex = whole?.endIndex ?? element.endIndex;
    Object.defineProperty(element, 'children', { value, writable: true, enumerable: true });
    return value;
  };
  Object.defineProperty(element, 'children', {
    get: children,
    configurable: true,
    enumerable: true,
  });
  return () => {
    if (!filled) children();
  };
}

export function candidateOf(
  parsed: Parsed,
  claim: (address: string | undefined) => PostRef | null,
  pageUrl: string | null,
): Candidate {
  return { $: parsed.$, root: parsed.$(parsed.element), element: parsed.element, claim, pageUrl };
}
