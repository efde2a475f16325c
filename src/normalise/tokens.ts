/** Cuts a folded date text into numbers, words and marks. */

export interface Token {
  readonly kind: 'number' | 'word' | 'mark';
  readonly text: string;
  /** What a CJK character right after the number says it counts. */
  readonly unit: 'year' | 'month' | 'day' | null;
  /** That character; empty where there is none. */
  readonly unitText: string;
  /** White space stands before it. */
  readonly spaced: boolean;
  readonly start: number;
  readonly end: number;
}

const CJK = '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}';
const LETTER = `[[\\p{L}\\p{M}]--[${CJK}]]`;
/** `日` and `月` not where they begin `日曜日`, `月曜日`; Instagram prints `5月 月 15` in Chinese. */
const UNIT = '月 ?月(?!曜)|月(?!曜)|월(?!요)|[年号號년]|日(?!曜)|일(?!요)';

/**
 * A number with its unit, a word (dots inside belong to it: `p.m`, `ส.ค`; CJK and other letters don't mix: `分PST`),
 * white space, or any other character. Each alternative begins with its own class: no backtracking.
 */
const TOKEN = new RegExp(
  `(\\d+)(?: ?(${UNIT}))?|([${CJK}]+|${LETTER}+(?:\\.${LETTER}+)*)|( +)|(.)`,
  'gsv',
);

const UNITS: Readonly<Record<string, 'year' | 'month' | 'day'>> = {
  年: 'year',
  년: 'year',
  月: 'month',
  월: 'month',
  日: 'day',
  일: 'day',
  号: 'day',
  號: 'day',
};

export function tokenise(folded: string): Token[] {
  const tokens: Token[] = [];
  let spaced = false;
  for (const match of folded.matchAll(TOKEN)) {
    const [all, digits, unit, word, space] = match;
    if (space !== undefined) {
      spaced = true;
      continue;
    }
    const kind = digits === undefined ? (word === undefined ? 'mark' : 'word') : 'number';
    tokens.push({
      kind,
      text: digits ?? all,
      unitText: unit?.charAt(0) ?? '',
      unit: unit === undefined ? null : (UNITS[unit.charAt(0)] ?? null),
      spaced,
      start: match.index,
      end: match.index + all.length,
    });
    spaced = false;
  }
  return tokens;
}
