/** A piece of markup under the lens: the page itself, or what came out of an attribute, script or string in it. */
import type { Evidence, Span } from '../embed.ts';
import { type Scanned, type Structure, scan } from './scan.ts';
import type { Source } from './source.ts';
import { undo, type Wrapper } from './wrappers.ts';

export interface View {
  /** The page: one character per byte. Pieces taken out of a wrapper: decoded text. */
  readonly text: string;
  /** The characters of `text`, a byte each; those beyond U+00FF, of which no markup is made, as 255. */
  readonly bytes: Uint8Array;
  readonly decode: (slice: string) => string;
  /** Where `text` begins in the page, if it is a plain part of it; null: everything in it is at `span`. */
  readonly base: number | null;
  readonly span: Span;
  readonly wrappers: readonly Wrapper[];
  readonly depth: number;
  /** What the carrier's surroundings already decided. */
  readonly setting: Setting;
  /** Where its tags are, found when first asked. */
  readonly structure: () => Structure;
}

function structureOf(scanned: Scanned): () => Structure {
  let known: Structure | undefined;
  return () => {
    known ??= scan(scanned);
    return known;
  };
}

export interface Setting {
  /** In a sidebar, footer, comment, timeline, other article: nothing in it is an embed of this article. */
  readonly outside: boolean;
  /** Out of a data structure, not the document's own markup. */
  readonly data: boolean;
  /** The text of an article (a JSON `body`): inline links in it are citations. */
  readonly prose: boolean;
}

export const ROOT: Setting = { outside: false, data: false, prose: true };

export function rootView(source: Source): View {
  const { latin: text, bytes } = source;
  return {
    text,
    bytes,
    structure: structureOf({ text, bytes }),
    decode: source.decode,
    base: 0,
    span: { start: 0, end: Math.max(1, source.bytes.length) },
    wrappers: [],
    depth: 0,
    setting: ROOT,
  };
}

export interface Inner {
  /** In the outer view's text. */
  readonly start: number;
  readonly end: number;
  readonly wrappers: readonly Wrapper[];
  /** What comes out when the first wrapper is undone, where that is known already. */
  readonly undone?: string;
  readonly setting?: Partial<Setting>;
}

const CHANGES = new Set<Wrapper>([
  'attribute',
  'textarea',
  'escaped',
  'string',
  'percent',
  'base64',
]);

/** The view of what a stretch of `outer` holds once the wrappers are undone, outermost first. */
export function innerView(outer: View, inner: Inner): View {
  const raw = outer.text.slice(inner.start, inner.end);
  const wrappers = [...outer.wrappers, ...inner.wrappers];
  const common = {
    wrappers,
    depth: outer.depth + 1,
    setting: { ...outer.setting, ...inner.setting },
    span: spanOf(outer, inner.start, inner.end),
  };
  if (!inner.wrappers.some((wrapper) => CHANGES.has(wrapper))) {
    const base = outer.base === null ? null : outer.base + inner.start;
    const bytes = outer.bytes.subarray(inner.start, inner.end);
    const structure = structureOf({ text: raw, bytes });
    return { ...common, text: raw, bytes, structure, decode: outer.decode, base };
  }
  const { undone, wrappers: taken } = inner;
  const text = (
    undone === undefined
      ? taken.reduce(undo, outer.decode(raw))
      : taken.slice(1).reduce(undo, undone)
  ).toWellFormed();
  const bytes = bytesOf(text);
  const structure = structureOf({ text, bytes });
  return { ...common, text, bytes, structure, decode: (slice) => slice, base: null };
}

const BEYOND = /[^\0-\xff]/g;

function bytesOf(text: string): Uint8Array {
  return Buffer.from(BEYOND.test(text) ? text.replace(BEYOND, '\xff') : text, 'latin1');
}

/** A stretch of a view as a stretch of the page. */
export function spanOf(view: View, start: number, end: number): Span {
  if (view.base === null) return view.span;
  return { start: view.base + start, end: Math.max(view.base + end, view.base + start + 1) };
}

export const evidenceOf = (view: View, start: number, end: number): Evidence => ({
  ...spanOf(view, start, end),
  wrappers: [...view.wrappers],
});
