/** The skeleton of data: which string stands under which key, in JSON and in JavaScript, valid or not; and that it is linear work. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataReader } from '../../src/extract/data-object.ts';
import { skeletonOf } from '../../src/extract/data-scan.ts';
import { IS_KEY, type Skeleton, tokenAt } from '../../src/extract/data-skeleton.ts';
import { openSource } from '../../src/extract/source.ts';
import { rootView } from '../../src/extract/view.ts';
import { counted } from './counted.ts';

const skeleton = (text: string): Skeleton =>
  skeletonOf({ text, bytes: Buffer.from(text, 'latin1') });

/** Each value with the keys that lead to it. */
function values(text: string): string[] {
  const found = skeleton(text);
  const token = (i: number): string => text.slice(found.tokenStart[i], found.tokenEnd[i]);
  const paths: string[] = [];
  for (let i = 0; i < found.tokens; i++) {
    const key = found.tokenKey[i] ?? -1;
    if (key === IS_KEY) continue;
    const names = key >= 0 ? [token(key)] : [];
    let box = found.tokenBox[i] ?? -1;
    for (; box >= 0; box = found.parent[box] ?? -1) {
      const named = found.boxKey[box] ?? -1;
      if (named >= 0) names.unshift(token(named));
    }
    paths.push([...names, token(i)].join('.'));
  }
  return paths;
}

describe('what stands under which key', () => {
  it.each([
    ['{"a":{"b":"c"}}', ['a.b.c']],
    ['{"a":["b","c"]}', ['a.b', 'a.c']],
    ["{a:'b'}", ['a.b']],
    ['{"a":1,"b":true}', ['a.1', 'b.true']],
    ['{"a":"x \\" y"}', ['a.x \\" y']],
    ['{"a":"x\\\\"}', ['a.x\\\\']],
    [`{"a":"${'x'.repeat(100)}\\"y","b":"c"}`, [`a.${'x'.repeat(100)}\\"y`, 'b.c']],
    ['{"a":"b"', ['a.b']],
    ['}]{"a":"b"}', ['a.b']],
    ['{"a":/["}]/,"b":"c"}', ['b.c']],
    ['// "x"\n{"a":"b"}', ['a.b']],
    ['/* "x" */{"a":"b"}', ['a.b']],
    ['{"a":`b`}', ['a.b']],
  ])('%s', (text, paths) => {
    expect(values(text)).toEqual(paths);
  });

  it('finds the string that holds a place, and none between strings', () => {
    const text = '{"a":"bcd"}';
    const found = skeleton(text);
    const token = tokenAt(found, text.indexOf('c'));
    expect(text.slice(found.tokenStart[token], found.tokenEnd[token])).toBe('bcd');
    expect(tokenAt(found, text.indexOf(':'))).toBe(-1);
  });
});

describe('the work of it', () => {
  const hostile: Readonly<Record<string, (n: number) => string>> = {
    'objects nested': (n) => '{"a":'.repeat(n),
    'arrays nested and closed by the wrong bracket': (n) => '['.repeat(n) + '}'.repeat(n),
    'quotes and backslashes': (n) => '"\\'.repeat(n),
    'one string of escaped quotes': (n) => `"${'\\"'.repeat(n)}`,
    'one string of backslashes before each quote': (n) => `"${'\\\\\\"'.repeat(n)}`,
    'strings of three kinds never closed': (n) => `"'\``.repeat(n),
    'regular expressions never closed': (n) => '=/['.repeat(n),
    'comments never closed': (n) => '/*'.repeat(n),
    'comments to the end of the line': (n) => '//\n'.repeat(n),
    'numbers and colons': (n) => '1:'.repeat(n),
  };

  it.each(Object.entries(hostile))('%s: twice as many take twice the looks', (_, make) => {
    const looks = (n: number): number => {
      const { scanned, visited } = counted(make(n));
      skeletonOf(scanned);
      return visited();
    };
    expect(looks(4000)).toBeLessThan(2.2 * looks(2000) + 5000);
  });
});

describe('what stands directly in a box', () => {
  const pieces = [
    '{',
    '}',
    '[',
    ']',
    '(',
    ')',
    '"a"',
    '"b":',
    "'c'",
    'd',
    ',',
    ':',
    '1',
    '"',
    '/x/',
  ];

  it('is what the columns say, whatever is left open or closed wrongly', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 60 }), (soup) => {
        const view = rootView(openSource(Buffer.from(soup.join('')), 'utf-8'));
        const found = skeletonOf(view);
        const reader = new DataReader(view, found);
        const tokens = Array.from({ length: found.tokens }, (_, i) => i);
        const boxes = Array.from({ length: found.boxes }, (_, i) => i);
        for (const box of boxes) {
          const inner = boxes.filter((each) => found.parent[each] === box);
          const walked: number[] = [];
          for (let at = reader.firstChild(box); at >= 0; at = reader.nextChild(at)) walked.push(at);
          expect(walked).toEqual(inner);
          const own = tokens.filter(
            (each) => found.tokenBox[each] === box && found.tokenKey[each] !== IS_KEY,
          );
          const keyed = own.filter((each) => (found.tokenKey[each] ?? -1) >= 0);
          expect(reader.scalars(box)).toEqual(
            new Map(keyed.map((each) => [reader.keyOfToken(each), reader.text(each)])),
          );
          expect(reader.keys(box)).toEqual(
            new Set([
              ...own.map((each) => reader.keyOfToken(each)),
              ...inner.map((each) => reader.keyOf(each)),
            ]),
          );
        }
      }),
      { numRuns: 600, seed: 1 },
    );
  });
});
