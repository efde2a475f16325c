/** Small questions about the tokens of a time of day. */
import type { Token } from './tokens.ts';
import { lookUp } from './vocabulary.ts';

export type Tokens = readonly Token[];

export const isMark = (token: Token | undefined, text: string) =>
  token?.kind === 'mark' && token.text === text;

/** A number of one or two digits (of exactly two, if so asked) that isn't said to count days. */
export function numberOf(token: Token | undefined, digits: 1 | 2): number | null {
  if (token?.kind !== 'number' || token.unit !== null) return null;
  return token.text.length <= 2 && token.text.length >= digits ? Number(token.text) : null;
}

/**
 * Which half of the day a word says: 0 or 1; null where it says nothing or either, or is a preposition
 * too (`de` is Hungarian for a.m.). `am` is both and counts: it is read only beside a time.
 */
export function halfOf(token: Token | undefined): 0 | 1 | null {
  const word = token?.kind === 'word' ? lookUp(token.text) : null;
  const [only, ...others] = word?.periods ?? [];
  if (word === null || (word.filler && word.text !== 'am') || others.length > 0) return null;
  return only === 0 || only === 1 ? only : null;
}
