/** Cuts a folded date text into numbers, words and marks. */

export interface Token {
  readonly kind: 'number' | 'word' | 'mark';
  readonly text: string;
  /** What a CJK character right after the number says it counts. */
  readonly unit: 'year' | 'month' | 'day' | null;
  /** White space stands before it. */
  readonly spaced: boolean;
  readonly start: number;
  readonly end: number;
}

/**
 * A number with its unit (`日` not where it begins `日曜日`), a word (dots inside belong to it: `p.m`, `ส.ค`),
 * white space, or any other character. Each alternative begins with its own class: no backtracking.
 */
const TOKEN =
  /(\d+)(?: ?([年月号號년월]|日(?!曜)|일(?!요)))?|([\p{L}\p{M}]+(?:\.[\p{L}\p{M}]+)*)|( +)|(.)/gsu;

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
      unit: unit === undefined ? null : (UNITS[unit] ?? null),
      spaced,
      start: match.index,
      end: match.index + all.length,
    });
    spaced = false;
  }
  return tokens;
}
