/** Articles that an endless page loads behind its own, and when two headlines or addresses are the same article's. */
import { describe, expect, it } from 'vitest';
import { extract } from '../../src/extract/index.ts';
import { samePath, sameTitle } from '../../src/extract/titles.ts';
import { ADDRESS, answerOf, PAGE, unlike } from './answers.ts';

const POST = `<blockquote class="twitter-tweet"><a href="${ADDRESS}">x</a></blockquote>`;
const HEAD = '<h1>Another ferry is late</h1>';
const next = (attributes: string, inside = HEAD): string =>
  `</article><article ${attributes}>${inside}<p>It is.</p>${POST}`;

describe('the next article', () => {
  it.each([
    [
      'with an address of its own',
      'data-url data-href data-permalink data-canonical data-path data-page-url itemid',
      (name: string) => next(`${name}="/another"`),
    ],
    [
      'by any address',
      ['/another', ' https://news.example/another '],
      (url: string) => next(`data-url="${url}"`),
    ],
    [
      'with its headline in a box',
      ['<header><div>'],
      (box: string) => next('data-url="/another"', `${box}${HEAD}`),
    ],
    [
      'in a box with its address',
      ['<div data-url="/another">', '<div data-url="/another"><div><div>'],
      (box: string) => `</article>${box}<article>${HEAD}${POST}</article>`,
    ],
  ])('%s is not the page’s', (_, list, make) => {
    expect(unlike('', list, make)).toEqual([]);
  });

  it.each([
    ['without an address', next('class="entry"')],
    ['with an address under another name', next('data-related-urls="/another"')],
    ['with an address under a longer name', next('my-data-url="/another"')],
    ['with a sentence for an address', next('data-url="see /another"')],
    ['with a word for an address', next('data-url="another"')],
    ['with the page’s address', next('data-url="/the-bridge/"')],
    ['with the page’s headline', next('data-url="/another"', '<h1>The bridge | News</h1>')],
    ['without a headline', next('data-url="/another"', '<h2>Another ferry</h2>')],
    ['in a box that holds the page’s too', `<h1>Another</h1>${POST}`],
    [
      'in a box too far around',
      `</article><div data-url="/a"><b><b><b><b><article>${HEAD}${POST}</article>`,
    ],
  ])('%s is the page’s', (_, body) => {
    expect(answerOf(body)).toBe('embed');
  });
});

describe('where the page', () => {
  const both = `<article><h1>The bridge</h1></article><article data-url="/another">${HEAD}${POST}</article>`;
  const roles = (body: string, options: { url?: string }) =>
    extract(Buffer.from(body), options).embeds.map(({ role }) => role);

  it('does not say what it is, each article is its own', () => {
    expect(roles(`<title>The bridge</title>${both}`, { url: PAGE })).toEqual([]);
    expect(roles(`<title>The bridge</title>${both}`, {})).toEqual(['embed']);
    expect(roles(both.replaceAll('h1', 'h2'), { url: PAGE })).toEqual(['embed']);
  });

  it('stands in a box with an address, the article beside it does too', () => {
    const box = `<div data-url="/section">${both.replace(' data-url="/another"', '')}</div>`;
    expect(roles(`<title>The bridge</title>${box}`, { url: PAGE })).toEqual(['embed']);
  });
});

describe('the same', () => {
  it.each([
    ['The bridge', 'the “bridge” | News'],
    ['News – The Bridge', 'The bridge'],
    ['Мост', 'МОСТ!'],
  ])('headline: %s, %s', (a, b) => {
    expect(sameTitle(a, b)).toBe(true);
    expect(sameTitle(b, a)).toBe(true);
  });

  it.each([
    ['The bridge', 'The ferry'],
    ['', 'The bridge'],
    ['…', 'The bridge'],
  ])('not: %s, %s', (a, b) => {
    expect(sameTitle(a, b)).toBe(false);
    expect(sameTitle(b, a)).toBe(false);
  });

  it.each(['/News/The-Bridge/', 'https://m.news.example/news/the-bridge?a=1', 'the-bridge'])(
    'address: %s',
    (address) => {
      expect(samePath(address, 'https://news.example/news/the-bridge')).toBe(true);
    },
  );

  it.each(['/the-bridge-2', 'bridge', 'https://[', '/news'])('not: %s', (address) => {
    expect(samePath(address, 'https://news.example/news/the-bridge')).toBe(false);
  });

  it('a slug is the last part of the address', () => {
    expect(samePath('the-bridge', 'https://news.example/news/the-bridge/')).toBe(true);
  });

  it('no address is the same as none', () => {
    expect(samePath('/a', 'nothing')).toBe(false);
  });
});
