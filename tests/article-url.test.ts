/** The address of an article: what is joined, what is kept apart, what is refused. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { articleId, checkOrders, normaliseUrl } from '../src/article-url.ts';

describe('normaliseUrl', () => {
  test.each([
    ['HTTPS://News.Example.COM/A', 'https://news.example.com/A'],
    ['https://news.example:443/a', 'https://news.example/a'],
    ['http://news.example:80', 'http://news.example/'],
    ['http://news.example:8080/', 'http://news.example:8080/'],
    ['https://news.example/a#comments', 'https://news.example/a'],
    ['https://user:secret@news.example/a', 'https://news.example/a'],
    ['https://news.example./a', 'https://news.example/a'],
    ['https://müller.example/ä', 'https://xn--mller-kva.example/%C3%A4'],
    ['https://news.example/a?utm_source=x&id=7&fbclid=y', 'https://news.example/a?id=7'],
    ['https://news.example/a?%75tm_medium=x', 'https://news.example/a'],
    ['https://news.example/a?UTM_Source=x&b=2&a=1', 'https://news.example/a?b=2&a=1'],
    ['https://news.example/a?q=%zz&gclid', 'https://news.example/a?q=%zz'],
    ['https://news.example/a?', 'https://news.example/a'],
    ['https://news.example/a/../b/./c', 'https://news.example/b/c'],
    ['https://news.example/a?ref=front&page=2', 'https://news.example/a?ref=front&page=2'],
    ['https://news.example/a?x=1%26utm_source', 'https://news.example/a?x=1%26utm_source'],
  ])('%s becomes %s', (given, expected) => {
    expect(normaliseUrl(given)).toBe(expected);
  });

  test.each([
    '',
    'news.example/a',
    '//news.example/a',
    'ftp://news.example/a',
    'javascript:alert(1)',
    'data:text/html,x',
    ' https://news.example/a',
    'https://news.example/a\n',
    'https://news.example/a b',
    'http:/\\news.example',
    'https:\\\\news.example',
    'http:news.example',
    'https://',
    'https:///a',
    'https://./a',
    'https://news.example:65536/',
    'https://[::1/',
    `https://news.example/${'a'.repeat(2084)}`,
  ])('%j is refused', (given) => {
    expect(() => normaliseUrl(given)).toThrow(expect.objectContaining({ code: 'URL_INVALID' }));
  });

  test('what it gives back it gives back unchanged, and it never throws anything but URL_INVALID', () => {
    const urlish = fc.oneof(
      fc.webUrl({ withFragments: true, withQueryParameters: true }),
      fc
        .tuple(fc.constantFrom('http://', 'HTTPS://', 'https://u:p@'), fc.string(), fc.string())
        .map(([scheme, host, rest]) => `${scheme}${host}/${rest}`),
      fc
        .array(fc.tuple(fc.constantFrom('utm_a', 'id', 'FBCLID', '%', 'q%3D'), fc.string()))
        .map((pairs) => `https://n.example/?${pairs.map((pair) => pair.join('=')).join('&')}`),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(urlish, (given) => {
        let once: string;
        try {
          once = normaliseUrl(given);
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: 'URL_INVALID' });
          return;
        }
        expect(normaliseUrl(once)).toBe(once);
        expect(once).not.toMatch(/utm_a=|#/);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('checkOrders', () => {
  test('a bad order is refused with its reason and the others are taken', () => {
    const checked = checkOrders([
      'https://news.example/a?utm_source=x',
      { url: 'https://news.example/b', tags: ['t'], priority: 5 },
      'nonsense',
      { url: 'https://news.example/c', priority: 'high' },
      { address: 'https://news.example/d' },
      null,
      { url: 'x'.repeat(9000) },
      { url: 'https://news.example/e', __proto__: null, extra: 1 },
    ]);
    expect(checked.map((one) => ('refused' in one ? one.refused.code : one.url))).toEqual([
      'https://news.example/a',
      'https://news.example/b',
      'URL_INVALID',
      'PAYLOAD_INVALID',
      'PAYLOAD_INVALID',
      'PAYLOAD_INVALID',
      'URL_INVALID',
      'PAYLOAD_INVALID',
    ]);
    expect(checked[0]).toMatchObject({ articleId: articleId('https://news.example/a') });
  });
});
