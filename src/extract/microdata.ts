/** A page's microdata, read where the marker search has seen it; only pages that a reader asks about are read. */
import type { MicrodataItem } from '../normalise/microdata.ts';
import { fold } from './fields.ts';
import { placesOf, SPOT_TAG } from './places.ts';
import type { Structure } from './scan.ts';
import { attributeOf, attributeValue, readTag, type Tag } from './tag.ts';
import type { View } from './view.ts';
import { unreferenced } from './wrappers.ts';

const MAX_ITEMS = 500;
const MAX_PROPS = 3000;
const MAX_VALUE = 1000;
/** A value is near the beginning of its element; properties inside one another are not read to the end for each. */
const MAX_PIECES = 2000;
const MAX_ALL_PIECES = 20_000;
const NAMES = /itemprop\s*=\s*["']?([^"'>]{1,200})/iy;
const SPACES = /\s+/;

type Prop = MicrodataItem['props'][number];
interface Item extends MicrodataItem {
  readonly props: Prop[];
}

interface Open {
  readonly element: number;
  /** Where it ends. */
  readonly close: number;
  readonly item: Item | null;
  /** Properties whose value is the text of this element, put down once it ends. */
  readonly names: readonly string[];
  readonly owner: Item;
}

export interface Microdata {
  /** Whether any element carries this property. */
  readonly names: (prop: string) => boolean;
  /** What stands in no item, and every item as a property without a name. */
  readonly root: () => MicrodataItem;
}

/** `places`: where `itemprop` and `itemscope` stand in the page. */
export function microdataOf(view: View, places: Int32Array): Microdata {
  let seen: ReadonlySet<string> | undefined;
  let root: MicrodataItem | undefined;
  return {
    names: (prop) => {
      seen ??= namesIn(view.text, places);
      return seen.has(prop);
    },
    root: () => {
      root ??= new Reader(view).read(places);
      return root;
    },
  };
}

function namesIn(text: string, places: Int32Array): ReadonlySet<string> {
  const seen = new Set<string>();
  for (const at of places) {
    NAMES.lastIndex = at;
    for (const name of NAMES.exec(text)?.[1]?.split(SPACES) ?? []) seen.add(name);
  }
  return seen;
}

class Reader {
  readonly #root: Item = { types: [], props: [] };
  readonly #open: Open[] = [];
  #items = 0;
  #props = 0;
  #pieces = 0;
  readonly #view: View;
  readonly #structure: Structure;

  constructor(view: View) {
    this.#view = view;
    this.#structure = view.structure();
  }

  read(places: Int32Array): MicrodataItem {
    const { holder, spot } = placesOf(this.#structure, places);
    let last = -1;
    for (let i = 0; i < places.length && this.#items <= MAX_ITEMS; i++) {
      const element = holder[i] as number;
      if (spot[i] !== SPOT_TAG || element === last) continue;
      last = element;
      if (this.#props > MAX_PROPS) return this.#root;
      this.#readElement(element);
    }
    this.#closeUntil(Number.POSITIVE_INFINITY);
    return this.#root;
  }

  #readElement(element: number): void {
    const { start, open, close } = this.#structure;
    const from = start[element] as number;
    this.#closeUntil(from);
    const tag = readTag(this.#view.text, from, open[element] as number);
    const owner = this.#owner();
    const names = this.#words(tag, 'itemprop');
    const item = attributeOf(tag, 'itemscope') ? this.#item(tag) : null;
    const value = item ?? this.#valueOf(tag);
    if (item) this.#put(owner, names.length > 0 ? names : [''], item);
    else if (value !== null) this.#put(owner, names, value);
    const textNames = value === null || isLinkedName(tag.name, names) ? names : [];
    if (item === null && textNames.length === 0) return;
    this.#open.push({ element, close: close[element] as number, item, names: textNames, owner });
  }

  /** Puts down the texts of elements that end before the offset. */
  #closeUntil(offset: number): void {
    for (let top = this.#open.at(-1); top && top.close <= offset; top = this.#open.at(-1)) {
      this.#open.pop();
      const text = top.names.length > 0 ? fold(this.#textOf(top.element)) : '';
      if (text !== '') this.#put(top.owner, top.names, text);
    }
  }

  /** The text of the element's beginning, its tags and comments left out. */
  #textOf(element: number): string {
    const { count, start, open, close } = this.#structure;
    const end = close[element] as number;
    let text = '';
    let at = open[element] as number;
    const most = Math.min(count, element + Math.min(MAX_PIECES, MAX_ALL_PIECES - this.#pieces));
    for (let child = element + 1; child <= most && text.length < MAX_VALUE; child++) {
      const next = child < count ? Math.min(start[child] as number, end) : end;
      if (next > at) text += this.#plain(at, next);
      this.#pieces += 1;
      if (next === end) break;
      at = Math.max(at, open[child] as number);
    }
    return text.slice(0, MAX_VALUE);
  }

  #plain(from: number, to: number): string {
    const { text, decode } = this.#view;
    const piece = text.slice(from, Math.min(to, from + MAX_PIECE)).replace(NO_TEXT, '');
    return unreferenced(decode(piece));
  }

  #owner(): Item {
    const top = this.#open.at(-1);
    return top ? (top.item ?? top.owner) : this.#root;
  }

  #item(tag: Tag): Item {
    this.#items += 1;
    return { types: this.#words(tag, 'itemtype'), props: [] };
  }

  #words(tag: Tag, name: string): string[] {
    return (this.#attribute(tag, name) ?? '').split(SPACES).filter((word) => word !== '');
  }

  #attribute(tag: Tag, name: string): string | null {
    const attribute = attributeOf(tag, name);
    return attribute ? attributeValue(this.#view, attribute) : null;
  }

  /** The attribute that holds the value; null where the element's text does. */
  #valueOf(tag: Tag): string | null {
    for (const [name, tags] of VALUES) {
      const value = tags === null || tags.includes(tag.name) ? this.#attribute(tag, name) : null;
      if (value !== null && value !== '') return value;
    }
    return null;
  }

  #put(owner: Item, names: readonly string[], value: string | Item): void {
    this.#props += names.length;
    for (const name of names) owner.props.push({ name, value });
  }
}

const MAX_PIECE = 4 * MAX_VALUE;
/** What stands between two open tags and is not text: end tags, declarations. */
const NO_TEXT = /<(?:\/[a-z]|[!?])[^>]*>?/gi;

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
