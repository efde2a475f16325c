/**
 * Work grows with the page, not with its square: counted, not timed. V8 counts how often each block of the parser's code
 * and of the libraries under it runs, and the searches through text count the characters they pass; twice as large a page
 * may take little more than twice as much. What a regular expression does inside is not seen.
 */
import { Session } from 'node:inspector/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Shapes, withoutPost, withPost } from './hostile-shapes.ts';

/** A quadratic part shows at this size; at the hundred times larger one of `hostile.test.ts` it would not end. */
const N = 1000;
const MOST = 2.3;
const COUNTED =
  /\/src\/(?:extract|networks|normalise)\/|node_modules\/(?:cheerio|htmlparser2|dom|css-|entities)/;

const session = new Session();
const { indexOf, includes, lastIndexOf } = String.prototype;
const original = { indexOf, includes, lastIndexOf };
let passed = 0;
let extract: (bytes: Uint8Array) => unknown;

beforeAll(async () => {
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  // Only what is compiled from here on has counters; reading them sets them back.
  ({ extract } = await import('../../src/extract/index.ts'));
  await session.post('Profiler.takePreciseCoverage');
});

afterAll(async () => {
  await session.post('Profiler.stopPreciseCoverage');
  session.disconnect();
});

/** Searches run in V8 itself: here each tells how far it went. */
function countSearches(): void {
  const far = (from: number, found: number, end: number): void => {
    passed += Math.abs((found < 0 ? end : found) - from);
  };
  Object.assign(String.prototype, {
    indexOf(this: string, what: string, from = 0) {
      const found = indexOf.call(this, what, from);
      far(from, found, this.length);
      return found;
    },
    includes(this: string, what: string, from = 0) {
      far(from, indexOf.call(this, what, from), this.length);
      return includes.call(this, what, from);
    },
    lastIndexOf(this: string, what: string, from = this.length) {
      const found = lastIndexOf.call(this, what, from);
      far(from, found, 0);
      return found;
    },
  });
}

async function workOf(page: string): Promise<number> {
  const bytes = Buffer.from(page);
  passed = 0;
  countSearches();
  try {
    extract(bytes);
  } finally {
    Object.assign(String.prototype, original);
  }
  const { result } = await session.post('Profiler.takePreciseCoverage');
  let work = passed;
  for (const script of result) {
    if (!COUNTED.test(script.url)) continue;
    for (const { ranges } of script.functions) for (const { count } of ranges) work += count;
  }
  return work;
}

const shapes: Shapes = { ...withPost, ...withoutPost };

describe('twice as large a page takes at most 2.3 times the work', () => {
  it.each(Object.entries(shapes))('%s', async (_, make) => {
    const least = await workOf(make(20));
    const once = (await workOf(make(N))) - least;
    const twice = (await workOf(make(2 * N))) - least;
    expect(once).toBeGreaterThan(N);
    expect(twice / once).toBeLessThanOrEqual(MOST);
  });
});
