/** One spelling for comparison: dates are looked up in tables folded by this same function. */
import { DIGIT_ZEROS } from './tables/digits.ts';

/** Bidirectional marks, joiners, soft hyphens and byte order marks: invisible, and put anywhere by editors. */
const INVISIBLE = /[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g;
/** Accents of Latin, Greek and Cyrillic: `aout` is `août`, and capitals often lose theirs. */
const ACCENT = /[\u0300-\u036f]/g;
const DIGIT = /\p{Nd}/gu;
const SPACES = /[\s\u0085\u180e]+/g;

const digitValues = new Map<string, string>();
for (const zero of DIGIT_ZEROS) {
  for (let value = 0; value < 10; value += 1) {
    digitValues.set(String.fromCodePoint(zero + value), String(value));
  }
}

/** Every decimal digit of every script as 0 to 9. */
export function asciiDigits(text: string): string {
  return text.replace(DIGIT, (digit) => digitValues.get(digit) ?? digit);
}

const ASCII = /^[\x20-\x7e]*$/;

/** Lower case without accents, width variants, invisible marks or foreign digits; never by the machine's locale. */
export function foldWords(text: string): string {
  // most dates are English; Unicode has nothing to say about them
  if (ASCII.test(text)) return text.toLowerCase().replace(SPACES, ' ');
  const bare = text.normalize('NFKD').replace(INVISIBLE, '').replace(ACCENT, '');
  const lower = bare.toLowerCase().replace(ACCENT, '').replaceAll('ı', 'i').replaceAll('ς', 'σ');
  return asciiDigits(lower.normalize('NFKC')).replace(SPACES, ' ');
}
