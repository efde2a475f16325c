/** What is known of data once it was scanned (`data-scan.ts`): its boxes and tokens, as columns of offsets. */

/** What is scanned: the text, and its characters as bytes (`View`). */
export interface Scanned {
  readonly text: string;
  readonly bytes: Uint8Array;
}

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

/** In `tokenKey`. */
export const IS_KEY = -2;

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
