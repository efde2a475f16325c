/**
 * Where the tags are, and nothing more: one linear, iterative pass that reads no attribute. An HTML parser builds a tree
 * of everything; what is needed here is the way from a marker up to its ancestors, and the slice of an element.
 * Knows raw text (script, style, textarea, …), comments, CDATA, void elements and the end tags people leave out.
 */
import { IS_RAW, IS_SELF_CLOSING, IS_VOID, isEndTag, TRAITS } from './element-names.ts';
import { NameCounter } from './name-counter.ts';

/** Elements in order of their start; a comment or CDATA section is an element with a name code of its own. */
export interface Structure {
  readonly count: number;
  /** Offset of `<`. */
  readonly start: Int32Array;
  /** Offset after the open tag: where the content begins. */
  readonly open: Int32Array;
  /** Offset where the content ends: its end tag's `<`, or where the end was implied. */
  readonly close: Int32Array;
  /** Offset after the end tag. */
  readonly end: Int32Array;
  /** Index of the parent, or -1. */
  readonly parent: Int32Array;
  readonly name: Int32Array;
  readonly truncated: boolean;
}

/** A page of 10 MB holds at most this many of the shortest sensible elements; beyond, the rest is text. */
const MAX_ELEMENTS = 1_000_000;

const LT = 60;
const GT = 62;
const EQ = 61;
const SLASH = 47;
const BANG = 33;
const QUESTION = 63;

export const COMMENT = 1;
export const CDATA = 2;
/** A character this near is looked for here; one further on by indexOf. */
const NEAR = 24;

type Ints = Int32Array<ArrayBuffer>;

/** What is scanned: the text, and its characters as bytes (`View`). */
export interface Scanned {
  readonly text: string;
  readonly bytes: Uint8Array;
}

/** Pages have an element every three hundred bytes. */
const BYTES_PER_TAG = 256;

class Scanner {
  private start: Ints;
  private open: Ints;
  private close: Ints;
  private end: Ints;
  private parent: Ints;
  private name: Ints;
  private count = 0;
  private truncated = false;
  private top = -1;
  private readonly openNames = new NameCounter();
  private readonly text: string;
  private readonly bytes: Uint8Array;

  constructor({ text, bytes }: Scanned) {
    this.text = text;
    this.bytes = bytes;
    const column = (): Ints => new Int32Array(64 + Math.floor(bytes.length / BYTES_PER_TAG));
    this.start = column();
    this.open = column();
    this.close = column();
    this.end = column();
    this.parent = column();
    this.name = column();
  }

  run(): Structure {
    const { text } = this;
    for (let at = this.find(LT, 0); at < text.length && !this.truncated; ) {
      at = this.find(LT, this.construct(at));
    }
    this.popTo(-1, text.length, text.length);
    return {
      count: this.count,
      start: this.start,
      open: this.open,
      close: this.close,
      end: this.end,
      parent: this.parent,
      name: this.name,
      truncated: this.truncated,
    };
  }

  /** Reads the construct at `<`; gives the offset after it. */
  private construct(at: number): number {
    const raw = this.bytes[at + 1] ?? 0;
    const c = raw | 32;
    if (c >= 97 && c <= 122) return this.openTag(at);
    if (raw === SLASH) return this.endTag(at);
    if (raw === BANG) return this.declaration(at);
    return raw === QUESTION ? this.after(GT, at + 2) : at + 1;
  }

  /** Where the character next stands, or the end: most are near, where a call costs more than a look. */
  private find(character: number, from: number): number {
    const { bytes } = this;
    const { length } = bytes;
    const near = Math.min(from + NEAR, length);
    for (let i = from; i < near; i++) if (bytes[i] === character) return i;
    if (near === length) return length;
    const found = this.text.indexOf(String.fromCharCode(character), near);
    return found < 0 ? length : found;
  }

  private after(character: number, from: number): number {
    return Math.min(this.find(character, from) + 1, this.bytes.length);
  }

  private skipTo(what: string, from: number, extra: number): number {
    const found = this.text.indexOf(what, from);
    return found < 0 ? this.text.length : found + extra;
  }

  private declaration(at: number): number {
    const { text } = this;
    if (text.startsWith('--', at + 2)) return this.comment(at);
    if (!text.startsWith('[CDATA[', at + 2)) return this.after(GT, at + 2);
    const close = this.skipTo(']]>', at + 9, 0);
    return this.inert({ at, open: at + 9, close, end: Math.min(close + 3, text.length) }, CDATA);
  }

