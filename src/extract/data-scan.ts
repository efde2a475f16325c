/**
 * The skeleton of JSON or of JavaScript that carries data: which string stands under which key of which object, with
 * offsets. One pass, no recursion, nothing evaluated, and no need for the text to be valid as a whole.
 */
import { farEnd, lineEnd, nearEnd, regexEnd } from './data-literals.ts';
import { IS_KEY, type Scanned, type Skeleton } from './data-skeleton.ts';

const MAX_TOKENS = 4_000_000;

/** What a character means to the skeleton; whatever is neither is jumped over. */
const WORD = 1;
const SIGN = 2;
const KIND = new Uint8Array(256);
for (const c of Buffer.from('"\'`{}[]():,/')) KIND[c] = SIGN;
for (let c = 0; c < 128; c++) if (/[\w$.+-]/.test(String.fromCharCode(c))) KIND[c] = WORD;

/** Data has a string or word every eight bytes at most, and a box for every four of those; what is not used costs little. */
const BYTES_PER_TOKEN = 8;
const BYTES_PER_BOX = 32;

type Ints = Int32Array<ArrayBuffer>;
type Bytes = Uint8Array<ArrayBuffer>;

const larger = (ints: Ints): Ints => {
  const grown = new Int32Array(ints.length * 2);
  grown.set(ints);
  return grown;
};
const largerBytes = (bytes: Bytes): Bytes => {
  const grown = new Uint8Array(bytes.length * 2);
  grown.set(bytes);
  return grown;
};

class SkeletonScanner {
  private boxes = 0;
  private start: Ints;
  private end: Ints;
  private parent: Ints;
  private kind: Bytes;
  private boxKey: Ints;
  private tokens = 0;
  private tokenStart: Ints;
  private tokenEnd: Ints;
  private tokenBox: Ints;
  private tokenKey: Ints;
  private tokenQuote: Bytes;
  private box = -1;
  private key = -1;
  private last = -1;
  /** The last significant character, to tell a regular expression from a division. */
  private before = 0;
  /** A bit for each kind of quote that has no end any more: 34, 39 and 96 differ in their lower five bits. */
  private unclosed = 0;
  private readonly text: string;
  private readonly bytes: Uint8Array;

  constructor({ text, bytes }: Scanned) {
    this.text = text;
    this.bytes = bytes;
    const boxes = 16 + Math.floor(bytes.length / BYTES_PER_BOX);
    const tokens = 64 + Math.floor(bytes.length / BYTES_PER_TOKEN);
    this.start = new Int32Array(boxes);
    this.end = new Int32Array(boxes);
    this.parent = new Int32Array(boxes);
    this.kind = new Uint8Array(boxes);
    this.boxKey = new Int32Array(boxes);
    this.tokenStart = new Int32Array(tokens);
    this.tokenEnd = new Int32Array(tokens);
    this.tokenBox = new Int32Array(tokens);
    this.tokenKey = new Int32Array(tokens);
    this.tokenQuote = new Uint8Array(tokens);
  }

  run(): Skeleton {
    const { bytes } = this;
    const { length } = bytes;
    for (let at = 0; at < length && this.tokens <= MAX_TOKENS; ) {
      const c = bytes[at] as number;
      const kind = KIND[c] as number;
      if (kind === SIGN) at = this.sign(c, at);
      else if (kind === WORD) at = this.word(at);
      else at++;
    }
    for (; this.box >= 0; this.box = this.parent[this.box] ?? -1) {
      this.end[this.box] = length;
    }
    return this.result();
  }

  private word(at: number): number {
    const { bytes } = this;
    let end = at + 1;
    while (KIND[bytes[end] as number] === WORD) end++;
    this.token(at, end, 0);
    return end;
  }

  private sign(c: number, at: number): number {
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
        return this.colon(at + 1);
      case 47:
        return this.slash(at);
      default:
        this.key = -1;
        this.before = c;
        return at + 1;
    }
  }

  private openBox(kind: number, at: number): number {
    const box = this.boxes++;
    if (box === this.start.length) this.growBoxes();
    this.start[box] = at;
    this.end[box] = this.text.length;
    this.kind[box] = kind;
    this.boxKey[box] = this.key;
    this.parent[box] = this.box;
    this.box = box;
    this.key = -1;
    this.last = -1;
    this.before = kind;
    return at + 1;
  }

  /** A closing bracket closes the nearest box of its kind, if that is near; a stray one is passed over. */
  private closeBox(c: number, at: number): number {
    const kind = c === 41 ? 40 : c - 2;
    let target = this.box;
    for (let i = 0; i < 4 && target >= 0 && this.kind[target] !== kind; i++) {
      target = this.parent[target] ?? -1;
    }
    if (target >= 0 && this.kind[target] === kind) {
      for (let b = this.box; ; b = this.parent[b] ?? -1) {
        this.end[b] = at + 1;
        if (b === target) break;
      }
      this.box = this.parent[target] ?? -1;
    }
    this.key = -1;
    this.last = -1;
    this.before = c;
    return at + 1;
  }

  private colon(after: number): number {
    if (this.last >= 0) {
      this.tokenKey[this.last] = IS_KEY;
      this.key = this.last;
    }
    this.before = 58;
    return after;
  }

  private token(start: number, end: number, quote: number): void {
    const token = this.tokens++;
    if (token === this.tokenStart.length) this.growTokens();
    this.tokenStart[token] = start;
    this.tokenEnd[token] = end;
    this.tokenBox[token] = this.box;
    this.tokenQuote[token] = quote;
    this.tokenKey[token] = this.key;
    this.last = token;
    this.before = 119;
  }

  private growBoxes(): void {
    for (const key of ['start', 'end', 'parent', 'boxKey'] as const) this[key] = larger(this[key]);
    this.kind = largerBytes(this.kind);
  }

  private growTokens(): void {
    for (const key of ['tokenStart', 'tokenEnd', 'tokenBox', 'tokenKey'] as const)
      this[key] = larger(this[key]);
    this.tokenQuote = largerBytes(this.tokenQuote);
  }

  private string(quote: number, at: number): number {
    const { text } = this;
    let end = -1;
    if (((this.unclosed >> (quote & 31)) & 1) === 0) {
      end = nearEnd(this.bytes, quote, at + 1);
      if (end < 0) end = farEnd(text, quote, at);
    }
    if (end < 0) {
      // Looked for once to the end of the text, never again: a later quote of this kind has no end either.
      this.unclosed |= 1 << (quote & 31);
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
      boxes: this.boxes,
      start: this.start,
      end: this.end,
      parent: this.parent,
      kind: this.kind,
      boxKey: this.boxKey,
      tokens: this.tokens,
      tokenStart: this.tokenStart,
      tokenEnd: this.tokenEnd,
      tokenBox: this.tokenBox,
      tokenKey: this.tokenKey,
      tokenQuote: this.tokenQuote,
    };
  }
}

export const skeletonOf = (scanned: Scanned): Skeleton => new SkeletonScanner(scanned).run();
