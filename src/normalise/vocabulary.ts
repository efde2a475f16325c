/** What a folded word of a date text can mean. */
import { HIJRI_MONTHS, MONTHS, PERSIAN_MONTHS } from './tables/months.ts';
import { WEEKDAYS } from './tables/weekdays.ts';
import { FILLERS, MONTH_MARKS, ORDERS, PERIODS, TRAILING, YEAR_FIRST } from './tables/words.ts';
import { ZONE_MINUTES } from './zones.ts';

export type Meanings = readonly (readonly [number, string])[];

const orders = new Map(Object.entries(ORDERS));
const trailing = new Set(TRAILING);

export interface Word {
  readonly text: string;
  readonly months: Meanings;
  readonly persianMonths: Meanings;
  readonly hijriMonths: Meanings;
  /** Possible weekdays, 0 is Sunday. */
  readonly weekdays: readonly number[];
  /** 0 before noon, 1 after noon. */
  readonly periods: readonly number[];
  readonly monthMark: boolean;
  readonly filler: boolean;
  readonly zone: boolean;
}

type Entry = { -readonly [K in keyof Word]: Word[K] };

/** All words at once; a Map, not an object: words of strangers are keys here, `constructor` among them. */
function dictionary(): ReadonlyMap<string, Word> {
  const words = new Map<string, Entry>();
  const at = (text: string): Entry => {
    const known = words.get(text) ?? {
      ...{ text, months: [], persianMonths: [], hijriMonths: [], weekdays: [], periods: [] },
      ...{ monthMark: false, filler: false, zone: false },
    };
    words.set(text, known);
    return known;
  };
  const values = (meanings: Meanings) => meanings.map(([value]) => value);
  for (const [text, meanings] of Object.entries(MONTHS)) at(text).months = meanings;
  for (const [text, meanings] of Object.entries(PERSIAN_MONTHS)) at(text).persianMonths = meanings;
  for (const [text, meanings] of Object.entries(HIJRI_MONTHS)) at(text).hijriMonths = meanings;
  for (const [text, meanings] of Object.entries(WEEKDAYS)) at(text).weekdays = values(meanings);
  for (const [text, meanings] of Object.entries(PERIODS)) at(text).periods = values(meanings);
  for (const text of MONTH_MARKS) at(text).monthMark = true;
  for (const text of FILLERS) at(text).filler = true;
  for (const text of ZONE_MINUTES.keys()) at(text).zone = true;
  return words;
}

const words = dictionary();

/** The longest phrase is `يونيو حزيران`-like: three words. */
export const PHRASE_WORDS = 3;

/** Null where no table knows the word. */
export const lookUp = (text: string): Word | null => words.get(text) ?? null;

const phraseParts = new Set(
  [...words.keys()].filter((text) => text.includes(' ')).flatMap((text) => text.split(' ')),
);

/** A word that means nothing alone: `الأول` of `تشرين الأول`. */
export const isPhrasePart = (text: string) => phraseParts.has(text);

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
  const found: Word[] = [];
  for (let at = 0; at < run.length; ) {
    const word = longestAt(run, at);
    if (!word) return null;
    found.push(word);
    at += word.text.length;
  }
  return found;
}

function split(parts: readonly string[]): Word[] | null {
  const found = parts.map(lookUp).filter((word) => word !== null);
  return found.length === parts.length ? found : null;
}

function longestAt(run: string, at: number): Word | null {
  for (let end = Math.min(run.length, at + LONGEST_WORD); end > at; end -= 1) {
    const word = lookUp(run.slice(at, end));
    if (word) return word;
  }
  return null;
}

/** Each meaning with its languages: only those among `langs`, where any is. */
export function languagesIn(
  meanings: Meanings,
  langs: readonly string[],
): readonly (readonly [number, readonly string[]])[] {
  const wanted = langs.flatMap(languageKeys);
  const all = meanings.map(([value, list]) => [value, list.split(' ')] as const);
  const fitting = all
    .map(([value, list]) => [value, list.filter((lang) => wanted.includes(lang))] as const)
    .filter(([, list]) => list.length > 0);
  return fitting.length > 0 ? fitting : all;
}

const yearFirst = new Set(YEAR_FIRST);
export const yearComesFirst = (lang: string): boolean => yearFirst.has(lang);

/** Beside a month's name these leave a two-digit year a year; `h` and `at` would make it an hour. */
export const SHORT_DATE_WORDS: ReadonlySet<string> = new Set(
  'st nd rd th er de del of d e ko r г р g gada m d ж'.split(' '),
);

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
