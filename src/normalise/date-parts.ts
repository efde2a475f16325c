/** Reads the day out of tokens that hold no time any more; every token must be accounted for. */
import {
  asDay,
  asMonth,
  asShortYear,
  asYear,
  numericDays,
  type Plain,
  type Reading,
} from './day-numbers.ts';
import { type Sorted, sortTokens, weekdaysOf } from './day-tokens.ts';
import { hijriReadings, persianDay } from './other-calendars.ts';
import type { Token } from './tokens.ts';
import { languagesIn, SHORT_DATE_WORDS, speaks, type Word, yearComesFirst } from './vocabulary.ts';

export type { Reading } from './day-numbers.ts';

/** All that the tokens can mean; null where they are no date. */
export function readDay(
  tokens: readonly Token[],
  langs: readonly string[],
): readonly Reading[] | null {
  const sorted = sortTokens(tokens);
  if (!sorted) return null;
  const { numbers, words } = sorted;
  if (numbers.length === 0 || numbers.length > 3) return null;
  const weekdays = weekdaysOf(words);
  const plain = otherCalendar(sorted) ?? unitDay(sorted);
  if (plain) return plain.map((reading) => ({ ...reading, weekdays }));
  if (words.some((word) => word.months.length > 0)) return namedDays(sorted, langs);
  return numericDays(numbers, tokens, langs).map((reading) => ({ ...reading, weekdays }));
}

/** `2021年8月28日`, `5月 11, 2012`, `28 tháng 8, 2021`, `21년 8월 28일`: a number says that it is the month. */
function unitDay({ numbers, monthMarkAt }: Sorted): Plain[] | null {
  const at = monthMarkAt ?? numbers.findIndex((token) => token.unit === 'month');
  const month = asMonth(numbers[at]);
  if (month === null) return null;
  const others = numbers.filter((_, i) => i !== at);
  const yearToken =
    others.find((t) => t.unit === 'year') ??
    others.find((t) => t.text.length === 4) ??
    (monthMarkAt === null ? undefined : others[1]);
  const dayToken = others.find((token) => token !== yearToken);
  const day = asDay(dayToken);
  const year = asYear(yearToken) ?? unitShortYear(yearToken);
  const wrong =
    day === null || (yearToken !== undefined && year === null) || dayToken?.unit === 'year';
  return wrong || (others.length === 2 && year === null) ? [] : [{ year, month, day }];
}

/** Two digits before `年` may count from an emperor or a republic. */
const unitShortYear = (token: Token | undefined): number | null =>
  token?.unitText === '年' ? null : asShortYear(token, false);

/** A month by its name, a day, and a year or none. */
function namedDays(sorted: Sorted, langs: readonly string[]): Reading[] | null {
  const readings = monthChoices(sorted.words, langs).flatMap(({ word, others }) => {
    const weekdays = [...weekdaysOf(sorted.words), ...others.flatMap((other) => other.weekdays)];
    return languagesIn(word.months, langs).flatMap(([month, spoken]) =>
      datesOf(sorted, spoken).map(({ year, day }) => ({ year, month, day, weekdays })),
    );
  });
  return readings.length === 0 ? null : readings;
}

interface DayOfYear {
  readonly year: number | null;
  readonly day: number;
}

/** Which number is the day and which the year, where the month has its name in these languages. */
function datesOf(sorted: Sorted, langs: readonly string[]): DayOfYear[] {
  const { numbers } = sorted;
  const [first, second, ...others] = numbers;
  if (others.length > 0) return [];
  const long = numbers.find((token) => token.text.length > 2);
  if (!second) return long ? [] : dated(null, first);
  if (!long) return shortDates(sorted, langs);
  const year = asYear(long);
  return year === null ? [] : dated(year, long === first ? second : first);
}

function dated(year: number | null, token: Token | undefined): DayOfYear[] {
  const day = asDay(token);
  return day === null ? [] : [{ year, day }];
}

/**
 * `28 Aug '21`, `28-Aug-21`: the year is the last number, in languages that begin with it the first. Only where
 * nothing else stands there: a bare number may count hours or likes.
 */
function shortDates({ numbers, words, markedYear }: Sorted, langs: readonly string[]): DayOfYear[] {
  const [first, second] = numbers;
  const bare = words.every(
    (word) => word.months.length > 0 || !word.filler || SHORT_DATE_WORDS.has(word.text),
  );
  if (!bare || numbers.some((token) => token.unit !== null)) return [];
  const thai = langs.includes('th');
  const inOrder = (yearToken: Token | undefined, dayToken: Token | undefined): DayOfYear[] => {
    const year = asShortYear(yearToken, thai);
    return year === null ? [] : dated(year, dayToken);
  };
  if (markedYear) return inOrder(markedYear, markedYear === first ? second : first);
  const last = langs.some((lang) => !yearComesFirst(lang)) ? inOrder(second, first) : [];
  return langs.some(yearComesFirst) ? [...last, ...inOrder(first, second)] : last;
}

/**
 * `mar. 3 sep. 2019`: where several words can be months, each may be the month if the others can be weekdays.
 * `others` are those; words of the hinted languages are asked first.
 */
function monthChoices(
  words: readonly Word[],
  langs: readonly string[],
): { word: Word; others: Word[] }[] {
  const named = words.filter((word) => word.months.length > 0);
  const hinted = named.filter((word) => speaks(word.months, langs));
  return (hinted.length > 0 ? hinted : named)
    .map((word) => ({ word, others: named.filter((other) => other !== word) }))
    .filter(({ others }) => others.every((other) => other.weekdays.length > 0 || other.filler));
}

/** Null where no word names a month of another calendar. */
function otherCalendar({ numbers, words }: Sorted): Plain[] | null {
  const solar = words.find((word) => word.persianMonths.length > 0);
  const lunar = words.find((word) => word.hijriMonths.length > 0);
  if (!(solar || lunar)) return null;
  const year = Number(numbers.find((token) => token.text.length === 4)?.text);
  const day = Number(numbers.find((token) => token.text.length <= 2)?.text);
  if (numbers.length !== 2) return [];
  if (lunar) return hijriReadings({ year, month: lunar.hijriMonths[0]?.[0] ?? 0, day });
  const read = persianDay({ year, month: solar?.persianMonths[0]?.[0] ?? 0, day });
  return read ? [read] : [];
}
