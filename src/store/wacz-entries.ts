/** The entries of a WACZ as they are read: lines of records, WARCs in place. Nothing is unpacked. */
import { type ByteSource, linesIn, windows } from './verify-source.ts';
import type { WarcFiles } from './verify-warcs.ts';

/** Sound entries of the zip by name. */
export type Entries = ReadonlyMap<string, ByteSource>;

const ARCHIVE = 'archive/';

export function warcsIn(entries: Entries): WarcFiles {
  return {
    name: 'WACZ',
    async *list() {
      for (const path of entries.keys()) {
        if (path.startsWith(ARCHIVE)) {
          yield await Promise.resolve({ name: path.slice(ARCHIVE.length), isOpen: false });
        }
      }
    },
    async use(name, use) {
      const entry = entries.get(ARCHIVE + name);
      return entry ? await use({ ...entry, name }) : null;
    },
  };
}

export async function* linesOf(entries: Entries, path: string): AsyncGenerator<string> {
  const source = entries.get(path);
  if (source) yield* linesIn(windows(source));
}

export function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
