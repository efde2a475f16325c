import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { articleMetaSchema } from '../../src/embed.ts';
import { type ArticlePage, readArticle } from '../../src/normalise/article.ts';
import type { MicrodataItem } from '../../src/normalise/microdata.ts';

const URL_OF_PAGE = 'https://www.news.example/world/a-story-123';

const EMPTY: ArticlePage = {
  ...{ jsonLd: [], meta: [], links: [], title: null, htmlLang: null },
  ...{ times: [], microdata: itemsOf({ types: [], props: [] }), bylines: [] },
};

/** Microdata that stands in no item. */
function itemsOf(root: MicrodataItem): ArticlePage['microdata'] {
  return { names: () => true, root: () => root };
}

const loose = (name: string, value: string) => itemsOf({ types: [], props: [{ name, value }] });

const read = (page: Partial<ArticlePage>, url: string | null = URL_OF_PAGE) =>
  readArticle({ ...EMPTY, ...page }, url);
const meta = (name: string, content: string) => ({ name, content });
const canonical = (href: string) => ({ links: [{ rel: 'canonical', href }] });

describe('an article', () => {
  it('that says nothing of itself has no fields and no sources', () => {
    expect(read({})).toEqual({
      ...{ canonicalUrl: null, title: null, siteName: null, publishedAt: null, modifiedAt: null },
      ...{ authors: [], lang: null, sources: {} },
    });
  });

  it('is read from its JSON-LD, each field with its source', () => {
    const article = {
      '@context': 'https://schema.org',
      '@type': 'NewsArticle',
      headline: 'A story &amp; <em>more</em>',
      datePublished: '2021-08-28T08:12:50+02:00',
      dateModified: '2021-08-29T10:00:00Z',
      inLanguage: 'de_AT',
      mainEntityOfPage: URL_OF_PAGE,
      author: [{ '@type': 'Person', name: 'Jane Doe' }, 'John Roe'],
      publisher: { '@type': 'Organization', name: 'The Example' },
    };
    expect(read({ jsonLd: [article] })).toEqual({
      canonicalUrl: URL_OF_PAGE,
      title: 'A story & more',
      siteName: 'The Example',
      publishedAt: '2021-08-28T08:12:50+02:00',
      modifiedAt: '2021-08-29T10:00:00Z',
      authors: ['Jane Doe', 'John Roe'],
      lang: 'de-AT',
      sources: {
        canonicalUrl: 'json-ld mainEntityOfPage',
        title: 'json-ld headline',
        siteName: 'json-ld publisher.name',
        publishedAt: 'json-ld datePublished',
        modifiedAt: 'json-ld dateModified',
        authors: 'json-ld author',
        lang: 'json-ld inLanguage',
      },
    });
  });

  it('is found in a graph, its author and publisher by reference', () => {
    const graph = [
      { '@type': 'WebSite', '@id': '#site', name: 'The Example' },
      {
        '@type': ['Article', 'BlogPosting'],
        headline: 'A story',
        author: { '@id': '#jane' },
        publisher: { '@id': '#site' },
      },
      { '@type': 'Person', '@id': '#jane', name: 'Jane Doe' },
    ];
    expect(read({ jsonLd: [{ '@context': 'https://schema.org', '@graph': graph }] })).toMatchObject(
      {
        title: 'A story',
        siteName: 'The Example',
        authors: ['Jane Doe'],
      },
    );
  });

  it('is the one whose address is the page’s, not the first of several', () => {
    const other = {
      '@type': 'NewsArticle',
      headline: 'Another',
      url: 'https://www.news.example/other',
    };
    const mine = {
      '@type': 'NewsArticle',
      headline: 'Mine',
      url: 'https://news.example/world/a-story-123?x=1',
    };
    expect(read({ jsonLd: [[other, mine]] }).title).toBe('Mine');
  });

  it('is, of several without the page’s address, the one that the title names', () => {
    const node = (headline: string) => ({ '@type': 'NewsArticle', headline });
    const jsonLd = [{ '@graph': [node('Another'), node('Mine &amp; yours')] }];
    expect(read({ jsonLd, title: 'Mine & yours | The Example' }).title).toBe('Mine & yours');
    expect(read({ jsonLd, meta: [meta('og:title', 'Mine & yours')] }).title).toBe('Mine & yours');
  });

  it('is the one that the page’s canonical address names', () => {
    const node = (url: string) => ({ '@type': 'NewsArticle', headline: url, url });
    const here = 'https://www.news.example/canonical';
    const page = { jsonLd: [node('https://www.news.example/other'), node(here)] };
    expect(read({ ...page, ...canonical(here) }).title).toBe(here);
  });

  it('is never a mere reference to an article', () => {
    const reference = { '@type': 'NewsArticle', '@id': '#article' };
    const whole = { '@type': 'NewsArticle', '@id': '#article', headline: 'Whole' };
    expect(read({ jsonLd: [reference, whole] }).title).toBe('Whole');
  });

  it('is never a teaser in a list', () => {
    const list = {
      '@type': 'ItemList',
      itemListElement: [{ '@type': 'NewsArticle', headline: 'A teaser' }],
    };
    expect(read({ jsonLd: [list], title: 'The page' }).title).toBe('The page');
  });
});

