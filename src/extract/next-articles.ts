/**
 * The articles that an endless page loads behind its own: each an `article` that carries an address of its own, which the
 * page's script shows once it is scrolled to, and a headline that is not the page's. Entries of a stream have headlines
 * too, but no address; they are the page's.
 */
import { code } from './element-names.ts';
import { fold } from './fields.ts';
import type { Self } from './run.ts';
import type { Structure } from './scan.ts';
import { attributeValue, readTag } from './tag.ts';
import { samePath, sameTitle } from './titles.ts';
import type { View } from './view.ts';
import { unreferenced } from './wrappers.ts';

const ARTICLE = code('article');
const H1 = code('h1');
const MAX_HEADLINES = 50;
const MAX_CLIMB = 64;
const MAX_HEADLINE = 1000;
const TAGS = /<[^>]*>/g;
const ADDRESS_NAME = /^(?:data-.*(?:url|href|permalink|canonical|path)|itemid)$/;
const ADDRESS = /^(?:https?:\/\/[^\s/]+)?\/[^\s/]/i;

export function nextArticles(
  view: View,
  structure: Structure,
  self: Self | null,
): ReadonlySet<number> {
  const others = new Set<number>();
  const own = self?.canonicalUrl ?? self?.url;
  if (!own || !self?.title) return others;
  const names = structure.name.subarray(0, structure.count);
  let at = names.indexOf(H1);
  const from = structure.close[at] ?? 0;
  for (let i = 0; at >= 0 && i < MAX_HEADLINES; at = names.indexOf(H1, at + 1), i++) {
    const article = outermost(structure, at);
    if (article < 0 || sameTitle(textOf(view, structure, at), self.title)) continue;
    if (hasOtherAddress(view, structure, { article, own, from })) others.add(article);
  }
  return others;
}

/** The outermost article around: a box inside the page's own may have a headline too. */
function outermost(structure: Structure, index: number): number {
  let article = -1;
  let at = structure.parent[index] ?? -1;
  for (let i = 0; at >= 0 && i < MAX_CLIMB; i++) {
    if (structure.name[at] === ARTICLE) article = at;
    at = structure.parent[at] ?? -1;
  }
  return article;
}

function textOf(view: View, structure: Structure, index: number): string {
  const start = structure.open[index] ?? 0;
  const end = Math.min(structure.close[index] ?? start, start + MAX_HEADLINE);
  return fold(unreferenced(view.decode(view.text.slice(start, end).replace(TAGS, ' '))));
}

interface Where {
  readonly article: number;
  /** The page's address. */
  readonly own: string;
  /** Behind its headline. */
  readonly from: number;
}

/** The article says it, or the box that a page's script has put it into. */
function hasOtherAddress(view: View, structure: Structure, { article, own, from }: Where): boolean {
  let at = article;
  for (let up = 0; at >= 0 && up <= MAX_BOXES; up++) {
    if (up > 0 && (structure.start[at] ?? 0) < from) return false;
    const addresses = addressesOf(view, structure, at);
    if (addresses.length > 0) return !addresses.some((address) => samePath(address, own));
    at = structure.parent[at] ?? -1;
  }
  return false;
}
const MAX_BOXES = 3;

function addressesOf(view: View, structure: Structure, index: number): string[] {
  const tag = readTag(view.text, structure.start[index] ?? 0, structure.open[index] ?? 0);
  return tag.attributes
    .filter(({ name }) => ADDRESS_NAME.test(name))
    .map((attribute) => attributeValue(view, attribute).trim())
    .filter((value) => ADDRESS.test(value));
}
