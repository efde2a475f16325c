/**
 * Nuxt 3 writes its state as one flat array in which objects hold the indices of their values (`devalue`). The objects
 * are put together again, one level deep, which is all a rule for embeds needs.
 */
const MAX_ITEMS = 200_000;

export interface Flattened {
  readonly fields: ReadonlyMap<string, string>;
}

/** An object that comes first and whose first value is no index is ordinary JSON, which need not be parsed to know it. */
const FLAT = /^\s*\[\s*(?:\[|\{\s*(?:\}|"(?:[^"\\]|\\.){0,200}"\s*:\s*-?\d))/;

/** The objects of a devalue array with their string fields; null where the text is something else. */
export function devalued(text: string): Flattened[] | null {
  const items = FLAT.test(text) ? parsed(text) : null;
  if (!items || items.length > MAX_ITEMS) return null;
  const objects: Flattened[] = [];
  for (const item of items) {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) continue;
    const fields = fieldsOf(item, items);
    // In ordinary JSON a value is not an index; one that isn't says that this is no devalue.
    if (fields === null) return null;
    objects.push({ fields });
  }
  return objects;
}

function parsed(text: string): readonly unknown[] | null {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

function fieldsOf(item: object, items: readonly unknown[]): Map<string, string> | null {
  const fields = new Map<string, string>();
  for (const [key, index] of Object.entries(item)) {
    if (!Number.isInteger(index)) return null;
    const value = items[index as number];
    if (typeof value === 'string') fields.set(key, value);
  }
  return fields;
}
