/** Sorts a date's tokens into numbers and words; every one must be known, or the text is no date. */
import type { Token } from './tokens.ts';
import { lookUp, PHRASE_WORDS, type Word, wordsOf } from './vocabulary.ts';

export interface Sorted {
  readonly numbers: readonly Token[];
  readonly words: readonly Word[];
  /** Index of the number that a word says to be the month. */
  readonly monthMarkAt: number | null;
  /** The number behind an apostrophe: `'21`. */
  readonly markedYear: Token | null;
}

/** Marks that stand between the parts of a date; anything else means that the text is more than a date. */
const MARK = /^(?![!?@#%&*\\§¶†‡¿¡])[\p{P}|∙`]$/u;
const APOSTROPHE = /^['’‘′`]$/u;

/** Null where a word or mark is none of a date's. */
export function sortTokens(tokens: readonly Token[]): Sorted | null {
  const numbers: Token[] = [];
  const words: Word[] = [];
  let monthMarkAt: number | null = null;
  let markedYear: Token | null = null;
  for (let i = 0; i < tokens.length; ) {
    const token = tokens[i];
    const read = token && readToken(tokens, i);
    if (!token || !read) return null;
    if (token.kind === 'number') {
      numbers.push(token);
      if (isMarked(tokens[i - 1], token)) markedYear = token;
    }
    words.push(...read.words);
    if (read.words.some((word) => word.monthMark)) monthMarkAt = numbers.length;
    i += read.count;
  }
  // `Thứ 4, 22 thg 7, 2026`: the weekdays of Vietnamese are numbers
  const counted = monthMarkAt !== null && words[0]?.text === 'thu' && numbers.length === 4;
  return counted
    ? { numbers: numbers.slice(1), words, monthMarkAt: (monthMarkAt ?? 0) - 1, markedYear }
    : { numbers, words, monthMarkAt, markedYear };
}

const isMarked = (before: Token | undefined, number: Token): boolean =>
  before !== undefined &&
  APOSTROPHE.test(before.text) &&
  !number.spaced &&
  number.text.length === 2;

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
export const weekdaysOf = (words: readonly Word[]): number[] => [
  ...new Set(
    words
      .filter((word) => !word.filler && word.months.length === 0)
      .flatMap((word) => word.weekdays),
  ),
];
