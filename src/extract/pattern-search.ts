/**
 * Many strings looked for in one pass, letter case ignored unless a pattern says otherwise: the sieve lets through the
 * few places where one may stand, and each is looked at here.
 */
import { compileSieve, GROUPS, HALVES, type Halves, type Sieve, WIDTH } from './sieve.ts';

export interface Pattern {
  /** Lower case, unless `exact`; five bytes or more. */
  readonly bytes: Uint8Array;
  readonly network: number;
  readonly exact: boolean;
  /** What stands before must not be part of a host name. */
  readonly bounded: boolean;
}

/** More hits than this and the rest of the page is not looked at. */
export const MAX_HITS = 100_000;
/** Two numbers each. */
const MOST = 2 * MAX_HITS;

export interface Table {
  readonly sieve: Sieve;
  /** For the key of a window, the patterns whose windows have it; 0 is none. */
  readonly bucket: Uint8Array;
  readonly buckets: readonly (readonly Windowed[])[];
}

export interface Windowed {
  readonly pattern: Pattern;
  /** Where in the pattern the window begins. */
  readonly offset: number;
}

const lower = (byte: number): number => (byte >= 65 && byte <= 90 ? byte + 32 : byte);
const spellings = (byte: number, exact: boolean): number[] =>
  !exact && byte >= 97 && byte <= 122 ? [byte, byte - 32] : [byte];

/** A number for the window's bytes whatever their case: few windows share one, so what the sieve let through by chance ends here. */
const KEYS = 0x10_00;
function keyAt(bytes: Uint8Array, at: number): number {
  let key = 0;
  for (let i = at; i < at + WIDTH; i++) key = Math.imul(key, 37) + ((bytes[i] as number) | 32);
  return (key ^ (key >>> 12)) & (KEYS - 1);
}

/** Bytes of pages, the commonest first: each stands about a sixteenth less often than the one before. */
const COMMON =
  ' etaionrsl"-cd.pum0h,:g1f=2/bwv3_y;5>)(x4<6\n7k89{}&\tA\\CTzSqjFMEIDNL#B[]PR\'O|%UHWGV+!ZYJ?QXK@*';
const FREQUENCY = Float64Array.from({ length: 256 }, (_, byte) => {
  const rank = COMMON.indexOf(String.fromCharCode(byte));
  return rank < 0 ? 0.0002 : 0.07 * Math.exp(-rank / 16);
});

export function compileTable(patterns: readonly Pattern[]): Table {
  const windows = patterns.map(rarest);
  const bucket = new Uint8Array(KEYS);
  const buckets: Windowed[][] = [[]];
  for (const windowed of windows) {
    const key = keyAt(windowed.pattern.bytes, windowed.offset);
    const index = bucket[key] || buckets.length;
    bucket[key] = index;
    buckets[index] = [...(buckets[index] ?? []), windowed];
  }
  return { sieve: compileSieve(grouped(windows)), bucket, buckets };
}

/** The window of the pattern that is met least often by chance. */
function rarest(pattern: Pattern): Windowed {
  let offset = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let at = 0; at + WIDTH <= pattern.bytes.length; at++) {
    const chance = pattern.bytes
      .subarray(at, at + WIDTH)
      .reduce((product, byte) => product * (FREQUENCY[byte] ?? 1), 1);
    if (chance < least) {
      least = chance;
      offset = at;
    }
  }
  return { pattern, offset };
}

/** Each window joins the group that it makes least more common: those of a group are all tried wherever one may stand. */
function grouped(windows: readonly Windowed[]): Halves {
  const halves = new Uint8Array(HALVES);
  const chances = new Float64Array(GROUPS);
  for (const windowed of windows) {
    let best = 0;
    let chance = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let group = 0; group < GROUPS; group++) {
      const joined = chanceOf(withWindow(halves, windowed, group), group);
      const more = joined - (chances[group] ?? 0);
      if (more >= least) continue;
      least = more;
      chance = joined;
      best = group;
    }
    halves.set(withWindow(halves, windowed, best));
    chances[best] = chance;
  }
  return halves;
}

function withWindow(halves: Halves, { pattern, offset }: Windowed, group: number): Halves {
  const joined = halves.slice();
  for (let k = 0; k < WIDTH; k++) {
    for (const byte of spellings(pattern.bytes[offset + k] ?? 0, pattern.exact)) {
      for (const at of [k * 32 + (byte & 15), k * 32 + 16 + (byte >> 4)]) {
        joined[at] = (joined[at] ?? 0) | (1 << group);
      }
    }
  }
  return joined;
}

/** The share of places that the group lets through. */
function chanceOf(halves: Halves, group: number): number {
  let chance = 1;
  for (let k = 0; k < WIDTH; k++) {
    let share = 0;
    for (let byte = 0; byte < 256; byte++) {
      const low = halves[k * 32 + (byte & 15)] ?? 0;
      const high = halves[k * 32 + 16 + (byte >> 4)] ?? 0;
      if (((low & high) >> group) & 1) share += FREQUENCY[byte] ?? 0;
    }
    chance *= share;
  }
  return chance;
}

/** Appends offset and network of each hit, nearly in order. */
export function search(bytes: Uint8Array, table: Table, found: number[]): void {
  const { bucket, buckets, sieve } = table;
  sieve(bytes, (places, count, base) => {
    for (let i = 0; i < count; i++) {
      const at = (places[i] as number) + base;
      const index = bucket[keyAt(bytes, at)] as number;
      if (index === 0) continue;
      for (const { pattern, offset } of buckets[index] as readonly Windowed[]) {
        if (matches(bytes, at - offset, pattern)) found.push(at - offset, pattern.network);
      }
    }
    return found.length <= MOST;
  });
}

function matches(bytes: Uint8Array, start: number, pattern: Pattern): boolean {
  const want = pattern.bytes;
  if (start < 0 || start + want.length > bytes.length) return false;
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
