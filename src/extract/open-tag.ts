/**
 * A large open tag as an element, without the HTML parser: pages keep kilobytes of escaped JSON in attributes, of which a
 * rule reads a class or an id. A value is decoded when it is asked for. Small tags and untidy ones are left to the parser.
 */
import { type Element, isTag } from 'domhandler';
import { parseDocument } from 'htmlparser2';
import { type Attribute, readTag } from './tag.ts';
import type { View } from './view.ts';

/** Below this the parser is as fast. */
const LARGE = 2048;
const MAX_ATTRIBUTES = 500;
const NAME = /^[a-z][a-z\d:.-]*$/;
const SPACES = /[ \t\n\f\r]*/y;

/** Null where the parser has to read the tag, which stands at `start` and ends at `open`. */
export function largeOpenTag(view: View, start: number, open: number): Element | null {
  if (open - start < LARGE) return null;
  const { name, attributes } = readTag(view.text, start, open);
  if (!NAME.test(name) || attributes.length > MAX_ATTRIBUTES) return null;
  if (!isTidy(view.text, { attributes, from: start + 1 + name.length, open })) return null;
  const element = parseDocument(`<${name}>`).children.find(isTag);
  if (!element) return null;
  for (const attribute of attributes) define(view, element, attribute);
  return element;
}

/** `name="value"` each, with nothing but space between: what both readers understand alike. */
function isTidy(
  text: string,
  tag: { readonly attributes: readonly Attribute[]; readonly from: number; readonly open: number },
): boolean {
  let at = tag.from;
  for (const { name, start, end } of tag.attributes) {
    const begins = start - name.length - 2;
    const quote = text[start - 1];
    const quoted = (quote === '"' || quote === "'") && text[end] === quote;
    if (!quoted || text[start - 2] !== '=' || !NAME.test(name)) return false;
    if (begins <= at || spaceEnd(text, at) !== begins) return false;
    at = end + 1;
  }
  return spaceEnd(text, at) === tag.open - 1 && text[tag.open - 1] === '>';
}

function spaceEnd(text: string, at: number): number {
  SPACES.lastIndex = at;
  SPACES.test(text);
  return SPACES.lastIndex;
}

/** Of two with one name the first counts. */
function define(view: View, element: Element, { name, start, end }: Attribute): void {
  if (Object.hasOwn(element.attribs, name)) return;
  Object.defineProperty(element.attribs, name, {
    configurable: true,
    enumerable: true,
    get: () => {
      const value = decoded(view, start, end);
      Object.defineProperty(element.attribs, name, { value, writable: true });
      return value;
    },
  });
}

function decoded(view: View, start: number, end: number): string {
  const raw = view.text.slice(start - 1, end + 1);
  if (!raw.includes('&')) return view.decode(raw.slice(1, -1));
  const [element] = parseDocument(`<a x=${view.decode(raw)}>`).children;
  return (element && isTag(element) && element.attribs['x']) || '';
}
