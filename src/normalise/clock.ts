/** Takes the time of day and the zone out of a date's tokens, so that only the day is left. */
import type { Token } from './tokens.ts';
import { lookUp } from './vocabulary.ts';
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
  readonly rest: readonly Token[];
}

/** Before a time with a dot (`kl. 17.05`), which would be a day and a month otherwise. */
const BEFORE_DOTTED = new Set(['kl', 'klo', 'kello', 'pukul', 'um', 'kell', 'ob', 'दिन', 'දින']);

interface Found<T> {
  readonly value: T;
  readonly from: number;
  readonly to: number;
}

export function takeClock(tokens: readonly Token[]): Taken {
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
  tokens: readonly Token[],
  at: (tokens: readonly Token[], i: number) => { value: T; count: number } | null,
): Found<T> | null {
  for (let i = 0; i < tokens.length; i += 1) {
    const hit = at(tokens, i);
    if (hit) return { value: hit.value, from: i, to: i + hit.count };
  }
  return null;
}

function without(tokens: readonly Token[], found: Found<unknown> | null): readonly Token[] {
  return found ? [...tokens.slice(0, found.from), ...tokens.slice(found.to)] : tokens;
}

const isMark = (token: Token | undefined, text: string) =>
  token?.kind === 'mark' && token.text === text;

/** One or two digits (two exactly for minutes and seconds), no unit. */
function numberOf(token: Token | undefined, digits: 1 | 2): number | null {
  if (token?.kind !== 'number' || token.unit !== null) return null;
  return token.text.length <= 2 && token.text.length >= digits ? Number(token.text) : null;
}

/** `17:05`, `17:05:59.123`, `17h05`, `17 h 05`, `kl. 17.05`, `5pm`; with the half of the day after or before it. */
function clockAt(tokens: readonly Token[], i: number): { value: Clock; count: number } | null {
  const hour = numberOf(tokens[i], 1);
  if (hour === null || hour > 23) return null;
  const minute = minuteAt(tokens, i);
  if (minute === null) return hourAlone(tokens, i, hour);
  let end = i + 3;
  let second: number | null = null;
  const next = numberOf(tokens[end + 1], 2);
  if (isMark(tokens[end], ':') && next !== null && next < 60) {
    second = next;
    end += 2;
    // fractions of a second
    if (isMark(tokens[end], '.') && tokens[end + 1]?.kind === 'number' && !tokens[end + 1]?.spaced)
      end += 2;
  }
  const half = halfAround(tokens, i, end);
  const value = onTheClock(hour, half.half);
  if (value === null) return null;
  return { value: { hour: value, minute, second, half: half.half }, count: end + half.after - i };
}

function minuteAt(tokens: readonly Token[], i: number): number | null {
  const [separator, digits] = [tokens[i + 1], tokens[i + 2]];
  const minute = numberOf(digits, 2);
  if (minute === null || minute > 59) return null;
  if (separator?.kind === 'word') return separator.text === 'h' ? minute : null;
  if (digits?.spaced || separator?.spaced) return null;
  if (isMark(separator, ':')) return minute;
  return isMark(separator, '.') && saysClock(tokens, i) ? minute : null;
}

function saysClock(tokens: readonly Token[], i: number): boolean {
  const before = isMark(tokens[i - 1], '.') ? tokens[i - 2] : tokens[i - 1];
  const after = tokens[i + 3];
  return BEFORE_DOTTED.has(before?.text ?? '') || halfOf(after) !== null;
}

function hourAlone(
  tokens: readonly Token[],
  i: number,
  hour: number,
): { value: Clock; count: number } | null {
  const after = tokens[i + 1];
  if (after === undefined || (after.text !== 'am' && after.text !== 'pm') || hour === 0)
    return null;
  const half = after.text === 'am' ? 0 : 1;
  const value = onTheClock(hour, half);
  return value === null
    ? null
    : { value: { hour: value, minute: 0, second: null, half }, count: 2 };
}

/** Which half of the day a word says: 0 or 1; null where it says nothing, either, or is a preposition too. */
function halfOf(token: Token | undefined): 0 | 1 | null {
  const word = token?.kind === 'word' ? lookUp(token.text) : null;
  const [only, ...others] = word?.periods ?? [];
  if (word === null || word.filler || others.length > 0) return null;
  return only === 0 || only === 1 ? only : null;
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

function halfAround(tokens: readonly Token[], from: number, to: number): Half {
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
  tokens: readonly Token[],
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

function offsetAt(tokens: readonly Token[], i: number): { minutes: number; count: number } | null {
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
function bracketAt(tokens: readonly Token[], i: number): number {
  if (!isMark(tokens[i], '(')) return 0;
  const close = tokens.findIndex((token, at) => at > i && isMark(token, ')'));
  const inside = tokens.slice(i + 1, close);
  return close > i && inside.every((token) => token.kind === 'word') ? close - i + 1 : 0;
}
