/** The marker search: finds what a plain search finds, in any case, at any place, with WebAssembly or without. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hitsWithin } from '../../src/extract/hits.ts';
import { compileMarkers } from '../../src/extract/markers.ts';
import type { Network } from '../../src/extract/network.ts';
import { compileTable, MAX_HITS, type Pattern, search } from '../../src/extract/pattern-search.ts';
import { HALVES, plainSieve, type Sieve, vectorSieve, WIDTH } from '../../src/extract/sieve.ts';
import { networks } from '../../src/networks/index.ts';

const PIECE = 32 * 1024;
const pattern = (text: string, network: number, more: Partial<Pattern> = {}): Pattern => ({
  bytes: Buffer.from(text, 'latin1'),
  network,
  exact: false,
  bounded: false,
  ...more,
});
const found = (text: string, patterns: readonly Pattern[]): [at: number, network: number][] => {
  const list: number[] = [];
  search(Buffer.from(text, 'latin1'), compileTable(patterns), list);
  return Array.from({ length: list.length / 2 }, (_, i): [number, number] => [
    list[2 * i] ?? -1,
    list[2 * i + 1] ?? -1,
  ]).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
};
const places = (sieve: Sieve, bytes: Uint8Array): number[] => {
  const all: number[] = [];
  sieve(bytes, (at, count, base) => {
    for (let i = 0; i < count; i++) all.push((at[i] ?? 0) + base);
    return true;
  });
  // What begins in the last bytes cannot be whole, and may be let through or not.
  return all.filter((at) => at + WIDTH <= bytes.length);
};

describe('the search', () => {
  const WORDS = ['twitter', 'bsky.', 'vk.com', 'tweet', '<meta'];
  const patterns = WORDS.map((word, i) => pattern(word, i));

  it('finds what a plain search finds, in any letter case', () => {
    const pieces = fc.array(
      fc.oneof(
        fc.constantFrom(...WORDS, 'TWITTER', 'TwEeT', 'twitte', 'sky.', '\xff', 'VK.COM'),
        fc.string({ maxLength: 20 }),
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(pieces, (parts) => {
        const text = Buffer.from(parts.join(''), 'latin1').toString('latin1');
        const lower = text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
        const plain = WORDS.flatMap((word, network) => {
          const all: [number, number][] = [];
          for (let at = lower.indexOf(word); at >= 0; at = lower.indexOf(word, at + 1))
            all.push([at, network]);
          return all;
        }).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
        expect(found(text, patterns)).toEqual(plain);
      }),
      { numRuns: 300 },
    );
  });

  it.each([-6, -3, -1, 0, 1, 5])('finds a word across the border of two pieces (%i)', (by) => {
    const before = ' '.repeat(PIECE + by);
    expect(found(`${before}twitter`, patterns)).toEqual([[PIECE + by, 0]]);
  });

  it('finds a word at the very end, and none that is cut there or left from a longer text before', () => {
    const table = compileTable(patterns);
    const hits = (text: string): number[] => {
      const list: number[] = [];
      search(Buffer.from(text, 'latin1'), table, list);
      return list;
    };
    expect(hits('xx twitter')).toEqual([3, 0]);
    expect(hits('xx twitte')).toEqual([]);
  });

  it('keeps to the case of exact patterns, and to the border before short hosts', () => {
    const exact = [pattern('QmxvY2', 0, { exact: true })];
    expect(found('QmxvY2 qmxvy2', exact)).toEqual([[0, 0]]);
    const short = [pattern('x.com', 1, { bounded: true })];
    expect(found('netflix.com x.com %2Fx.com', short)).toEqual([
      [12, 1],
      [21, 1],
    ]);
  });

  it('stops where there are more hits than are looked at', () => {
    const count = found('twitter '.repeat(2 * MAX_HITS), patterns).length;
    expect(count).toBeGreaterThan(MAX_HITS);
    expect(count).toBeLessThan(MAX_HITS + PIECE);
  });
});

describe('the sieve', () => {
  const halves = fc.uint8Array({ minLength: HALVES, maxLength: HALVES });
  const sparse = halves.map((all) => all.map((byte) => byte & 0b1000_1001));

  it('lets through the same places with vectors and without', () => {
    fc.assert(
      fc.property(sparse, fc.uint8Array({ maxLength: 300 }), (table, bytes) => {
        const vectors = vectorSieve(table);
        expect(vectors).not.toBeNull();
        if (vectors) expect(places(vectors, bytes)).toEqual(places(plainSieve(table), bytes));
      }),
      { numRuns: 60 },
    );
  });

  it('lets through the same places of a long text', () => {
    const [table] = fc.sample(sparse, { numRuns: 1, seed: 7 });
    const [bytes] = fc.sample(fc.uint8Array({ minLength: 2 * PIECE, maxLength: 3 * PIECE }), {
      numRuns: 1,
      seed: 7,
    });
    const vectors = vectorSieve(table ?? new Uint8Array(HALVES));
    if (vectors && bytes && table)
      expect(places(vectors, bytes)).toEqual(places(plainSieve(table), bytes));
    expect(vectors).not.toBeNull();
  });
});

describe('the markers of all networks', () => {
  const find = compileMarkers(networks);
  const named = (text: string): string[] => {
    const hits = find(text);
    return Array.from(hits.network, (index) => networks[index]?.name ?? `${index}`);
  };

  it.each([
    ['https://twitter.com/a/status/1', 'x'],
    ['https:\\/\\/x.com\\/a', 'x'],
    ['https%3A%2F%2Ft.me%2Fa%2F1', 'telegram'],
    ['//www.YouTube.com/embed/x', 'youtube'],
    ['https://social.example/@ada/109500000000000000', 'mastodon'],
    ['%40ada/109500000000000000', 'mastodon'],
    [Buffer.from('<iframe src="https://x">').toString('base64'), '-1'],
    [Buffer.from('..<blockquote>').toString('base64'), '-1'],
  ])('%s: %s', (text, name) => {
    expect(named(text)).toContain(name);
  });

  it.each(['<p>netflix.com</p>', '<p>a line about nothing</p>', 'chart.me/', '@media print {'])(
    '%s: none',
    (text) => {
      expect(named(text)).toEqual([]);
    },
  );

  it('tells in passing where the page speaks of itself, and where text is signed', () => {
    const { about, signed, count } = find('<title>a</title> b (@ada) <META x> ld+json');
    expect([...about]).toEqual([0, 26, 35]);
    expect([...signed]).toEqual([20]);
    expect(count).toBe(0);
  });

  it('come in order, with those of a part as offsets in it', () => {
    const text = 'tweet twitter tweet instagram';
    const hits = find(text);
    expect([...hits.at]).toEqual([0, 6, 14, 20]);
    expect([...hitsWithin(hits, 6, 19).at]).toEqual([0, 8]);
  });

  it('may be those of a network whose expression begins with nothing certain', () => {
    const network: Network = { name: 'n', markers: [/(?:ab|cd)ef/], claim: () => null };
    expect([...compileMarkers([network])('xx cdef abef').at]).toEqual([3, 8]);
  });

  it('come in order, each with its network, though expressions are looked for after all strings', () => {
    const network = (name: string, marker: string | RegExp): Network => ({
      name,
      markers: [marker],
      claim: () => null,
    });
    const search = compileMarkers([network('a', 'tweets'), network('b', /(?:ab|cd)ef/)]);
    const hits = search('abef tweets cdef tweets abef');
    expect([...hits.at]).toEqual([0, 5, 12, 17, 24]);
    expect([...hits.network]).toEqual([1, 0, 1, 0, 1]);
  });
});
