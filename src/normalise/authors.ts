/** The names of an article's authors, from what fields for them hold: names, lists of names, bylines, addresses. */
import { cleanName } from './name.ts';
import { plainText } from './plain-text.ts';

/** More than this is a list of the staff. */
const MAX_AUTHORS = 20;
const BYLINE =
  /^(?:by|von|par|por|di|door|av|af|od|autor(?:in)?|author|text|words by|written by)\s*:?\s+(?=\S)/iu;
const NOT_A_NAME =
  /[<>{}=]|^(?:https?:|www\.|\/|@?\S+@\S+\.\S+$|#|\d+$)|^(?:admin|administrator|null|undefined|none|n\/a|editor|redaktion)$/i;
const AND = /\s*;\s*|,?\s+(?:and|und|et|&)\s+/u;
const COMMA = /\s*,\s*/u;

function split(text: string): string[] {
  return text.split(AND).flatMap((part) => {
    const names = part.split(COMMA);
    // `Ford, Dana` is one person; `Dana Ford, Tom Watkins` are two
    return names.every((name) => name.includes(' ')) ? names : [part];
  });
}

/** Each once, in the page's order. */
export function authorNames(values: readonly string[]): string[] {
  const names = new Map<string, string>();
  for (const value of values) {
    const text = plainText(value)?.replace(BYLINE, '');
    if (text === undefined || text.length > 300) continue;
    for (const part of split(text)) {
      const name = cleanName(part);
      if (name !== null && !NOT_A_NAME.test(name) && !names.has(name.toLowerCase()))
        names.set(name.toLowerCase(), name);
    }
  }
  return [...names.values()].slice(0, MAX_AUTHORS);
}
