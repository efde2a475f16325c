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
  /** For a byte pair, the five low bits, the same in both cases, of what may stand one and two before it. */
  readonly before: Int32Array;
  readonly before2: Int32Array;
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
  const before = new Int32Array(KEYS);
  const before2 = new Int32Array(KEYS);
  for (const pattern of patterns) {
    const windowed = rarest(pattern, window);
    for (let end = BLOCK; end <= window; end++) {
      const a = pattern.bytes[windowed.offset + end - 2] ?? 0;
      const b = pattern.bytes[windowed.offset + end - 1] ?? 0;
      for (const key of keys(a, b, pattern.exact)) {
        shift[key] = Math.min(shift[key] ?? 0, window - end);
        if (end < window) continue;
        put(buckets, bucket, { key, windowed });
        before[key] = (before[key] ?? 0) | bit(pattern, windowed.offset + window - 3);
        before2[key] = (before2[key] ?? 0) | bit(pattern, windowed.offset + window - 4);
      }
    }
  }
  return { window, shift, bucket, buckets, before, before2 };
}

/** A window shorter than that says nothing. */
const bit = ({ bytes }: Pattern, at: number): number =>
  at < 0 ? -1 : 1 << ((bytes[at] ?? 0) & 31);

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

/** Appends offset and network of each hit. Both halves at once: where to look next waits for what was read. */
export function search(bytes: Uint8Array, table: Table, found: number[]): void {
  const { window, shift } = table;
  const { length } = bytes;
  const middle = Math.max(window - 1, length >> 1);
  const later: number[] = [];
  let a = window - 1;
  let b = middle;
  while (a < middle && b < length) {
    const keyA = (((bytes[a - 1] as number) & 63) << 6) | ((bytes[a] as number) & 63);
    const keyB = (((bytes[b - 1] as number) & 63) << 6) | ((bytes[b] as number) & 63);
    const jumpA = shift[keyA] as number;
    const jumpB = shift[keyB] as number;
    a += jumpA > 0 ? jumpA : look(bytes, { end: a, key: keyA, table }, found);
    b += jumpB > 0 ? jumpB : look(bytes, { end: b, key: keyB, table }, later);
  }
  searchFrom(bytes, { end: a, limit: middle, table }, found);
  searchFrom(bytes, { end: b, limit: length, table }, later);
  for (let i = 0; i < later.length && found.length <= MOST; i++) found.push(later[i] as number);
}

const MOST = 2 * MAX_HITS;

function searchFrom(
  bytes: Uint8Array,
  at: { readonly end: number; readonly limit: number; readonly table: Table },
  found: number[],
): void {
  const { limit, table } = at;
  const { shift } = table;
  let { end } = at;
  while (end < limit && found.length <= MOST) {
    const key = (((bytes[end - 1] as number) & 63) << 6) | ((bytes[end] as number) & 63);
    const jump = shift[key] as number;
    end += jump > 0 ? jump : look(bytes, { end, key, table }, found);
  }
}

/** Looks closer at a pair that ends a window; gives how far to go on. */
function look(
  bytes: Uint8Array,
  { end, key, table }: { readonly end: number; readonly key: number; readonly table: Table },
  found: number[],
): number {
  const one = 1 << ((bytes[end - 2] as number) & 31);
  const two = 1 << ((bytes[end - 3] as number) & 31);
  if (((table.before[key] as number) & one) === 0) return 1;
  if (((table.before2[key] as number) & two) === 0 || found.length > MOST) return 1;
  for (const { pattern, offset } of table.buckets[table.bucket[key] as number] ?? []) {
    const start = end - table.window + 1 - offset;
    if (start >= 0 && matches(bytes, start, pattern)) found.push(start, pattern.network);
  }
  return 1;
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
