/**
 * The skeleton of JSON or of JavaScript that carries data: which string stands under which key of which object, with
 * offsets. One pass, no recursion, nothing evaluated, and no need for the text to be valid as a whole.
 */

export interface Skeleton {
  /** Objects `{…}` and arrays `[…]` (and call brackets) in order of their start. */
  readonly boxes: number;
  readonly start: Int32Array;
  readonly end: Int32Array;
  readonly parent: Int32Array;
  /** 123 `{`, 91 `[`, 40 `(`. */
  readonly kind: Uint8Array;
  /** Index into `tokens` of the key the box stands under, or -1. */
  readonly boxKey: Int32Array;
  /** Strings and bare words, in order: content offsets (quotes left out). */
  readonly tokens: number;
  readonly tokenStart: Int32Array;
  readonly tokenEnd: Int32Array;
  readonly tokenBox: Int32Array;
  /** The token that is its key, or -1; -2 where the token is itself a key. */
  readonly tokenKey: Int32Array;
  /** The quote, or 0 for a bare word. */
  readonly tokenQuote: Uint8Array;
}

const MAX_TOKENS = 4_000_000;
export const IS_KEY = -2;

class Ints {
  data = new Int32Array(256);
  size = 0;

  push(value: number): number {
    if (this.size === this.data.length) {
      const larger = new Int32Array(this.size * 2);
      larger.set(this.data);
      this.data = larger;
    }
    this.data[this.size] = value;
    return this.size++;
  }
}

/** Everything that is not skeleton is jumped over. */
const NEXT = /["'`{}[\]():,/]|[\w$.+-]+/g;

class SkeletonScanner {
  private readonly start = new Ints();
  private readonly end = new Ints();
  private readonly parent = new Ints();
  private readonly kind = new Ints();
  private readonly boxKey = new Ints();
  private readonly tokenStart = new Ints();
  private readonly tokenEnd = new Ints();
  private readonly tokenBox = new Ints();
  private readonly tokenKey = new Ints();
  private readonly tokenQuote = new Ints();
  private box = -1;
  private key = -1;
  private last = -1;
  /** The last significant character, to tell a regular expression from a division. */
  private before = 0;
  private readonly unclosed = new Set<number>();
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  run(): Skeleton {
    const { text } = this;
    NEXT.lastIndex = 0;
    for (let match = NEXT.exec(text); match !== null; match = NEXT.exec(text)) {
      const at = match.index;
      const c = text.charCodeAt(at);
      const next = this.step(c, at, NEXT.lastIndex);
      if (next !== NEXT.lastIndex) NEXT.lastIndex = next;
      if (this.tokenStart.size > MAX_TOKENS) break;
    }
    for (; this.box >= 0; this.box = this.parent.data[this.box] ?? -1) {
      this.end.data[this.box] = text.length;
    }
    return this.result();
  }

  private step(c: number, at: number, after: number): number {
    switch (c) {
      case 34:
      case 39:
      case 96:
        return this.string(c, at);
      case 123:
      case 91:
      case 40:
        return this.openBox(c, at);
      case 125:
      case 93:
      case 41:
        return this.closeBox(c, at);
      case 58:
        return this.colon(after);
      case 44:
        this.key = -1;
        this.before = c;
        return after;
      case 47:
        return this.slash(at);
      default:
        this.token(at, after, 0);
        return after;
    }
  }

  private openBox(kind: number, at: number): number {
    this.start.push(at);
    this.end.push(this.text.length);
    this.kind.push(kind);
    this.boxKey.push(this.key);
    this.box = this.parent.push(this.box);
    this.key = -1;
    this.last = -1;
    this.before = kind;
    return at + 1;
  }

  /** A closing bracket closes the nearest box of its kind, if that is near; a stray one is passed over. */
  private closeBox(c: number, at: number): number {
    const kind = c === 41 ? 40 : c - 2;
    let target = this.box;
    for (let i = 0; i < 4 && target >= 0 && this.kind.data[target] !== kind; i++) {
      target = this.parent.data[target] ?? -1;
    }
    if (target >= 0 && this.kind.data[target] === kind) {
      for (let b = this.box; ; b = this.parent.data[b] ?? -1) {
        this.end.data[b] = at + 1;
        if (b === target) break;
      }
      this.box = this.parent.data[target] ?? -1;
    }
    this.key = -1;
    this.last = -1;
    this.before = c;
    return at + 1;
  }

  private colon(after: number): number {
    if (this.last >= 0) {
      this.tokenKey.data[this.last] = IS_KEY;
      this.key = this.last;
    }
    this.before = 58;
    return after;
  }

  private token(start: number, end: number, quote: number): void {
    this.tokenStart.push(start);
    this.tokenEnd.push(end);
    this.tokenBox.push(this.box);
    this.tokenQuote.push(quote);
    this.last = this.tokenKey.push(this.key);
    this.before = 119;
  }

  private string(quote: number, at: number): number {
    const { text } = this;
    const mark = quote === 34 ? '"' : quote === 39 ? "'" : '`';
    let end = this.unclosed.has(quote) ? -1 : text.indexOf(mark, at + 1);
    while (end >= 0 && escapedAt(text, end, at)) end = text.indexOf(mark, end + 1);
    if (end < 0) {
      // Looked for once to the end of the text, never again: a later quote of this kind has no end either.
      this.unclosed.add(quote);
      return at + 1;
    }
    this.token(at + 1, end, quote);
    return end + 1;
  }

  private slash(at: number): number {
    const { text } = this;
    const second = text.charCodeAt(at + 1);
    if (second === 47) return lineEnd(text, at);
    if (second === 42) {
      const end = text.indexOf('*/', at + 2);
      return end < 0 ? text.length : end + 2;
    }
    // After an operator or opening bracket a slash begins a regular expression, else it divides.
    if (this.before !== 0 && '([{,:=!&|?;'.includes(String.fromCharCode(this.before)))
      return regexEnd(text, at);
    return at + 1;
  }

  private result(): Skeleton {
    return {
      boxes: this.start.size,
      start: this.start.data,
      end: this.end.data,
      parent: this.parent.data,
      kind: Uint8Array.from(this.kind.data.subarray(0, this.kind.size)),
      boxKey: this.boxKey.data,
      tokens: this.tokenStart.size,
      tokenStart: this.tokenStart.data,
      tokenEnd: this.tokenEnd.data,
      tokenBox: this.tokenBox.data,
      tokenKey: this.tokenKey.data,
      tokenQuote: Uint8Array.from(this.tokenQuote.data.subarray(0, this.tokenQuote.size)),
    };
  }
}

/** Whether an odd number of backslashes stands before `at`. */
function escapedAt(text: string, at: number, from: number): boolean {
  let i = at - 1;
  while (i > from && text.charCodeAt(i) === 92) i--;
  return (at - 1 - i) % 2 === 1;
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

const MAX_REGEX = 500;

/** The end of a regular expression literal on this line; if there is none, the slash stands for itself. */
function regexEnd(text: string, at: number): number {
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

export const skeletonOf = (text: string): Skeleton => new SkeletonScanner(text).run();

/** The token that holds the offset, or -1. */
export function tokenAt(skeleton: Skeleton, offset: number): number {
  let low = 0;
  let high = skeleton.tokens - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((skeleton.tokenStart[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  const holds =
    skeleton.tokens > 0 &&
    (skeleton.tokenStart[low] ?? 0) <= offset &&
    offset < (skeleton.tokenEnd[low] ?? 0);
  return holds ? low : -1;
}
