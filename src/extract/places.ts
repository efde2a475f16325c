/** Which element of a structure holds an offset, and where in it the offset stands: in its tag, its raw text, its text. */
import { code, IS_RAW, TRAITS } from './element-names.ts';
import { CDATA, COMMENT, type Structure } from './scan.ts';

export const SPOT_TEXT = 0;
export const SPOT_TAG = 1;
export const SPOT_RAW = 2;

export const SCRIPT = code('script');
export const BLOCKQUOTE = code('blockquote');

export interface Places {
  /** For each offset, the element it belongs to: the one whose tag or raw text holds it, or the parent of the text. */
  readonly holder: Int32Array;
  /** For each offset, where in its holder it stands. */
  readonly spot: Uint8Array;
}

/** `at`: ascending offsets. */
export function placesOf(structure: Structure, at: Int32Array): Places {
  const holder = new Int32Array(at.length);
  const spot = new Uint8Array(at.length);
  let element = -1;
  /** The parent of text behind the element, as far as it is known: what has ended stays so, and is not climbed again. */
  let around = -1;
  for (let i = 0; i < at.length; i++) {
    const offset = at[i] as number;
    const last = lastBefore(structure, offset, element);
    if (last !== element) around = last;
    element = last;
    spot[i] = element < 0 ? SPOT_TEXT : spotIn(structure, element, offset);
    if (spot[i] === SPOT_TEXT) around = textHolder(structure, around, offset);
    holder[i] = spot[i] === SPOT_TEXT ? around : element;
  }
  return { holder, spot };
}

/** The last element that begins at the offset or before it; none before `from` does. */
function lastBefore({ start, count }: Structure, offset: number, from: number): number {
  let low = from;
  let high = count - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((start[middle] as number) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

function spotIn({ name, open, end }: Structure, element: number, offset: number): number {
  const named = name[element] as number;
  const inert = named === COMMENT || named === CDATA;
  if (!inert && offset < (open[element] as number)) return SPOT_TAG;
  const raw = inert || TRAITS.get(named) === IS_RAW;
  return raw && offset < (end[element] as number) ? SPOT_RAW : SPOT_TEXT;
}

function textHolder({ close, parent }: Structure, element: number, offset: number): number {
  let at = element;
  while (at >= 0 && offset >= (close[at] as number)) at = parent[at] as number;
  return at;
}

const GT = 62;
const SLASH = 47;

/** The element's name in lower case. */
export function nameOf(text: string, structure: Structure, index: number): string {
  const at = (structure.start[index] ?? 0) + 1;
  let end = at;
  for (let c = text.charCodeAt(end); c > 32 && c !== GT && c !== SLASH; ) {
    c = text.charCodeAt(++end);
  }
  return text.slice(at, end).toLowerCase();
}