describe('the order of trust', () => {
  const ld = { '@type': 'Article', datePublished: '2021-01-01T00:00:00Z' };
  const metas = [meta('article:published_time', '2021-02-02T00:00:00Z')];
  const microdata = loose('datePublished', '2021-03-03T00:00:00Z');
  const times = [{ datetime: '2021-04-04T00:00:00Z', itemprop: null, pubdate: false }];

  it.each([
    ['JSON-LD', { jsonLd: [ld], meta: metas, microdata, times }, '2021-01-01T00:00:00Z'],
    ['meta', { meta: metas, microdata, times }, '2021-02-02T00:00:00Z'],
    ['microdata', { microdata, times }, '2021-03-03T00:00:00Z'],
    ['the only time on the page', { times }, '2021-04-04T00:00:00Z'],
  ])('puts %s first', (_, page, publishedAt) => {
    expect(read(page).publishedAt).toBe(publishedAt);
  });

  it('passes over what can’t be read', () => {
    const broken = { '@type': 'Article', datePublished: 'soon', headline: '   ' };
    expect(read({ jsonLd: [broken], meta: [...metas, meta('og:title', 'A story')] })).toMatchObject(
      {
        publishedAt: '2021-02-02T00:00:00Z',
        title: 'A story',
        sources: { publishedAt: 'meta article:published_time', title: 'meta og:title' },
      },
    );
  });

  it('puts a node’s name behind og:title', () => {
    const page = { '@type': 'WebPage', datePublished: '2021-01-01', name: 'A story | The Example' };
    expect(read({ jsonLd: [page], meta: [meta('og:title', 'A story')] }).title).toBe('A story');
    expect(read({ jsonLd: [page] }).title).toBe('A story | The Example');
  });

  it('takes none of several plain times', () => {
    const several = [...times, { datetime: '2021-05-05', itemprop: null, pubdate: false }];
    expect(read({ times: several }).publishedAt).toBeNull();
    expect(
      read({ times: [...several, { datetime: '2021-06-06', itemprop: null, pubdate: true }] })
        .publishedAt,
    ).toBe('2021-06-06');
  });
});

describe('a moment', () => {
  it.each([
    ['2023-11-06T20:03:00.563Z', '2023-11-06T20:03:00.563Z'],
    ['2019-06-20T10:59:05+0200', '2019-06-20T10:59:05+02:00'],
    ['2019-10-18T16:06+02', '2019-10-18T16:06:00+02:00'],
    ['2020-02-20 13:52:51 UTC', '2020-02-20T13:52:51Z'],
    ['Fri Jul 08 2022 00:44:04 GMT+0000 (UTC)', '2022-07-08T00:44:04Z'],
    ['2013-12-30T21:42:01', '2013-12-30'],
    ['2019-10-18 16:06', '2019-10-18'],
    ['2014-12-30', '2014-12-30'],
    ['28. August 2021', '2021-08-28'],
    ['1970-01-01T00:00:00Z', null],
    ['0001-01-01T00:00:00Z', null],
    ['2021-02-30T00:00:00Z', null],
    ['03/04/2020', null],
    ['yesterday', null],
  ])('written %s is %s', (content, expected) => {
    expect(read({ meta: [meta('article:published_time', content)] }).publishedAt).toBe(expected);
  });
});

