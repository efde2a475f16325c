/** Objects of a data skeleton as plain objects, built only where a rule wants to look. */
import { IS_KEY, type Skeleton } from './data-scan.ts';
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
  /** Children of each box as linked lists, built when first asked. */
  private firstBox: Int32Array | null = null;
  private nextBox: Int32Array | null = null;
  private readonly scalarsOf = new Map<number, Map<string, string>>();
  private readonly keysOf = new Map<number, ReadonlySet<string>>();
  private firstToken: Int32Array | null = null;
  private nextToken: Int32Array | null = null;

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
    for (let token = this.firstIn(box); token >= 0; token = this.after(token)) {
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
    for (let token = this.firstIn(box); token >= 0; token = this.after(token)) {
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
    for (let token = this.firstIn(box); token >= 0; token = this.after(token)) {
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

  /** The first value or lone word in the box, no key; -1 is none. Lists are walked, not built: boxes may be huge. */
  private firstIn(box: number): number {
    if (!this.firstToken) this.linkTokens();
    return this.firstToken?.[box] ?? -1;
  }

  private after(token: number): number {
    return this.nextToken?.[token] ?? -1;
  }

  private linkTokens(): void {
    const { boxes, tokens, tokenBox, tokenKey } = this.skeleton;
    const first = new Int32Array(boxes).fill(-1);
    const next = new Int32Array(tokens).fill(-1);
    for (let token = tokens - 1; token >= 0; token--) {
      const box = tokenBox[token] ?? -1;
      if (box < 0 || tokenKey[token] === IS_KEY) continue;
      next[token] = first[box] ?? -1;
      first[box] = token;
    }
    this.firstToken = first;
    this.nextToken = next;
  }

  /** The first box directly in the box, or -1; `nextChild` gives the others. */
  firstChild(box: number): number {
    if (!this.firstBox) this.linkBoxes();
    return this.firstBox?.[box] ?? -1;
  }

  nextChild(child: number): number {
    return this.nextBox?.[child] ?? -1;
  }

  private linkBoxes(): void {
    const { boxes, parent } = this.skeleton;
    const first = new Int32Array(boxes).fill(-1);
    const next = new Int32Array(boxes).fill(-1);
    for (let child = boxes - 1; child >= 0; child--) {
      const box = parent[child] ?? -1;
      if (box < 0) continue;
      next[child] = first[box] ?? -1;
      first[box] = child;
    }
    this.firstBox = first;
    this.nextBox = next;
  }
}
