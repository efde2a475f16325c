/** Finds the page's own article in its JSON-LD, whatever strangers put there. */

import { plainText } from './plain-text.ts';

export type Node = Readonly<Record<string, unknown>>;

/** A page's JSON-LD is small; what is nested deeper or more numerous is not its article. */
const MAX_NODES = 2000;
const MAX_DEPTH = 6;
/** schema.org's Article and its children, by the ending of their names. */
export const ARTICLE_TYPE =
  /^(?:https?:\/\/schema\.org\/|schema:)?(?:\w*Article|Report|Review|\w*Blog(?:Posting)?|\w*Posting|\w*Reportage|NewsReport)$/;
const PAGE = /^(?:https?:\/\/schema\.org\/|schema:)?(?:Web|Item|Medical)Page$/;

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Only what the JSON itself holds: `__proto__` and `constructor` are a stranger's words. */
export function own(node: unknown, key: string): unknown {
  return isNode(node) && Object.hasOwn(node, key) ? node[key] : undefined;
}

export const asList = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];

export const stringOf = (value: unknown): string | null =>
  typeof value === 'string' ? value : null;

function hasType(node: Node, shape: RegExp): boolean {
  return asList(own(node, '@type')).some((type) => typeof type === 'string' && shape.test(type));
}

/** Nodes of the top level, of `@graph` and of `mainEntity`; not the articles that lists and teasers name. */
function topNodes(blocks: readonly unknown[]): Node[] {
  const nodes: Node[] = [];
  const open: { value: unknown; depth: number }[] = blocks.map((value) => ({ value, depth: 0 }));
  // the list grows while it is read: breadth first, so that outer nodes come first
  for (const { value, depth } of open) {
    if (nodes.length >= MAX_NODES) break;
    if (depth > MAX_DEPTH) continue;
    if (isNode(value)) nodes.push(value);
    const inside = Array.isArray(value)
      ? value
      : ['@graph', 'mainEntity', 'mainEntityOfPage'].map((key) => own(value, key));
    for (const item of inside.slice(0, MAX_NODES)) {
      if (typeof item === 'object' && item !== null) open.push({ value: item, depth: depth + 1 });
    }
  }
  return nodes;
}

export interface PageNodes {
  /** The article, or failing that the page. */
  readonly article: Node | null;
  /** Follows `{ "@id": … }` to the node with that id. */
  readonly resolve: (value: unknown) => unknown;
}

/** What tells the page's own article from others. */
export interface OwnPage {
  /** The page's address and those that it declares. */
  readonly addresses: readonly string[];
  readonly titles: readonly string[];
}

export function pageNodes(blocks: readonly unknown[], page: OwnPage): PageNodes {
  const nodes = topNodes(blocks);
  const byId = new Map<string, Node>();
  for (const node of nodes) {
    const id = stringOf(own(node, '@id'));
    // the fullest description of an id, not a mere reference to it
    if (id !== null && Object.keys(node).length > Object.keys(byId.get(id) ?? {}).length)
      byId.set(id, node);
  }
  const articles = nodes.filter((node) => hasType(node, ARTICLE_TYPE));
  const dated = nodes.find(
    (node) => hasType(node, PAGE) && own(node, 'datePublished') !== undefined,
  );
  const resolve = (value: unknown) => byId.get(stringOf(own(value, '@id')) ?? '') ?? value;
  return { article: ownArticle(articles, page) ?? dated ?? null, resolve };
}

/** By its address, else by its title, else the first; a mere reference counts for nothing. */
function ownArticle(articles: readonly Node[], { addresses, titles }: OwnPage): Node | undefined {
  const shown = titles.map(folded).filter((title) => title !== '');
  const telling = articles.filter((node) => own(node, 'headline') ?? own(node, 'datePublished'));
  const named = (node: Node) => addresses.some((address) => names(node, address));
  const titled = (node: Node) => {
    const headline = folded(stringOf(own(node, 'headline')) ?? '');
    return headline !== '' && shown.some((title) => title.startsWith(headline));
  };
  return telling.find(named) ?? telling.find(titled) ?? telling[0] ?? articles[0];
}

const folded = (text: string): string => (plainText(text) ?? '').toLowerCase();

const SCHEME_AND_TAIL = /^https?:\/\/(?:www\.)?|[?#].*$|\/$/g;
const bare = (url: string) => url.replace(SCHEME_AND_TAIL, '');

/** Whether two addresses name one page; query and fragment are campaigns and anchors. */
export const samePage = (a: string, b: string): boolean => bare(a) === bare(b);

function names(node: Node, url: string): boolean {
  const page = own(node, 'mainEntityOfPage');
  const addresses = [own(node, 'url'), own(node, '@id'), page, own(page, '@id'), own(page, 'url')];
  return addresses.some((address) => typeof address === 'string' && samePage(address, url));
}
