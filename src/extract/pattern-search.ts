/**
 * Many strings looked for in one pass (Wu–Manber): a table of byte pairs says how far the search may jump, so that most
 * bytes are never looked at. Letter case is ignored unless a pattern says otherwise.
 */

export interface Pattern {
  /** Lower case, unless `exact`. */
  readonly bytes: Uint8Array;
  readonly network: number;
  readonly exact: boolean;
  /** What stands before must not be part of a host name. */
  readonly bounded: boolean;
}

/** More hits than this and the rest of the page is not looked at. */
export const MAX_HITS = 100_000;
const BLOCK = 2;

const lower = (byte: number): number => (byte >= 65 && byte <= 90 ? byte + 32 : byte);

/** Six bits of each byte: the tables stay in the first-level cache, and few pairs of letters collide. */
const KEYS = 0x10_00;
const keyOf = (a: number, b: number): number => ((a & 63) << 6) | (b & 63);

export interface Table {
  readonly window: number;
  readonly shift: Uint8Array;
  /** For a byte pair, the patterns whose window ends in it; 0 is none. */
  readonly bucket: Uint16Array;
  readonly buckets: readonly (readonly Windowed[])[];
}

interface Windowed {
  readonly pattern: Pattern;
  /** Where in the pattern the window begins. */
  readonly offset: number;
}

/** Letters of markup and prose, the commonest first: a window of rare ones is met, and so checked, less often. */
const COMMON = ' etaionsrlcdhpm"u/=-gf<>vby.wkxjqz';
const rarity = (byte: number): number => {
  const rank = COMMON.indexOf(String.fromCharCode(lower(byte)));
  return rank < 0 ? COMMON.length : rank;
};

/** The window of the pattern whose last pair is rarest. */
function rarest(pattern: Pattern, window: number): Windowed {
  let best = 0;
  let most = -1;
  for (let offset = 0; offset + window <= pattern.bytes.length; offset++) {
    const a = rarity(pattern.bytes[offset + window - 2] ?? 0) + 3;
    const b = rarity(pattern.bytes[offset + window - 1] ?? 0) + 3;
    if (a * b > most) {
      most = a * b;
      best = offset;
    }
  }
  return { pattern, offset: best };
}

export function compileTable(patterns: readonly Pattern[]): Table {
  const window = Math.min(...patterns.map((p) => p.bytes.length));
  const shift = new Uint8Array(KEYS).fill(window - BLOCK + 1);
  const bucket = new Uint16Array(KEYS);
  const buckets: Windowed[][] = [[]];
  for (const pattern of patterns) {
    const windowed = rarest(pattern, window);
    for (let end = BLOCK; end <= window; end++) {
      const a = pattern.bytes[windowed.offset + end - 2] ?? 0;
      const b = pattern.bytes[windowed.offset + end - 1] ?? 0;
      for (const key of keys(a, b, pattern.exact)) {
        shift[key] = Math.min(shift[key] ?? 0, window - end);
        if (end === window) put(buckets, bucket, { key, windowed });
      }
    }
  }
  return { window, shift, bucket, buckets };
}

function put(
  buckets: Windowed[][],
  bucket: Uint16Array,
  entry: { key: number; windowed: Windowed },
): void {
  const index = bucket[entry.key] || buckets.length;
  bucket[entry.key] = index;
  buckets[index] = [...(buckets[index] ?? []), entry.windowed];
}

function keys(a: number, b: number, exact: boolean): Set<number> {
  if (exact) return new Set([keyOf(a, b)]);
  const both = (c: number): number[] => (c >= 97 && c <= 122 ? [c, c - 32] : [c]);
  return new Set(both(a).flatMap((x) => both(b).map((y) => keyOf(x, y))));
}

/** Appends offset and network of each hit. */
export function search(bytes: Uint8Array, table: Table, found: number[]): void {
  const { window, shift } = table;
  const length = bytes.length;
  let end = window - 1;
  while (end < length) {
    const key = (((bytes[end - 1] as number) & 63) << 6) | ((bytes[end] as number) & 63);
    const jump = shift[key] as number;
    if (jump > 0) end += jump;
    else {
      check(bytes, { start: end - window + 1, key, table }, found);
      if (found.length > 2 * MAX_HITS) return;
      end++;
    }
  }
}

function check(
  bytes: Uint8Array,
  at: { start: number; key: number; table: Table },
  found: number[],
): void {
  const bucket = at.table.buckets[at.table.bucket[at.key] as number];
  for (const { pattern, offset } of bucket ?? []) {
    const start = at.start - offset;
    if (start >= 0 && matches(bytes, start, pattern)) found.push(start, pattern.network);
  }
}

function matches(bytes: Uint8Array, start: number, pattern: Pattern): boolean {
  const want = pattern.bytes;
  if (start + want.length > bytes.length) return false;
  for (let i = 0; i < want.length; i++) {
    const byte = bytes[start + i] as number;
    if ((pattern.exact ? byte : lower(byte)) !== want[i]) return false;
  }
  return !pattern.bounded || boundary(bytes, start);
}

/** Before a short host: no letter, digit or hyphen, unless it ends an escape (`%2F`, `\u002F`). */
function boundary(bytes: Uint8Array, start: number): boolean {
  const before = lower(bytes[start - 1] ?? 0);
  const inName = (before >= 97 && before <= 122) || (before >= 48 && before <= 57) || before === 45;
  return !inName || (before === 102 && bytes[start - 2] === 50);
}
