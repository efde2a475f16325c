/** Objects of a data skeleton as plain objects, built only where a rule wants to look. */
import { IS_KEY, type Skeleton } from './data-skeleton.ts';
import type { Json, JsonObject } from './network.ts';
import type { View } from './view.ts';
import { unescaped } from './wrappers.ts';

const OBJECT = 123;
const ARRAY = 91;
const MAX_DEPTH = 6;
const MAX_VALUES = 3000;
const NUMBER = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

export class DataReader {
  readonly view: View;
  readonly skeleton: Skeleton;
  private readonly scalarsOf = new Map<number, Map<string, string>>();
  private readonly keysOf = new Map<number, ReadonlySet<string>>();

  constructor(view: View, skeleton: Skeleton) {
    this.view = view;
    this.skeleton = skeleton;
  }

  text(token: number): string {
    const { tokenStart, tokenEnd, tokenQuote } = this.skeleton;
    const raw = this.view.decode(this.view.text.slice(tokenStart[token], tokenEnd[token]));
    return (tokenQuote[token] ?? 0) > 0 ? unescaped(raw) : raw;
  }

  /** The name of the key the box stands under. */
  keyOf(box: number): string {
    const token = this.skeleton.boxKey[box] ?? -1;
    return token < 0 ? '' : this.text(token);
  }

  keyOfToken(token: number): string {
    const key = this.skeleton.tokenKey[token] ?? -1;
    return key < 0 ? '' : this.text(key);
  }

  isObject(box: number): boolean {
    return this.skeleton.kind[box] === OBJECT;
  }

  /** The nearest object that holds the box or is it, or -1. */
  objectAt(box: number): number {
    let at = box;
    while (at >= 0 && !this.isObject(at)) at = this.skeleton.parent[at] ?? -1;
    return at;
  }

  /** Strings, numbers and words directly in the object, by key; long strings are left out. */
  scalars(box: number): Map<string, string> {
    const known = this.scalarsOf.get(box);
    if (known) return known;
    const values = new Map<string, string>();
    this.scalarsOf.set(box, values);
    const { tokenKey, tokenStart, tokenEnd } = this.skeleton;
    for (const token of this.valuesIn(box)) {
      const key = tokenKey[token] ?? -1;
      if (key < 0 || (tokenEnd[token] ?? 0) - (tokenStart[token] ?? 0) > 500) continue;
      values.set(this.text(key), this.text(token));
      if (values.size > 100) break;
    }
    return values;
  }

  /** The names of the object's keys. */
  keys(box: number): ReadonlySet<string> {
    const known = this.keysOf.get(box);
    if (known) return known;
    const names = new Set<string>();
    this.keysOf.set(box, names);
    for (const token of this.valuesIn(box)) {
      if (names.size < 200) names.add(this.keyOfToken(token));
    }
    for (let child = this.firstChild(box); child >= 0; child = this.nextChild(child)) {
      if (names.size < 400) names.add(this.keyOf(child));
    }
    return names;
  }

  /** The object with everything in it, up to a depth and a number of values. */
  object(box: number): JsonObject {
    const budget = { left: MAX_VALUES };
    const value = this.value(box, MAX_DEPTH, budget);
    return value !== null && typeof value === 'object' && !Array.isArray(value)
      ? (value as JsonObject)
      : {};
  }

  private value(box: number, depth: number, budget: { left: number }): Json {
    if (depth === 0 || budget.left <= 0) return null;
    const members: (readonly [string, Json])[] = [];
    for (const token of this.valuesIn(box)) {
      if (budget.left-- <= 0) continue;
      members.push([this.keyOfToken(token), this.scalar(token)]);
    }
    for (let child = this.firstChild(box); child >= 0; child = this.nextChild(child)) {
      if (budget.left-- <= 0) break;
      members.push([this.keyOf(child), this.value(child, depth - 1, budget)]);
    }
    if (this.skeleton.kind[box] === ARRAY) return members.map(([, value]) => value);
    // Own keys such as __proto__ are data here: no prototype to pollute.
    const object = Object.create(null) as Record<string, Json>;
    for (const [key, value] of members) if (key !== '') object[key] = value;
    return object;
  }

  private scalar(token: number): Json {
    const text = this.text(token);
    if ((this.skeleton.tokenQuote[token] ?? 0) > 0) return text;
    if (text === 'null' || text === 'undefined') return null;
    if (text === 'true' || text === 'false') return text === 'true';
    // An id beyond 2^53 must not become a number.
    return NUMBER.test(text) && text.length < 16 ? Number(text) : text;
  }

  /** Values and lone words directly in the box, no keys, in order; what stands in inner boxes is jumped over. */
  private *valuesIn(box: number): Generator<number> {
    const { tokens, tokenStart, tokenKey, start, end } = this.skeleton;
    const stop = end[box] as number;
    let token = firstAtOrAfter(tokenStart, { value: start[box] as number, from: 0, to: tokens });
    for (let child = this.firstChild(box); ; child = this.nextChild(child)) {
      const until = child < 0 ? stop : (start[child] as number);
      for (; token < tokens && (tokenStart[token] as number) < until; token++) {
        if (tokenKey[token] !== IS_KEY) yield token;
      }
      if (child < 0) return;
      token = firstAtOrAfter(tokenStart, { value: end[child] as number, from: token, to: tokens });
    }
  }

  /** The first box directly in the box, or -1; `nextChild` gives the others. */
  firstChild(box: number): number {
    const { boxes, parent } = this.skeleton;
    return box >= 0 && box + 1 < boxes && parent[box + 1] === box ? box + 1 : -1;
  }

  /** The first box that begins where the child has ended, if it is in the same box. */
  nextChild(child: number): number {
    const { boxes, parent, start, end } = this.skeleton;
    const next = firstAtOrAfter(start, { value: end[child] ?? 0, from: child + 1, to: boxes });
    return next < boxes && parent[next] === parent[child] ? next : -1;
  }
}

/** The index of the first value that is no less, in a part of a sorted column; it is mostly near the part's beginning. */
function firstAtOrAfter(
  sorted: Int32Array,
  { value, from, to }: { readonly value: number; readonly from: number; readonly to: number },
): number {
  let low = from;
  let high = from;
  for (let step = 1; high < to && (sorted[high] ?? 0) < value; step *= 2) {
    low = high + 1;
    high = Math.min(to, high + step);
  }
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
