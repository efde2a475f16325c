/** What the marker search gives: where markers stand, in order, and where the page may speak of itself. */
import { MAX_HITS } from './pattern-search.ts';

export interface Hits {
  readonly count: number;
  /** Offset of each hit, ascending. */
  readonly at: Int32Array;
  /** Index into the networks given, or -1 for the engine's own markers (base64 of markup). */
  readonly network: Int8Array;
  /** Where the page may say something of itself: meta, link, title, time, JSON-LD, `rel=author`. */
  readonly about: Int32Array;
  /** `itemprop`, `itemscope`. */
  readonly microdata: Int32Array;
  /** `@handle)`: where an attribution may be left in text. */
  readonly signed: Int32Array;
  /** The page holds more than are looked at. */
  readonly full: boolean;
}

/** In the place of a network: markup in base64, what an article says of itself, attributions, microdata. */
export const ENCODED_MARKUP = -1;
export const ABOUT = -2;
export const SIGNED = -3;
export const MICRODATA = -4;

/** From offset and network of each, nearly in order. */
export function hitsOf(found: readonly number[]): Hits {
  const order: number[] = [];
  const about: number[] = [];
  const signed: number[] = [];
  const microdata: number[] = [];
  for (let i = 0; i < found.length; i += 2) {
    const at = found[i] as number;
    const network = found[i + 1] as number;
    if (network > ABOUT) order.push(i);
    else (network === ABOUT ? about : network === SIGNED ? signed : microdata).push(at);
  }
  if (!ascending(order, found)) sortByOffset(order, found);
  const at = new Int32Array(order.length);
  const network = new Int8Array(order.length);
  for (let to = 0; to < order.length; to++) {
    const from = order[to] as number;
    at[to] = found[from] as number;
    network[to] = found[from + 1] as number;
  }
  return {
    count: order.length,
    at,
    network,
    about: Int32Array.from(about).sort(),
    microdata: Int32Array.from(microdata).sort(),
    signed: Int32Array.from(signed),
    full: found.length > 2 * MAX_HITS,
  };
}

/** Offset and place as one number each, which is sorted without a function that compares; there are fewer places than this. */
const PLACES = 2 ** 20;

function sortByOffset(order: number[], found: readonly number[]): void {
  const keys = Float64Array.from(order, (from) => (found[from] as number) * PLACES + from);
  keys.sort().forEach((key, i) => {
    order[i] = key % PLACES;
  });
}

function ascending(order: readonly number[], found: readonly number[]): boolean {
  for (let i = 1; i < order.length; i++) {
    if ((found[order[i - 1] as number] as number) > (found[order[i] as number] as number))
      return false;
  }
  return true;
}

const NONE = new Int32Array(0);

/** The hits in a plain part of what was searched, as offsets in that part. */
export function hitsWithin(hits: Hits, start: number, end: number): Hits {
  const from = firstAtOrAfter(hits.at, start);
  const to = firstAtOrAfter(hits.at, end);
  return {
    count: to - from,
    at: hits.at.slice(from, to).map((at) => at - start),
    network: hits.network.slice(from, to),
    about: NONE,
    microdata: NONE,
    signed: NONE,
    full: false,
  };
}

/** The index of the first value that is no less. */
export function firstAtOrAfter(sorted: Int32Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
