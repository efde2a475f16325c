/** Where a date ends that begins a running text. */
import { readDate } from './date.ts';
import { foldWords } from './fold.ts';
import { endsADate, isPhrasePart, lookUp, wordsOf } from './vocabulary.ts';

/** After a number, a word or its full stop a date can end. */
const DATE_END = /[\p{Nd}\p{L}\p{M}](?![\p{Nd}\p{L}\p{M}])\.?|\p{Nd}(?=[\p{L}\p{M}])|[日일]/gu;
const HAS_YEAR = /\p{Nd}{4}/u;

/** Length of the longest readable date with a year at the very beginning of the text; null where there is none. */
export function datePrefix(text: string): number | null {
  const window = wordsOfDates(text);
  const ends = [...window.matchAll(DATE_END)].map((match) => match.index + match[0].length);
  for (const end of ends.reverse()) {
    const date = window.slice(0, end);
    if (!HAS_YEAR.test(date)) return null;
    if (!endsInFiller(date) && readDate(date)) return end;
  }
  return null;
}

const WORD_OR_NEXT = /[(（]\s{0,3}[@＠]|—|[\p{L}\p{M}.\u00ad\u061c\u200b-\u200f]+/gu;
/** `Sat Aug 28 06:11:53 UTC+0000 2021 (Coordinated Universal Time)` has most. */
const MAX_WORDS = 10;

/** The text up to the next attribution or the first word that stands in no date: the rest needn't be tried. */
function wordsOfDates(window: string): string {
  let count = 0;
  for (const { 0: word, index } of window.matchAll(WORD_OR_NEXT)) {
    count += 1;
    const bare = foldWords(word).replace(OUTER_DOTS, '');
    if (count > MAX_WORDS || (bare !== '' && !knownRun(bare))) return window.slice(0, index);
  }
  return window;
}

const OUTER_DOTS = /^\.+|\.+$/g;
/** ISO's `T` and the `年` that stand right behind a number are no words of the tables. */
const BOUND = new Set(['t', ...'年月日号號년월일']);
const CJK_UNIT = /^[年月日号號년월일]/u;

const knownRun = (word: string) =>
  BOUND.has(word) ||
  wordsOf(word) !== null ||
  wordsOf(word.replace(CJK_UNIT, '')) !== null ||
  isPhrasePart(word);

const LAST_WORD = /([\p{L}\p{M}]+)(\.?)$/u;
const LATIN = /\p{Script=Latin}/u;

/** `2021 as` and `2021 de` run on into the sentence behind; `2021 г.` ends a date, a Latin letter only with its full stop. */
function endsInFiller(text: string): boolean {
  const [, word = '', dot] = LAST_WORD.exec(text) ?? [];
  const folded = foldWords(word);
  if (lookUp(folded)?.filler !== true) return false;
  return !endsADate(folded) || (LATIN.test(folded) && dot === '');
}
