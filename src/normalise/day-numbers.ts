/** Which numbers can be a year, a month or a day; and dates that are numbers alone. */
import { isoDay } from './calendar.ts';
import { persianDay } from './other-calendars.ts';
import type { Token } from './tokens.ts';
import { numericOrder } from './vocabulary.ts';

/** A day, or one without its year. */
export interface Reading {
  readonly year: number | null;
  readonly month: number;
  readonly day: number;
  /** Weekdays of which the text names one, read so; empty where it names none. 0 is Sunday. */
  readonly weekdays: readonly number[];
}

export type Plain = Omit<Reading, 'weekdays'>;

/** A year of a social network's post or of an article about one; beyond, the calendar is another one. */
const GREGORIAN = { from: 1900, to: 2199 } as const;
const BUDDHIST = { from: 2443, to: 2742, minus: 543 } as const;
const SHORT_YEAR = { from: 4, to: 39 } as const;
/** Two digits of a Buddhist year: no Gregorian one of the networks ends in them. */
const SHORT_BUDDHIST = { from: 47, to: 82 } as const;

export function asYear(token: Token | undefined): number | null {
  if (token?.text.length !== 4) return null;
  const year = Number(token.text);
  if (year >= GREGORIAN.from && year <= GREGORIAN.to) return year;
  return year >= BUDDHIST.from && year <= BUDDHIST.to ? year - BUDDHIST.minus : null;
}

/** Two digits are a year since the first networks; in Thai also of the Buddhist era. */
export function asShortYear(token: Token | undefined, thai: boolean): number | null {
  const year = token?.text.length === 2 ? Number(token.text) : 0;
  if (year >= SHORT_YEAR.from && year <= SHORT_YEAR.to) return 2000 + year;
  const buddhist = thai && year >= SHORT_BUDDHIST.from && year <= SHORT_BUDDHIST.to;
  return buddhist ? 2500 + year - BUDDHIST.minus : null;
}

export function asDay(token: Token | undefined): number | null {
  const day = token && token.text.length <= 2 ? Number(token.text) : 0;
  return day >= 1 && day <= 31 ? day : null;
}

export function asMonth(token: Token | undefined): number | null {
  const month = asDay(token);
  return month !== null && month <= 12 ? month : null;
}

/** Numbers alone: the year first is one reading, the year last may be two. */
export function numericDays(
  numbers: readonly Token[],
  tokens: readonly Token[],
  langs: readonly string[],
): readonly Plain[] {
  const [first, second, third] = numbers;
  if (numbers.length !== 3 || !sameSeparators(tokens)) return [];
  const solar = persianDay({
    year: Number(first?.text),
    month: Number(second?.text),
    day: Number(third?.text),
  });
  if (solar) return [solar];
  const orders = [
    [first, second, third],
    [third, second, first],
    [third, first, second],
  ] as const;
  const thai = langs.length > 0 && langs.every((lang) => lang.toLowerCase().startsWith('th'));
  const yearOf = (token: Token | undefined) =>
    numbers.some((number) => number.text.length === 4) ? asYear(token) : asShortYear(token, thai);
  const possible = orders
    .map(([y, m, d]) => ({ year: yearOf(y), month: asMonth(m), day: asDay(d) }))
    .map((reading) => (isPossible(reading) ? reading : null));
  const wanted = ORDERS.indexOf(numericOrder(langs) ?? '');
  const chosen = possible[wanted];
  return unique(chosen ? [chosen] : possible.filter((reading) => reading !== null));
}

const ORDERS = ['ymd', 'dmy', 'mdy'];

function isPossible(r: {
  year: number | null;
  month: number | null;
  day: number | null;
}): r is Plain {
  const { year, month, day } = r;
  return year !== null && month !== null && day !== null && isoDay({ year, month, day }) !== null;
}

function unique(readings: readonly Plain[]): Plain[] {
  return readings.filter(
    (a, i) =>
      readings.findIndex((b) => a.year === b.year && a.month === b.month && a.day === b.day) === i,
  );
}

/** `3/4/2020`, `3. 4. 2020`, `3-4-2020`: the same mark twice, else the numbers aren't one date. */
function sameSeparators(tokens: readonly Token[]): boolean {
  const at = tokens.map((token, i) => (token.kind === 'number' ? i : -1)).filter((i) => i >= 0);
  const [a = 0, b = 0, c = 0] = at;
  const [one, two] = [tokens.slice(a + 1, b), tokens.slice(b + 1, c)];
  const mark = one[0]?.text ?? '';
  return one.length === 1 && two.length === 1 && two[0]?.text === mark && './-–'.includes(mark);
}
