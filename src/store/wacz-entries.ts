/** The entries of a WACZ as they are read: lines of records, WARCs in place. Nothing is unpacked. */
import { type ByteSource, windows } from './verify-source.ts';
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

/** A line of a record holds one embed or one capture; longer ones are cut, and then are no JSON any more. */
const MAX_LINE = 64 * 1024 * 1024;

export async function* linesOf(entries: Entries, path: string): AsyncGenerator<string> {
  const source = entries.get(path);
  if (!source) return;
  let rest = Buffer.alloc(0);
  for await (const chunk of windows(source)) {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    let from = 0;
    for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10, from)) {
      yield rest.toString('utf8', from, end);
      from = end + 1;
    }
    rest = rest.subarray(from, from + MAX_LINE);
  }
  if (rest.length > 0) yield rest.toString('utf8');
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
