/** Text as every backend can keep it: Postgres takes neither NUL nor half a surrogate pair. Raw bytes live in the archive, untouched. */

const SUSPECT = /\\u0000|\\ud[89a-f]/i;

export const wellFormed = (text: string): string => text.replaceAll('\0', '').toWellFormed();

/** JSON text for a json column. The deep walk is only made where the text shows that it is needed. */
export function toJson(value: unknown): string {
  const text = JSON.stringify(value);
  return SUSPECT.test(text) ? JSON.stringify(deep(value)) : text;
}

/** The same value with every string well-formed; the very same object where nothing is wrong. */
export const cleaned = <T>(value: T): T =>
  SUSPECT.test(JSON.stringify(value)) ? (deep(value) as T) : value;

function deep(value: unknown): unknown {
  if (typeof value === 'string') return wellFormed(value);
  if (Array.isArray(value)) return value.map(deep);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [wellFormed(key), deep(inner)]),
  );
}
