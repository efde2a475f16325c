/** A text that counts how many of its characters are looked at: what a scanner costs, without a clock. */
import type { Scanned } from '../../src/extract/scan.ts';

const INDEX = /^\d+$/;

export interface Counted {
  readonly scanned: Scanned;
  readonly visited: () => number;
}

export function counted(text: string): Counted {
  let visited = 0;
  const bytes = new Proxy(Buffer.from(text, 'latin1'), {
    get(target, key) {
      if (typeof key === 'string' && INDEX.test(key)) visited++;
      return Reflect.get(target, key, target) as unknown;
    },
  });
  const looking = {
    length: text.length,
    indexOf(what: string, from = 0) {
      const found = text.indexOf(what, from);
      visited += (found < 0 ? text.length : found) - from + 1;
      return found;
    },
    charCodeAt(at: number) {
      visited++;
      return text.charCodeAt(at);
    },
    startsWith(what: string, at = 0) {
      visited++;
      return text.startsWith(what, at);
    },
    slice(start?: number, end?: number) {
      const cut = text.slice(start, end);
      visited += cut.length;
      return cut;
    },
  };
  return { scanned: { text: looking as unknown as string, bytes }, visited: () => visited };
}
