/** A page's microdata, read from its tags in one pass; only pages that a reader asks about are read. */
import { Parser } from 'htmlparser2';
import type { MicrodataItem } from '../normalise/microdata.ts';
import { fold } from './fields.ts';
import type { Source } from './source.ts';

/** Microdata stands around the article; what a page of more holds is not searched to its end. */
const MAX_TEXT = 2_000_000;
/** Deeper than any article; beyond it the tokenizer's own stack grows slow. */
const MAX_DEPTH = 400;
const MAX_ITEMS = 500;
const MAX_PROPS = 3000;
const MAX_VALUE = 1000;
const ITEMPROP = 'itemprop';
const NAMES = /itemprop\s*=\s*["']?([^"'>]{1,200})/y;
const SPACES = /\s+/;

type Prop = MicrodataItem['props'][number];
interface Item extends MicrodataItem {
  readonly props: Prop[];
}

interface Open {
  readonly item: Item | null;
  /** Properties whose value is the text of this element, once it ends. */
  readonly names: readonly string[];
  readonly owner: Item;
  text: string;
}

export interface Microdata {
  /** Whether any element carries this property. */
  readonly names: (prop: string) => boolean;
  /** What stands in no item, and every item as a property without a name. */
  readonly root: () => MicrodataItem;
}

export function microdataOf(source: Source): Microdata {
  let seen: ReadonlySet<string> | undefined;
  let root: MicrodataItem | undefined;
  return {
    names: (prop) => {
      seen ??= namesIn(source.latin);
      return seen.has(prop);
    },
    root: () => {
      root ??= readMicrodata(source.decode(source.latin.slice(0, endOf(source.latin))));
      return root;
    },
  };
}

/** Behind the last property nothing is to be found but the rest of its text. */
const endOf = (latin: string): number => Math.min(MAX_TEXT, latin.lastIndexOf(ITEMPROP) + AFTER);
const AFTER = 20_000;

function namesIn(latin: string): ReadonlySet<string> {
  const seen = new Set<string>();
  for (let at = latin.indexOf(ITEMPROP); at >= 0; at = latin.indexOf(ITEMPROP, at + 1)) {
    NAMES.lastIndex = at;
    for (const name of NAMES.exec(latin)?.[1]?.split(SPACES) ?? []) seen.add(name);
  }
  return seen;
}

/** Thrown out of the parser, which cannot be stopped otherwise. */
class Enough extends Error {}

function readMicrodata(html: string): MicrodataItem {
  const reader = new Reader();
  const parser = new Parser(reader, { decodeEntities: true });
  try {
    parser.write(html);
    parser.end();
  } catch (thrown) {
    if (!(thrown instanceof Enough)) throw thrown;
  }
  return reader.root;
}

class Reader {
  readonly root: Item = { types: [], props: [] };
  readonly #open: Open[] = [];
  #items = 0;
  #props = 0;

  onopentag(tag: string, attributes: Readonly<Record<string, string>>): void {
    if (this.#open.length >= MAX_DEPTH) throw new Enough();
    const owner = this.#owner();
    const names = (attributes['itemprop'] ?? '').split(SPACES).filter((name) => name !== '');
    const isItem = 'itemscope' in attributes;
    const item = isItem ? this.#item(attributes) : null;
    const value = item ?? attributeValue(tag, attributes);
    if (item) this.#put(owner, names.length > 0 ? names : [''], item);
    else if (value !== null) this.#put(owner, names, value);
    const textNames = value === null || isLinkedName(tag, names) ? names : [];
    this.#open.push({ item, names: textNames, owner, text: '' });
  }

  ontext(text: string): void {
    for (const open of this.#open) {
      if (open.names.length > 0 && open.text.length < MAX_VALUE) open.text += text;
    }
  }

  onclosetag(): void {
    const closed = this.#open.pop();
    if (!closed || closed.names.length === 0) return;
    const text = fold(closed.text.slice(0, MAX_VALUE));
    if (text !== '') this.#put(closed.owner, closed.names, text);
  }

  #owner(): Item {
    return this.#open.findLast(({ item }) => item !== null)?.item ?? this.root;
  }

  #item(attributes: Readonly<Record<string, string>>): Item {
    this.#items += 1;
    if (this.#items > MAX_ITEMS) throw new Enough();
    const types = (attributes['itemtype'] ?? '').split(SPACES).filter((type) => type !== '');
    return { types, props: [] };
  }

  #put(owner: Item, names: readonly string[], value: string | Item): void {
    this.#props += names.length;
    if (this.#props > MAX_PROPS) throw new Enough();
    for (const name of names) owner.props.push({ name, value });
  }
}

/** `<a itemprop="author" href="/jane">Jane</a>`: the text is the name. */
const isLinkedName = (tag: string, names: readonly string[]): boolean =>
  tag === 'a' && names.some((name) => name === 'author' || name === 'creator' || name === 'name');

const VALUES: readonly (readonly [attribute: string, tags: readonly string[] | null])[] = [
  ['content', null],
  ['datetime', null],
  ['href', ['a', 'area', 'link']],
  ['src', ['audio', 'embed', 'iframe', 'img', 'source', 'track', 'video']],
  ['data', ['object']],
  ['value', ['data', 'meter']],
];

/** The attribute that holds the value; null where the element's text does. */
function attributeValue(tag: string, attributes: Readonly<Record<string, string>>): string | null {
  for (const [name, tags] of VALUES) {
    const value = attributes[name];
    if (value !== undefined && value !== '' && (tags?.includes(tag) ?? true)) return value;
  }
  return null;
}
