/**
 * One pass over the bytes for the markers of all networks at once (Wu–Manber: a table of byte pairs says how far to
 * jump), so that a page without any is let through for about the cost of reading it. Letter case is ignored.
 */
import type { Network } from './network.ts';

export interface Hits {
  readonly count: number;
  /** Offset of each hit, ascending. */
  readonly at: Int32Array;
  /** Index into the networks given, or -1 for the engine's own markers (base64 of markup). */
  readonly network: Int8Array;
}

/** Hosts this short also end other hosts (`netflix.com`): what stands before must not be part of a name. */
const SHORT_HOST = 8;
/** More hits than this and the rest of the page is not looked at. */
const MAX_HITS = 100_000;
const BLOCK = 2;

interface Pattern {
  readonly bytes: Uint8Array;
  readonly network: number;
  readonly exact: boolean;
  readonly bounded: boolean;
}

export type FindHits = (bytes: Uint8Array, latin: string) => Hits;

/** Base64 of `<blockquote`, `<iframe`, `<div `, … at the three alignments, as whole 4-letter groups would show them. */
const ENCODED = ['blockquote', '<iframe', 'twitter', 'instagram', 'facebook', 'status/'];

export function compileMarkers(networks: readonly Network[]): FindHits {
  const patterns: Pattern[] = [];
  const expressions: { source: RegExp; network: number }[] = [];
  networks.forEach((network, index) => {
    for (const marker of network.markers) {
      if (typeof marker === 'string') patterns.push(literal(marker, index));
      else expressions.push({ source: new RegExp(marker.source, 'g'), network: index });
    }
  });
  for (const word of ENCODED) patterns.push(...encoded(word));
  const table = compileTable(patterns);
  return (bytes, latin) => {
    const found: number[] = [];
    search(bytes, table, found);
    for (const { source, network } of expressions) {
      for (const match of latin.matchAll(source)) {
        if (found.length > 2 * MAX_HITS) break;
        found.push(match.index, network);
      }
    }
    return sorted(found);
  };
}

const lower = (byte: number): number => (byte >= 65 && byte <= 90 ? byte + 32 : byte);

function literal(marker: string, network: number): Pattern {
  const bytes = Buffer.from(marker.toLowerCase(), 'latin1');
  return {
    bytes,
    network,
    exact: false,
    bounded: marker.includes('.') && marker.length < SHORT_HOST,
  };
}

/** The letters of base64 that depend on nothing but `word`, for each of its three alignments. */
function encoded(word: string): Pattern[] {
  return [0, 1, 2].map((shift) => {
    const text = Buffer.from('\0'.repeat(shift) + word, 'latin1').toString('base64');
    const from = Math.ceil((shift * 8) / 6);
    const to = Math.floor(((shift + word.length) * 8) / 6);
    return {
      bytes: Buffer.from(text.slice(from, to), 'latin1'),
      network: -1,
      exact: true,
      bounded: false,
    };
  });
}

interface Table {
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

function compileTable(patterns: readonly Pattern[]): Table {
  const window = Math.min(...patterns.map((p) => p.bytes.length));
  const shift = new Uint8Array(0x1_00_00).fill(window - BLOCK + 1);
  const bucket = new Uint16Array(0x1_00_00);
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
  if (exact) return new Set([(a << 8) | b]);
  const both = (c: number): number[] => (c >= 97 && c <= 122 ? [c, c - 32] : [c]);
  return new Set(both(a).flatMap((x) => both(b).map((y) => (x << 8) | y)));
}

function search(bytes: Uint8Array, table: Table, found: number[]): void {
  const { window, shift } = table;
  const length = bytes.length;
  let end = window - 1;
  while (end < length) {
    const key = ((bytes[end - 1] as number) << 8) | (bytes[end] as number);
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

function sorted(found: readonly number[]): Hits {
  const count = found.length / 2;
  const order = Array.from({ length: count }, (_, i) => i).sort(
    (a, b) => (found[2 * a] ?? 0) - (found[2 * b] ?? 0),
  );
  const at = new Int32Array(count);
  const network = new Int8Array(count);
  order.forEach((from, to) => {
    at[to] = found[2 * from] ?? 0;
    network[to] = found[2 * from + 1] ?? 0;
  });
  return { count, at, network };
}
