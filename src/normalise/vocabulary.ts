/** What a folded word of a date text can mean. */
import { MONTHS, PERSIAN_MONTHS } from './tables/months.ts';
import { WEEKDAYS } from './tables/weekdays.ts';
import { FILLERS, MONTH_MARKS, ORDERS, PERIODS, TRAILING } from './tables/words.ts';
import { ZONE_MINUTES } from './zones.ts';

type Table = Readonly<Record<string, readonly (readonly [number, string])[]>>;
export type Meanings = readonly (readonly [number, string])[];

/** Maps, not objects: words of strangers are keys here, `constructor` among them. */
const asMap = (table: Table): ReadonlyMap<string, Meanings> => new Map(Object.entries(table));

const months = asMap(MONTHS);
const persianMonths = asMap(PERSIAN_MONTHS);
const weekdays = asMap(WEEKDAYS);
const periods = asMap(PERIODS);
const orders = new Map(Object.entries(ORDERS));
const fillers = new Set(FILLERS);
const trailing = new Set(TRAILING);
const monthMarks = new Set(MONTH_MARKS);

export interface Word {
  readonly text: string;
  readonly months: Meanings;
  readonly persianMonths: Meanings;
  /** Possible weekdays, 0 is Sunday. */
  readonly weekdays: readonly number[];
  /** 0 before noon, 1 after noon. */
  readonly periods: readonly number[];
  readonly monthMark: boolean;
  readonly filler: boolean;
  readonly zone: boolean;
}

const NONE: Meanings = [];
const values = (meanings: Meanings | undefined) => (meanings ?? NONE).map(([value]) => value);

/** The longest phrase is `يونيو حزيران`-like: three words. */
export const PHRASE_WORDS = 3;

/** Null where no table knows the word. */
export function lookUp(text: string): Word | null {
  const word: Word = {
    text,
    months: months.get(text) ?? NONE,
    persianMonths: persianMonths.get(text) ?? NONE,
    weekdays: values(weekdays.get(text)),
    periods: values(periods.get(text)),
    monthMark: monthMarks.has(text),
    filler: fillers.has(text),
    zone: ZONE_MINUTES.has(text),
  };
  const known =
    word.months.length + word.persianMonths.length + word.weekdays.length + word.periods.length > 0;
  return known || word.monthMark || word.filler || word.zone ? word : null;
}

export const endsADate = (text: string) => trailing.has(text);

/** Scripts that write words together: `日土曜日下午`, `วันเสาร์ที่`. */
const UNSPACED =
  /[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;
/** No word of the tables is longer (a test holds it). */
export const LONGEST_WORD = 32;

/** The known words that make up a run of letters, longest first; null where any letter is left over. */
export function wordsOf(run: string): Word[] | null {
  const whole = lookUp(run);
  if (whole) return [whole];
  if (run.includes('.')) return split(run.split('.').filter((part) => part !== ''));
  if (!UNSPACED.test(run)) return null;
  const words: Word[] = [];
  for (let at = 0; at < run.length; ) {
    const word = longestAt(run, at);
    if (!word) return null;
    words.push(word);
    at += word.text.length;
  }
  return words;
}

function split(parts: readonly string[]): Word[] | null {
  const words: Word[] = [];
  for (const part of parts) {
    const word = lookUp(part);
    if (!word) return null;
    words.push(word);
  }
  return words;
}

function longestAt(run: string, at: number): Word | null {
  for (let end = Math.min(run.length, at + LONGEST_WORD); end > at; end -= 1) {
    const word = lookUp(run.slice(at, end));
    if (word) return word;
  }
  return null;
}

/** Only the meanings in one of the languages, where any has one. */
export function inLanguages(meanings: Meanings, langs: readonly string[]): readonly number[] {
  const wanted = langs.flatMap(languageKeys);
  const fitting = meanings.filter(([, list]) => list.split(' ').some((l) => wanted.includes(l)));
  return (fitting.length > 0 ? fitting : meanings).map(([value]) => value);
}

/** Whether any meaning is of one of the languages. */
export function speaks(meanings: Meanings, langs: readonly string[]): boolean {
  const wanted = langs.flatMap(languageKeys);
  return meanings.some(([, list]) => list.split(' ').some((lang) => wanted.includes(lang)));
}

/** What platforms call a language that CLDR calls otherwise. */
const ALIASES = new Map([
  ['iw', 'he'],
  ['in', 'id'],
  ['msa', 'ms'],
  ['no', 'nb'],
  ['tl', 'fil'],
  ['zh-cn', 'zh-Hans'],
  ['zh-sg', 'zh-Hans'],
  ['zh-tw', 'zh-Hant'],
  ['zh-hk', 'zh-HK'],
  ['zh', 'zh-Hans'],
  ['sh', 'sr-Latn'],
]);

/** `pt_BR` is asked for as `pt-BR`, then `pt`. */
function languageKeys(lang: string): string[] {
  const tag = lang.trim().replaceAll('_', '-');
  const base = tag.split('-', 1)[0]?.toLowerCase() ?? '';
  return [ALIASES.get(tag.toLowerCase()) ?? tag, ALIASES.get(base) ?? base];
}

/**
 * The one order in which all these languages write numeric dates, else null. `en` alone decides nothing:
 * half of its readers write the day first.
 */
export function numericOrder(langs: readonly string[]): string | null {
  const found = new Set<string | null>();
  for (const lang of langs) {
    const keys = languageKeys(lang);
    const exact = orders.get(keys[0] ?? '');
    const base = keys[1] === 'en' ? null : (orders.get(keys[1] ?? '') ?? null);
    found.add(keys[0] === 'en' ? null : (exact ?? base));
  }
  const [only] = found;
  return found.size === 1 ? (only ?? null) : null;
}
