/** Takes the time of day and the zone out of a date's tokens, so that only the day is left. */
import { readFace } from './clock-face.ts';
import { halfOf, isMark, numberOf, type Tokens } from './clock-words.ts';
import { ZONE_MINUTES } from './zones.ts';

export interface Clock {
  readonly hour: number;
  readonly minute: number;
  readonly second: number | null;
  /** 0 before noon, 1 after noon; null where the text doesn't say. */
  readonly half: 0 | 1 | null;
}

export interface Zone {
  /** Minutes east of UTC; NaN where the abbreviation has several meanings. */
  readonly minutes: number;
  /** Instagram's, whose German and other texts print a 12-hour clock without saying which half. */
  readonly pacific: boolean;
}

export interface Taken {
  readonly clock: Clock | null;
  readonly zone: Zone | null;
  readonly rest: Tokens;
}

interface Found<T> {
  readonly value: T;
  readonly from: number;
  readonly to: number;
}

export function takeClock(tokens: Tokens): Taken {
  const clock = find(tokens, clockAt);
  const withoutClock = without(tokens, clock);
  const zone = find(withoutClock, (all, i) => zoneAt(all, i, clock?.from ?? null));
  return {
    clock: clock?.value ?? null,
    zone: zone?.value ?? null,
    rest: without(withoutClock, zone),
  };
}

function find<T>(
  tokens: Tokens,
  at: (tokens: Tokens, i: number) => { value: T; count: number } | null,
): Found<T> | null {
  for (let i = 0; i < tokens.length; i += 1) {
    const hit = at(tokens, i);
    if (hit) return { value: hit.value, from: i, to: i + hit.count };
  }
  return null;
}

function without(tokens: Tokens, found: Found<unknown> | null): Tokens {
  return found ? [...tokens.slice(0, found.from), ...tokens.slice(found.to)] : tokens;
}

/** A time with the half of the day after or before it. */
function clockAt(tokens: Tokens, i: number): { value: Clock; count: number } | null {
  const face = readFace(tokens, i);
  if (!face) return hourAlone(tokens, i);
  const { half, after } = halfAround(tokens, i, i + face.count);
  const hour = onTheClock(face.hour, half);
  if (hour === null) return null;
  const { minute, second } = face;
  return { value: { hour, minute, second, half }, count: face.count + after };
}

/** `5pm`. */
function hourAlone(tokens: Tokens, i: number): { value: Clock; count: number } | null {
  const hour = numberOf(tokens[i], 1);
  const after = tokens[i + 1]?.text;
  if (hour === null || hour === 0 || hour > 12 || (after !== 'am' && after !== 'pm')) return null;
  const half = after === 'am' ? 0 : 1;
  const value = onTheClock(hour, half);
  return value === null
    ? null
    : { value: { hour: value, minute: 0, second: null, half }, count: 2 };
}

interface Half {
  readonly half: 0 | 1 | null;
  /** How many tokens after the time belong to it (`p. m.` is four). */
  readonly after: number;
}

const SPACED_HALVES = new Map<string, 0 | 1>([
  ['a', 0],
  ['p', 1],
]);

function halfAround(tokens: Tokens, from: number, to: number): Half {
  const spaced = SPACED_HALVES.get(tokens[to]?.text ?? '');
  if (spaced !== undefined) {
    const m = isMark(tokens[to + 1], '.') ? to + 2 : to + 1;
    if (tokens[m]?.text === 'm') return { half: spaced, after: m + 1 - to };
  }
  const after = halfOf(tokens[to]);
  return after === null ? { half: halfOf(tokens[from - 1]), after: 0 } : { half: after, after: 1 };
}

function onTheClock(hour: number, half: 0 | 1 | null): number | null {
  if (half === null) return hour;
  // `17:05 PM` is seen on real pages: the 24-hour figure stands
  if (hour > 12) return half === 1 ? hour : null;
  return (hour % 12) + 12 * half;
}

/** `UTC`, `GMT+02:00`, `UTC+0000`, `+0000`, `PDT`; a bare offset only right behind the time. */
function zoneAt(
  tokens: Tokens,
  i: number,
  afterClock: number | null,
): { value: Zone; count: number } | null {
  const token = tokens[i];
  if (token?.kind === 'word') {
    const minutes = ZONE_MINUTES.get(token.text);
    if (minutes === undefined) return null;
    const offset = minutes === 0 ? offsetAt(tokens, i + 1) : null;
    const pacific = token.text === 'pdt' || token.text === 'pst';
    const count = 1 + (offset?.count ?? 0);
    return {
      value: { minutes: offset?.minutes ?? minutes, pacific },
      count: count + bracketAt(tokens, i + count),
    };
  }
  const offset = i === afterClock ? offsetAt(tokens, i) : null;
  return offset && { value: { minutes: offset.minutes, pacific: false }, count: offset.count };
}

function offsetAt(tokens: Tokens, i: number): { minutes: number; count: number } | null {
  const sign = isMark(tokens[i], '+')
    ? 1
    : isMark(tokens[i], '-') || isMark(tokens[i], '−')
      ? -1
      : 0;
  const digits = tokens[i + 1];
  if (sign === 0 || digits?.kind !== 'number' || digits.spaced) return null;
  if (digits.text.length === 4) {
    const minutes = Number(digits.text.slice(0, 2)) * 60 + Number(digits.text.slice(2));
    return minutes <= 840 && Number(digits.text.slice(2)) < 60
      ? { minutes: sign * minutes, count: 2 }
      : null;
  }
  if (digits.text.length > 2 || Number(digits.text) > 14) return null;
  const minute = isMark(tokens[i + 2], ':') ? numberOf(tokens[i + 3], 2) : null;
  if (minute === null) return { minutes: sign * Number(digits.text) * 60, count: 2 };
  return minute < 60 ? { minutes: sign * (Number(digits.text) * 60 + minute), count: 4 } : null;
}

/** `(Coordinated Universal Time)` behind a zone says it again. */
function bracketAt(tokens: Tokens, i: number): number {
  if (!isMark(tokens[i], '(')) return 0;
  const close = tokens.findIndex((token, at) => at > i && isMark(token, ')'));
  const inside = tokens.slice(i + 1, close);
  return close > i && inside.every((token) => token.kind === 'word') ? close - i + 1 : 0;
}
