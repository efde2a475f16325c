/** Reads the day out of tokens that hold no time any more; every token must be accounted for. */
import { type Day, fromPersian, isoDay } from './calendar.ts';
import type { Token } from './tokens.ts';
import {
  inLanguages,
  lookUp,
  numericOrder,
  PHRASE_WORDS,
  speaks,
  type Word,
  wordsOf,
} from './vocabulary.ts';

/** A day, or one without its year. */
export interface Reading {
  readonly year: number | null;
  readonly month: number;
  readonly day: number;
  /** Weekdays of which the text names one, read so; empty where it names none. 0 is Sunday. */
  readonly weekdays: readonly number[];
}

/** Marks that stand between the parts of a date; anything else means that the text is more than a date. */
const MARK = /^(?![!?@#%&*\\§¶†‡¿¡])[\p{P}|∙`]$/u;
/** A year of a social network's post or of an article about one; beyond, the calendar is another one. */
const GREGORIAN = { from: 1900, to: 2199 } as const;
const BUDDHIST = { from: 2443, to: 2742, minus: 543 } as const;
const SHORT_YEAR = { from: 2004, to: 2039 } as const;
const PERSIAN = { from: 1279, to: 1578 } as const;

interface Sorted {
  readonly numbers: readonly Token[];
  readonly words: readonly Word[];
  readonly monthMarkAt: number | null;
}

/** All that the tokens can mean; null where they are no date. */
export function readDay(
  tokens: readonly Token[],
  langs: readonly string[],
): readonly Reading[] | null {
  const sorted = sortTokens(tokens);
  if (!sorted) return null;
  const { numbers, words } = sorted;
  if (numbers.length === 0 || numbers.length > 3) return null;
  if (words.some((word) => word.persianMonths.length > 0)) return persianDay(numbers, words);
  const weekdays = weekdaysOf(words);
  const units = unitDay(sorted);
  if (units) return units.map((reading) => ({ ...reading, weekdays }));
  if (words.some((word) => word.months.length > 0)) return namedDays(sorted, langs);
  return numericDays(numbers, tokens, langs).map((reading) => ({ ...reading, weekdays }));
}

/** Null where a word or mark is none of a date's. */
function sortTokens(tokens: readonly Token[]): Sorted | null {
  const numbers: Token[] = [];
  const words: Word[] = [];
  let monthMarkAt: number | null = null;
  for (let i = 0; i < tokens.length; ) {
    const token = tokens[i];
    const read = token && readToken(tokens, i);
    if (!token || !read) return null;
    if (token.kind === 'number') numbers.push(token);
    words.push(...read.words);
    if (read.words.some((word) => word.monthMark)) monthMarkAt = numbers.length;
    i += read.count;
  }
  // `Thứ 4, 22 thg 7, 2026`: the weekdays of Vietnamese are numbers
  const counted = monthMarkAt !== null && words[0]?.text === 'thu' && numbers.length === 4;
  return counted
    ? { numbers: numbers.slice(1), words, monthMarkAt: (monthMarkAt ?? 0) - 1 }
    : { numbers, words, monthMarkAt };
}

function readToken(
  tokens: readonly Token[],
  i: number,
): { readonly words: readonly Word[]; readonly count: number } | null {
  const token = tokens[i];
  if (token === undefined || (token.kind === 'mark' && !MARK.test(token.text))) return null;
  if (token.kind !== 'word') return { words: [], count: 1 };
  const phrase = phraseAt(tokens, i);
  if (phrase) return { words: [phrase.word], count: phrase.count };
  const words = wordsOf(token.text);
  return words && { words, count: 1 };
}

/** Months of several words. */
function phraseAt(tokens: readonly Token[], i: number): { word: Word; count: number } | null {
  for (let count = PHRASE_WORDS; count > 1; count -= 1) {
    const slice = tokens.slice(i, i + count);
    if (slice.length < count || slice.some((token) => token.kind !== 'word')) continue;
    const word = lookUp(slice.map((token) => token.text).join(' '));
    if (word) return { word, count };
  }
  return null;
}

/** Of the words that can be nothing but weekdays: `de` and `mar` are prepositions and months elsewhere. */
const weekdaysOf = (words: readonly Word[]) => [
  ...new Set(
    words
      .filter((word) => !word.filler && word.months.length === 0)
      .flatMap((word) => word.weekdays),
  ),
];

type Plain = Omit<Reading, 'weekdays'>;

const asYear = (token: Token | undefined): number | null => {
  if (token?.text.length !== 4) return null;
  const year = Number(token.text);
  if (year >= GREGORIAN.from && year <= GREGORIAN.to) return year;
  return year >= BUDDHIST.from && year <= BUDDHIST.to ? year - BUDDHIST.minus : null;
};

const asDay = (token: Token | undefined): number | null => {
  const day = token && token.text.length <= 2 ? Number(token.text) : 0;
  return day >= 1 && day <= 31 ? day : null;
};

const asMonth = (token: Token | undefined): number | null => {
  const month = asDay(token);
  return month !== null && month <= 12 ? month : null;
};

/** `2021年8月28日`, `5月 11, 2012`, `28 tháng 8, 2021`: a number says that it is the month. */
function unitDay({ numbers, monthMarkAt }: Sorted): Plain[] | null {
  const at = monthMarkAt ?? numbers.findIndex((token) => token.unit === 'month');
  const month = asMonth(numbers[at]);
  if (month === null) return null;
  const others = numbers.filter((_, i) => i !== at);
  const yearToken =
    others.find((t) => t.unit === 'year') ?? others.find((t) => t.text.length === 4);
  const dayToken = others.find((token) => token !== yearToken);
  const day = asDay(dayToken);
  const year = asYear(yearToken);
  const wrong =
    day === null || (yearToken !== undefined && year === null) || dayToken?.unit === 'year';
  return wrong || (others.length === 2 && year === null) ? [] : [{ year, month, day }];
}

/** A month by its name, a day, and a year of four digits or none. */
function namedDays({ numbers, words }: Sorted, langs: readonly string[]): Reading[] | null {
  const years = numbers.filter((token) => token.text.length === 4);
  const days = numbers.filter((token) => token.text.length <= 2);
  const year = asYear(years[0]);
  const day = asDay(days[0]);
  const counted =
    days.length === 1 && years.length <= 1 && numbers.length === days.length + years.length;
  if (!counted || day === null || (years.length === 1 && year === null)) return null;
  const readings = monthChoices(words, langs).flatMap(({ word, others }) => {
    const weekdays = [...weekdaysOf(words), ...others.flatMap((other) => other.weekdays)];
    return inLanguages(word.months, langs).map((month) => ({ year, month, day, weekdays }));
  });
  return readings.length === 0 ? null : readings;
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

function persianDay(numbers: readonly Token[], words: readonly Word[]): Reading[] | null {
  const word = words.find((candidate) => candidate.persianMonths.length > 0);
  const year = Number(numbers.find((token) => token.text.length === 4)?.text);
  const day = Number(numbers.find((token) => token.text.length <= 2)?.text);
  if (numbers.length !== 2) return null;
  const reading = persian({ year, month: word?.persianMonths[0]?.[0] ?? 0, day });
  return reading && [{ ...reading, weekdays: weekdaysOf(words) }];
}

function persian(solar: Day): Plain | null {
  if (!(solar.year >= PERSIAN.from && solar.year <= PERSIAN.to)) return null;
  const [year, month, day] = (fromPersian(solar) ?? '').split('-').map(Number);
  return year && month && day ? { year, month, day } : null;
}

/** Numbers alone: the year first is one reading, the year last may be two. */
function numericDays(
  numbers: readonly Token[],
  tokens: readonly Token[],
  langs: readonly string[],
): readonly Plain[] {
  const [first, second, third] = numbers;
  if (numbers.length !== 3 || !sameSeparators(tokens)) return [];
  const solar = persian({
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
  const readings = orders.map(([y, m, d]) => ({
    year: numericYear(y, numbers),
    month: asMonth(m),
    day: asDay(d),
  }));
  const order = numericOrder(langs);
  const wanted = order === 'ymd' ? 0 : order === 'dmy' ? 1 : order === 'mdy' ? 2 : null;
  const possible = readings.map((r) => (isPossible(r) ? r : null));
  const chosen = wanted === null ? null : possible[wanted];
  const all = chosen ? [chosen] : possible.filter((r) => r !== null);
  return unique(all);
}

/** Two digits are a year since the first networks; Thai ones (49 to 78) count from elsewhere and stay unread. */
function numericYear(token: Token | undefined, numbers: readonly Token[]): number | null {
  if (numbers.some((number) => number.text.length === 4)) return asYear(token);
  const year = token?.text.length === 2 ? 2000 + Number(token.text) : 0;
  return year >= SHORT_YEAR.from && year <= SHORT_YEAR.to ? year : null;
}

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
