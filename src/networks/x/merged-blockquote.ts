/** Editors paste two embed codes into one blockquote: each byline with its own permalink ends a post. */
import { type AnyNode, Element, isTag } from 'domhandler';
import { textOf } from '../../extract/fields.ts';
import type { Candidate } from '../../extract/network.ts';
import { HANDLE } from './blockquote-parts.ts';

const LEADS = /^[\s\u200e\u200f]*[—–―]/u;
const MAX_NODES = 200;
const MAX_POST = 400;

/** The blockquote as one candidate for each of its posts; itself where there is one. */
export function separated(c: Candidate, nodes: readonly AnyNode[]): readonly Candidate[] {
  if (nodes.length > MAX_NODES) return [c];
  const parts: AnyNode[][] = [];
  const ids = new Set<string>();
  let part: AnyNode[] = [];
  for (const node of nodes) {
    part.push(node);
    const id = permalinkEnding(c, node, part);
    if (id === null) continue;
    ids.add(id);
    parts.push(part);
    part = [];
  }
  const [first] = parts;
  if (first && ids.size === 1 && goesOn(c, part, ids)) return [only(c, first)];
  if (ids.size < 2 || ids.size !== parts.length) return [c];
  parts.at(-1)?.push(...part);
  return parts.map((children) => only(c, children));
}

/** The blockquote was never closed: behind the byline stands more than a post can hold, or a link to another post. */
function goesOn(c: Candidate, rest: readonly AnyNode[], ids: ReadonlySet<string>): boolean {
  if (rest.length === 0) return false;
  if (textOf(rest).length > MAX_POST) return true;
  const links = c
    .$([...rest])
    .find('a[href]')
    .addBack('a[href]')
    .toArray();
  return links.some((link) => {
    const id = isTag(link) ? idOf(c, link) : null;
    return id !== null && !ids.has(id);
  });
}

function only(c: Candidate, children: readonly AnyNode[]): Candidate {
  const element = new Element('blockquote', c.element.attribs, [
    ...children,
  ] as Element['children']);
  element.startIndex = c.element.startIndex;
  element.endIndex = c.element.endIndex;
  return { ...c, element, root: c.$(element) };
}

/** The id of the post whose byline this node ends: a link behind `(@handle)`, or a paragraph led by a dash. */
function permalinkEnding(c: Candidate, node: AnyNode, part: readonly AnyNode[]): string | null {
  if (!isTag(node)) return null;
  if (node.name === 'a') {
    const id = idOf(c, node);
    if (id === null) return null;
    const since = part.slice(part.findLastIndex((each) => isTag(each) && each.name === 'p') + 1);
    return HANDLE.test(textOf(since)) ? id : null;
  }
  const text = textOf(node);
  if (!LEADS.test(text) || !HANDLE.test(text)) return null;
  const link = c.$(node).find('a').last()[0];
  return link ? idOf(c, link) : null;
}

function idOf(c: Candidate, link: Element): string | null {
  const ref = c.claim(link.attribs['href']);
  return ref && ref.kind !== 'action' ? ref.postId : null;
}
