/** One element's slice of the page, parsed alone with cheerio/slim, for a network's rule to read fields off. */
import { type CheerioAPI, load } from 'cheerio/slim';
import { type AnyNode, type Element, isTag } from 'domhandler';
import { parseDocument } from 'htmlparser2';
import type { Span } from '../embed.ts';
import type { Candidate, PostRef } from './network.ts';
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

/** An element larger than this is cut: no post's markup is, and unclosed ones would drag the page along. */
export const MAX_ELEMENT = 128 * 1024;

export function parseElement(view: View, range: Span, source: Source): Parsed | null {
  const latin = view.text.slice(range.start, Math.min(range.end, range.start + MAX_ELEMENT));
  const decoded = view.decode(latin);
  const element = parseDocument(decoded, POSITIONS).children.find(isTag);
  if (!element) return null;
  const at = (index: number): number =>
    range.start + (view.base === null ? index : source.width(latin, decoded, index));
  return {
    $,
    element,
    spanOf: (node) => {
      const from = node.startIndex ?? 0;
      return spanOf(view, at(from), at((node.endIndex ?? from) + 1));
    },
  };
}

export function candidateOf(
  parsed: Parsed,
  claim: (address: string | undefined) => PostRef | null,
  pageUrl: string | null,
): Candidate {
  return { $: parsed.$, root: parsed.$(parsed.element), element: parsed.element, claim, pageUrl };
}
