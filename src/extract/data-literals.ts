/** Where literals of JSON and JavaScript end: strings, regular expressions, comments to the end of the line. */

/** Most strings are short: their end is met in fewer steps than a call of indexOf costs. */
const NEAR = 32;

export function nearEnd(bytes: Uint8Array, quote: number, from: number): number {
  const end = Math.min(from + NEAR, bytes.length);
  for (let i = from; i < end; i++) {
    const c = bytes[i];
    if (c === quote) return i;
    if (c === 92) i++;
  }
  return -1;
}

export function farEnd(text: string, quote: number, at: number): number {
  const mark = String.fromCharCode(quote);
  let end = text.indexOf(mark, at + 1);
  while (end >= 0 && escapedAt(text, end, at)) end = text.indexOf(mark, end + 1);
  return end;
}

/** Whether an odd number of backslashes stands before `at`. */
function escapedAt(text: string, at: number, from: number): boolean {
  let i = at - 1;
  while (i > from && text.charCodeAt(i) === 92) i--;
  return (at - 1 - i) % 2 === 1;
}

export function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

const MAX_REGEX = 500;

/** The end of a regular expression literal on this line; if there is none, the slash stands for itself. */
export function regexEnd(text: string, at: number): number {
  let inClass = false;
  for (let i = at + 1; i < Math.min(text.length, at + MAX_REGEX); i++) {
    const c = text.charCodeAt(i);
    if (c === 10) break;
    if (c === 92) i++;
    else if (c === 91) inClass = true;
    else if (c === 93) inClass = false;
    else if (c === 47 && !inClass) return i + 1;
  }
  return at + 1;
}
