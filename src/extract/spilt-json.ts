/**
 * Where JSON that begins in an attribute's value ends, if the value's own closing quote is the JSON's first: some
 * serialisers write attributes without escaping the quotes in them, and the object spills into what looks like more
 * attributes.
 */

/** How far such an object is looked through. */
export const MAX_SPILT = 64 * 1024;
/** A string is one token, so that brackets in it count for nothing. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]]/gs;
const KEY = /^"[\w$-]{1,60}"\s*:/;
const FIRST = /^\[?\{$/;

interface Value {
  readonly start: number;
  readonly end: number;
}

export const isSpilt = (text: string, { start, end }: Value): boolean =>
  end - start <= 2 && FIRST.test(text.slice(start, end)) && KEY.test(text.slice(end, end + 70));

/** The offset behind the object that begins at `start`, or -1 where none ends. */
export function spiltEnd(text: string, start: number): number {
  let depth = 0;
  for (const { 0: found, index } of text.slice(start, start + MAX_SPILT).matchAll(TOKEN)) {
    if (found === '{' || found === '[') depth++;
    else if (found === '}' || found === ']') depth--;
    if (depth === 0) return start + index + 1;
  }
  return -1;
}