describe('the canonical address', () => {
  it.each([
    ['https://www.news.example/world/a-story-123', 'https://www.news.example/world/a-story-123'],
    ['/world/a-story-123#top', 'https://www.news.example/world/a-story-123'],
    ['https://m.news.example/world/a-story-123', 'https://m.news.example/world/a-story-123'],
    ['  https://NEWS.example/world/a ', 'https://news.example/world/a'],
    ['https://other.example/world/a-story-123', null],
    ['https://news.example.evil.example/world/a-story-123', null],
    ['https://www.news.example/', null],
    ['https://www.news.example', null],
    ['/', null],
    ['https://www.news.example/index.html', null],
    ['https://www.news.example/en/', null],
    ['javascript:alert(1)', null],
    ['https://user:secret@www.news.example/world/a', null],
    ['http://[', null],
    ['', null],
  ])('%j is %s', (href, expected) => {
    expect(read(canonical(href)).canonicalUrl).toBe(expected);
  });

  it('falls back to og:url where the link is refused', () => {
    const page = {
      ...canonical('https://other.example/x'),
      meta: [meta('og:url', 'https://news.example/x')],
    };
    expect(read(page)).toMatchObject({
      canonicalUrl: 'https://news.example/x',
      sources: { canonicalUrl: 'meta og:url' },
    });
  });

  it('of another user of a shared host is another site', () => {
    expect(
      read(
        canonical('https://two.blogspot.com/2021/a.html'),
        'https://one.blogspot.com/2021/a.html',
      ).canonicalUrl,
    ).toBeNull();
  });

  it('of a home page is the home page', () => {
    expect(
      read(canonical('https://www.news.example/'), 'https://www.news.example/').canonicalUrl,
    ).toBe('https://www.news.example/');
  });

  it('of an AMP page or AMP cache is the publisher’s', () => {
    const href = 'https://www.news.example/world/a-story-123';
    expect(read(canonical(href), 'https://amp.news.example/world/a-story-123').canonicalUrl).toBe(
      href,
    );
    expect(
      read(
        canonical(href),
        'https://www-news-example.cdn.ampproject.org/c/s/www.news.example/amp/a',
      ).canonicalUrl,
    ).toBe(href);
  });

  it('without the page’s address must be absolute', () => {
    expect(read(canonical('/world/a'), null).canonicalUrl).toBeNull();
    expect(read(canonical('https://news.example/world/a'), null).canonicalUrl).toBe(
      'https://news.example/world/a',
    );
    expect(read(canonical('https://news.example/'), null).canonicalUrl).toBeNull();
  });

  it('of a page without a registrable domain needs the same host', () => {
    expect(
      read(canonical('http://127.0.0.1:81/a/b'), 'http://127.0.0.1:80/a/c').canonicalUrl,
    ).toBeNull();
    expect(read(canonical('http://127.0.0.1:81/a/b'), 'http://127.0.0.1:81/a/c').canonicalUrl).toBe(
      'http://127.0.0.1:81/a/b',
    );
  });
});

describe('authors', () => {
  it.each([
    [['Jane Doe'], ['Jane Doe']],
    [['By Jane Doe and John Roe'], ['Jane Doe', 'John Roe']],
    [['Von Jana Müller und Hans Meier'], ['Jana Müller', 'Hans Meier']],
    [
      ['Dana A. Ford, James S.A. Corey, and Tom Watkins'],
      ['Dana A. Ford', 'James S.A. Corey', 'Tom Watkins'],
    ],
    [['Doe, Jane'], ['Doe, Jane']],
    [['Santiago Ramón y Cajal'], ['Santiago Ramón y Cajal']],
    [
      ['Jane Doe', 'jane doe', 'John Roe'],
      ['Jane Doe', 'John Roe'],
    ],
    [['AFP; dpa'], ['AFP', 'dpa']],
    [
      ['Jane &amp; John', 'O&#39;Neil'],
      ['Jane', 'John', "O'Neil"],
    ],
    [['https://www.facebook.com/example', 'jane@news.example', 'admin', '  '], []],
    [['<style', '<img src="x" alt="Jane', '{{author}}', 'a=b'], []],
  ])('%j are %j', (values, expected) => {
    expect(read({ meta: values.map((value) => meta('author', value)) }).authors).toEqual(expected);
  });

  it('come from the first source that has any', () => {
    const page = {
      meta: [meta('author', 'https://news.example/jane'), meta('article:author', 'Jane Doe')],
      bylines: ['By Somebody Else'],
    };
    expect(read(page)).toMatchObject({ authors: ['Jane Doe'], sources: { authors: 'meta' } });
    expect(read({ bylines: ['By Somebody Else'] }).authors).toEqual(['Somebody Else']);
  });
});