  /** `<!-->` is a comment of its own; an unclosed one takes the rest of the page. */
  private comment(at: number): number {
    const { text } = this;
    if (text.startsWith('>', at + 4)) {
      return this.inert({ at, open: at + 4, close: at + 4, end: at + 5 }, COMMENT);
    }
    const close = this.skipTo('-->', at + 2, 0);
    const end = Math.min(close + 3, text.length);
    return this.inert({ at, open: Math.min(at + 4, close), close, end }, COMMENT);
  }

  private inert(
    where: { at: number; open: number; close: number; end: number },
    name: number,
  ): number {
    const index = this.add(where.at, name);
    this.open[index] = where.open;
    this.close[index] = where.close;
    this.end[index] = where.end;
    return where.end;
  }

  private openTag(at: number): number {
    const { bytes } = this;
    let i = at + 1;
    let hash = 7;
    let c = bytes[i] ?? 0;
    while (c > 32 && c !== GT && c !== SLASH) {
      hash = (Math.imul(hash, 31) + (c | 32)) | 0;
      c = bytes[++i] ?? 0;
    }
    const after = this.tagEnd(i);
    const trait = TRAITS.get(hash) ?? 0;
    if (trait === IS_SELF_CLOSING && this.top >= 0 && this.name[this.top] === hash) {
      this.popTo(this.parent[this.top] ?? -1, at, at);
    }
    const index = this.add(at, hash);
    this.open[index] = after;
    if (trait === IS_RAW) return this.rawText(index, after, this.text.slice(at + 1, i));
    if (trait === IS_VOID) {
      this.close[index] = after;
      this.end[index] = after;
    } else {
      this.top = index;
      this.openNames.counted(hash, 1);
    }
    return after;
  }

  /** The offset after the `>` that ends the tag, quoted values skipped. */
  private tagEnd(from: number): number {
    const { bytes } = this;
    const { length } = bytes;
    let i = from;
    while (i < length) {
      const c = bytes[i];
      if (c === GT) return i + 1;
      i++;
      if (c === EQ) i = this.afterValue(i);
    }
    return length;
  }

  private afterValue(from: number): number {
    const { bytes } = this;
    let i = from;
    while ((bytes[i] ?? GT) <= 32) i++;
    const quote = bytes[i];
    return quote === 34 || quote === 39 ? this.after(quote, i + 1) : i;
  }

  private rawText(index: number, from: number, name: string): number {
    const { text } = this;
    let at = text.indexOf('</', from);
    while (at >= 0) {
      if (isEndTag(text, at + 2, name)) break;
      at = text.indexOf('</', at + 2);
    }
    const close = at < 0 ? text.length : at;
    const end = at < 0 ? text.length : this.after(GT, at);
    this.close[index] = close;
    this.end[index] = end;
    return end;
  }

  private endTag(at: number): number {
    const { bytes } = this;
    let i = at + 2;
    let hash = 7;
    let c = bytes[i] ?? 0;
    while (c > 32 && c !== GT && c !== SLASH && c !== LT) {
      hash = (Math.imul(hash, 31) + (c | 32)) | 0;
      c = bytes[++i] ?? 0;
    }
    const after = this.after(GT, i);
    if (this.openNames.counted(hash, 0) > 0) {
      let target = this.top;
      while (this.name[target] !== hash) target = this.parent[target] ?? -1;
      this.popTo(target, at, at);
      this.popTo(this.parent[target] ?? -1, at, after);
    }
    return after;
  }

  /** Ends the open elements above `target`. */
  private popTo(target: number, close: number, end: number): void {
    while (this.top !== target && this.top >= 0) {
      const index = this.top;
      const name = this.name[index] ?? 0;
      this.close[index] = close;
      this.end[index] = end;
      this.openNames.counted(name, -1);
      this.top = this.parent[index] ?? -1;
    }
  }

  private add(at: number, name: number): number {
    const index = this.count++;
    if (index === this.start.length) this.grow();
    this.start[index] = at;
    this.parent[index] = this.top;
    this.name[index] = name;
    if (index === MAX_ELEMENTS) this.truncated = true;
    return index;
  }

  private grow(): void {
    for (const key of ['start', 'open', 'close', 'end', 'parent', 'name'] as const) {
      const larger = new Int32Array(this[key].length * 2);
      larger.set(this[key]);
      this[key] = larger;
    }
  }
}

export const scan = (scanned: Scanned): Structure => new Scanner(scanned).run();
