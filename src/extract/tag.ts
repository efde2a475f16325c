/** An open tag read on demand: its attributes, where each value stands, and whether a network's rule looks at it. */
import type { Match } from './network.ts';
import { unreferenced } from './wrappers.ts';

export interface Attribute {
  /** Lower case. */
  readonly name: string;
  /** Offsets of the raw value in the view's text. */
  readonly start: number;
  readonly end: number;
}

export interface Tag {
  readonly name: string;
  readonly attributes: readonly Attribute[];
  readonly classes: readonly string[];
}

/** More attributes than this on one tag are not read (HOSTILE: a million on one tag). */
const MAX_ATTRIBUTES = 1000;

const GT = 62;
const EQ = 61;
const SLASH = 47;
/** White space as a regular expression's `\s` has it. */
const isSpace = (c: number): boolean =>
  c <= 32 ? c === 32 || (c >= 9 && c <= 13) : c >= 160 && OTHER_SPACE.test(String.fromCharCode(c));
const OTHER_SPACE = /\s/;

/** Reads the open tag at `start`, which ends at `open`. */
export function readTag(text: string, start: number, open: number): Tag {
  let at = nameEnd(text, start + 1, 0);
  const name = text.slice(start + 1, at).toLowerCase();
  const attributes: Attribute[] = [];
  let classes: readonly string[] = [];
  while (at < open && attributes.length < MAX_ATTRIBUTES) {
    at = spaceEnd(text, at, SLASH);
    const end = nameEnd(text, at, EQ);
    if (end === at) break;
    const value = valueAfter(text, end);
    if (value.start >= open) break;
    const attribute = {
      name: text.slice(at, end).toLowerCase(),
      start: value.start,
      end: value.end,
    };
    attributes.push(attribute);
    if (attribute.name === 'class') classes = words(text.slice(value.start, value.end));
    at = value.after;
  }
  return { name, attributes, classes };
}

/** The end of a name: white space, `/`, `>`, or the character given besides. */
function nameEnd(text: string, from: number, also: number): number {
  const { length } = text;
  let i = from;
  for (; i < length; i++) {
    const c = text.charCodeAt(i);
    if (c === GT || c === SLASH || c === also || isSpace(c)) break;
  }
  return i;
}

function spaceEnd(text: string, from: number, also: number): number {
  let i = from;
  for (let c = text.charCodeAt(i); c === also || isSpace(c); c = text.charCodeAt(++i));
  return i;
}

interface Value {
  readonly start: number;
  readonly end: number;
  readonly after: number;
}

/** The value of the attribute whose name ends at `end`; a quoted one without its closing quote runs to the end of the text. */
function valueAfter(text: string, end: number): Value {
  const equals = spaceEnd(text, end, -1);
  if (text.charCodeAt(equals) !== EQ) return { start: end, end, after: end };
  const start = spaceEnd(text, equals + 1, -1);
  const quote = text.charCodeAt(start);
  if (quote === 34 || quote === 39) {
    const close = text.indexOf(quote === 34 ? '"' : "'", start + 1);
    if (close < 0) return { start: start + 1, end: text.length, after: text.length };
    return { start: start + 1, end: close, after: close + 1 };
  }
  let after = start;
  for (; after < text.length; after++) {
    const c = text.charCodeAt(after);
    if (c === GT || isSpace(c)) break;
  }
  return { start, end: after, after };
}

const CLASS_SPACE = /\s+/;
function words(value: string): string[] {
  const plain = value.includes('"') ? value.replaceAll('\\"', '').replaceAll('"', '') : value;
  return plain.toLowerCase().split(CLASS_SPACE).filter(Boolean);
}

/** The attribute's value with its character references resolved. */
export function attributeValue(
  view: { readonly text: string; readonly decode: (slice: string) => string },
  attribute: Attribute,
): string {
  return unreferenced(view.decode(view.text.slice(attribute.start, attribute.end)));
}

export const attributeOf = (tag: Tag, name: string): Attribute | undefined =>
  tag.attributes.find((attribute) => attribute.name === name);

export function matches(tag: Tag, match: Match): boolean {
  if (match.tags && !match.tags.includes(tag.name)) return false;
  if (!match.classes && !match.attributes) return match.tags !== undefined;
  return (
    (match.classes?.some((name) => tag.classes.includes(name)) ?? false) ||
    (match.attributes?.some((name) => attributeOf(tag, name) !== undefined) ?? false)
  );
}