describe('the language', () => {
  it.each([
    ['en', 'en'],
    ['EN-us', 'en-US'],
    ['de_AT', 'de-AT'],
    ['zh-hant-tw', 'zh-Hant-TW'],
    ['x', null],
    ['english', null],
    ['und', null],
    ['', null],
  ])('%j is %s', (htmlLang, lang) => {
    expect(read({ htmlLang }).lang).toBe(lang);
  });

  it('of the document is trusted before og:locale, which plugins leave at en_US', () => {
    expect(read({ htmlLang: 'de', meta: [meta('og:locale', 'en_US')] }).lang).toBe('de');
  });
});

describe('what strangers put there', () => {
  it('is not taken for the article’s own properties', () => {
    const polluted = JSON.parse(
      '{"__proto__": {"headline": "Evil", "@type": "Article"}, "constructor": {"name": "Evil"}}',
    );
    const article = JSON.parse(
      '{"@type": "Article", "author": {"__proto__": {"name": "Evil"}}, "headline": "Good"}',
    );
    const found = read({ jsonLd: [polluted, article] });
    expect(found.title).toBe('Good');
    expect(found.authors).toEqual([]);
    expect(({} as Record<string, unknown>)['headline']).toBeUndefined();
  });

  it('of wrong types is passed over', () => {
    const broken = {
      '@type': 'Article',
      headline: 42,
      datePublished: { a: 1 },
      author: [null, 7, { name: ['A B', 3] }],
      publisher: 'x',
      inLanguage: [null],
      mainEntityOfPage: [],
    };
    expect(read({ jsonLd: [null, 1, 'x', [], broken] })).toMatchObject({
      title: null,
      publishedAt: null,
      authors: ['A B'],
    });
  });

  it('may be deep, cyclic by id and large, and is answered at once', () => {
    let deep: unknown = { '@type': 'Article', headline: 'Deep' };
    for (let i = 0; i < 1000; i += 1) deep = { '@graph': [deep] };
    const loop = {
      '@type': 'Article',
      '@id': '#a',
      headline: 'Loop',
      author: { '@id': '#b' },
      publisher: { '@id': '#a' },
    };
    const many = Array.from({ length: 50_000 }, (_, i) => ({ '@id': `#${i}` }));
    expect(read({ jsonLd: [deep, loop, many] }).title).toBe('Loop');
  });

  it('always gives a record of the right shape', () => {
    const strings = fc.array(fc.string({ maxLength: 40 }), { maxLength: 4 });
    const page = fc.record({
      jsonLd: fc.array(
        fc.oneof(
          fc.jsonValue(),
          fc
            .jsonValue()
            .map((value) => ({ '@type': 'Article', author: value, headline: value, url: value })),
        ),
      ),
      meta: fc.array(
        fc.record({
          name: fc.constantFrom('og:url', 'author', 'date', 'og:title', '__proto__'),
          content: fc.string(),
        }),
      ),
      links: fc.array(
        fc.record({
          rel: fc.constantFrom('canonical', 'CANONICAL alternate', ''),
          href: fc.oneof(fc.webUrl(), fc.string()),
        }),
      ),
      title: fc.option(fc.string()),
      htmlLang: fc.option(fc.string({ maxLength: 8 })),
      times: fc.array(
        fc.record({
          datetime: fc.string(),
          itemprop: fc.option(fc.string()),
          pubdate: fc.boolean(),
        }),
      ),
      microdata: fc
        .array(fc.record({ name: fc.constantFrom('headline', 'author', 'x'), value: fc.string() }))
        .map((props) => itemsOf({ types: [], props })),
      bylines: strings,
    });
    fc.assert(
      fc.property(page, fc.option(fc.oneof(fc.webUrl(), fc.string())), (given, url) => {
        articleMetaSchema.parse(readArticle(given, url));
      }),
      { numRuns: 1000 },
    );
  });
});
