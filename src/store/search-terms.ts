/**
 * Full-text search without a dictionary: words where a script has spaces, pairs of neighbouring characters where it
 * has none (Chinese, Japanese, Thai, Lao, Khmer, Burmese). Postgres' own parsers know neither Han nor Thai words and differ
 * by locale; lexemes made here are the same on every backend. Case, width and Latin diacritics do not count.
 */

const TOKEN = /[\p{L}\p{M}\p{N}]+/gu;
const SPACELESS =
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}ー]+/gu;
/** Latin, Greek and Cyrillic accents, Hebrew points, Arabic vowel signs: left out by writers and searchers alike. */
const OPTIONAL_MARKS = /[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670]/gu;
const SPACES = /\s+/u;

/** Bounds of tsvector: 2 KB a lexeme, 16,383 positions, 1 MB in all. */
const MAX_LEXEME = 100;
const MAX_POSITIONS = 12_000;
const GAP = 10;

interface Lexeme {
  readonly text: string;
  /** The last character of a spaceless pair: indexed so that it can be found alone, implied where the pair is asked for. */
  readonly implied: boolean;
}

/** A tsvector literal over several fields; phrases do not reach from one into the next. */
export function searchVector(fields: readonly (string | null)[]): string {
  const parts: string[] = [];
  let position = 0;
  for (const field of fields) {
    for (const lexeme of lexemes(field ?? '')) {
      position += 1;
      if (position > MAX_POSITIONS) return parts.join(' ');
      parts.push(`'${lexeme.text}':${position}`);
    }
    position += GAP;
  }
  return parts.join(' ');
}

/**
 * A tsquery literal: every white-space separated piece must occur, its words side by side, the last one as a prefix.
 * Null where nothing can be searched for.
 */
export function searchQuery(question: string): string | null {
  const pieces = question.split(SPACES).flatMap((piece) => {
    const found = lexemes(piece).filter((lexeme) => !lexeme.implied);
    if (found.length === 0) return [];
    const terms = found.map((lexeme, at) =>
      at === found.length - 1 ? `'${lexeme.text}':*` : `'${lexeme.text}'`,
    );
    return [`(${terms.join(' <-> ')})`];
  });
  return pieces.length === 0 ? null : pieces.join(' & ');
}

function lexemes(text: string): Lexeme[] {
  return (fold(text).match(TOKEN) ?? []).flatMap(splitToken);
}

function splitToken(token: string): Lexeme[] {
  const found: Lexeme[] = [];
  let end = 0;
  for (const match of token.matchAll(SPACELESS)) {
    found.push(...word(token.slice(end, match.index)), ...pairs(match[0]));
    end = match.index + match[0].length;
  }
  found.push(...word(token.slice(end)));
  return found;
}

const word = (text: string): Lexeme[] =>
  text === '' ? [] : [{ text: [...text].slice(0, MAX_LEXEME).join(''), implied: false }];

function pairs(stretch: string): Lexeme[] {
  const characters = [...stretch];
  return characters.map((character, at) => {
    const next = characters[at + 1];
    return next === undefined
      ? { text: character, implied: at > 0 }
      : { text: character + next, implied: false };
  });
}

const fold = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFD')
    .replace(OPTIONAL_MARKS, '')
    .normalize('NFC');
