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
const NAME = /[^\s/>]+/y;
const ATTRIBUTE = /[\s/]*([^\s/>=][^\s/>=]*)(?:\s*=\s*(?:"([^"]*)"?|'([^']*)'?|([^\s>]*)))?/y;

/** Reads the open tag at `start`, which ends at `open`. */
export function readTag(text: string, start: number, open: number): Tag {
  NAME.lastIndex = start + 1;
  const name = NAME.exec(text)?.[0] ?? '';
  const attributes: Attribute[] = [];
  ATTRIBUTE.lastIndex = start + 1 + name.length;
  let classes: readonly string[] = [];
  while (ATTRIBUTE.lastIndex < open && attributes.length < MAX_ATTRIBUTES) {
    const match = ATTRIBUTE.exec(text);
    if (match === null) break;
    const attribute = locate(match);
    if (attribute.start >= open) break;
    attributes.push(attribute);
    if (attribute.name === 'class') classes = words(text.slice(attribute.start, attribute.end));
  }
  return { name: name.toLowerCase(), attributes, classes };
}

function locate(match: RegExpExecArray): Attribute {
  const [whole, name = '', double, single, bare] = match;
  const value = double ?? single ?? bare;
  const after = match.index + whole.length;
  const closed = double !== undefined || single !== undefined;
  // A quoted value without its closing quote runs to the end of the text.
  const end = closed && (whole.endsWith('"') || whole.endsWith("'")) ? after - 1 : after;
  const start = value === undefined ? after : end - value.length;
  return { name: name.toLowerCase(), start, end: Math.max(start, end) };
}

const CLASS_SPACE = /\s+/;
const words = (value: string): string[] =>
  value.toLowerCase().replaceAll('\\"', '').replaceAll('"', '').split(CLASS_SPACE).filter(Boolean);

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
