/** What an article says of itself in microdata: on any element, by text or attribute, in nested items; and whose it is. */
import { describe, expect, it } from 'vitest';
import { extract } from '../../src/extract/index.ts';

const URL_OF_PAGE = 'https://news.example/world/a-story-123';
const read = (body: string, head = '') =>
  extract(Buffer.from(`<!doctype html><html><head>${head}</head><body>${body}</body></html>`), {
    url: URL_OF_PAGE,
  }).article;
const scope = (type: string, inner: string, more = ''): string =>
  `<div itemscope itemtype="https://schema.org/${type}"${more}>${inner}</div>`;

describe('microdata', () => {
  it('is read from text, content, datetime and href, with nested items', () => {
    const article = scope(
      'NewsArticle',
      `<link itemprop="mainEntityOfPage" href="${URL_OF_PAGE}">
       <h1 itemprop="headline">Storm <em>breaks</em>
         the boats</h1>
       <p>By <span itemprop="author" itemscope itemtype="https://schema.org/Person"><a itemprop="url" href="/jane"><span itemprop="name">Jane Doe</span></a></span>
        and <span itemprop="author" itemscope itemtype="https://schema.org/Person"><span itemprop="name">John Roe</span></span></p>
       <span itemprop="datePublished" content="2021-08-28T08:12:50+02:00">28 August</span>
       <time itemprop="dateModified" datetime="2021-08-29T10:00:00Z">yesterday</time>
       <span itemprop="publisher" itemscope><meta itemprop="name" content="The Example"></span>
       <meta itemprop="inLanguage" content="en-GB">`,
    );
    expect(read(article)).toEqual({
      canonicalUrl: URL_OF_PAGE,
      title: 'Storm breaks the boats',
      siteName: 'The Example',
      publishedAt: '2021-08-28T08:12:50+02:00',
      modifiedAt: '2021-08-29T10:00:00Z',
      authors: ['Jane Doe', 'John Roe'],
      lang: 'en-GB',
      sources: {
        canonicalUrl: 'microdata mainEntityOfPage',
        title: 'microdata headline',
        siteName: 'microdata publisher.name',
        publishedAt: 'microdata datePublished',
        modifiedAt: 'microdata dateModified',
        authors: 'microdata author',
        lang: 'microdata inLanguage',
      },
    });
  });

  it.each([
    ['a link', '<a itemprop="author" href="/jane">Jane Doe</a>'],
    ['plain text', '<span itemprop="author">By Jane Doe</span>'],
    ['a meta', '<meta itemprop="author" content="Jane Doe">'],
    ['two properties at once', '<span itemprop="creator author">Jane Doe</span>'],
  ])('names an author by %s', (_, author) => {
    expect(read(scope('Article', author)).authors).toEqual(['Jane Doe']);
  });

  it('is the date’s text where no attribute says it', () => {
    expect(read(scope('Article', '<b itemprop="datePublished">August 28, 2021</b>'))).toMatchObject(
      {
        publishedAt: '2021-08-28',
        sources: { publishedAt: 'microdata datePublished' },
      },
    );
  });

  it('comes behind JSON-LD and meta, before a bare time', () => {
    const date = (day: number): string => `2021-08-0${day}T00:00:00Z`;
    const item = scope('Article', `<i itemprop="datePublished" content="${date(3)}"></i>`);
    const time = `<time datetime="${date(4)}">4</time>`;
    const meta = `<meta property="article:published_time" content="${date(2)}">`;
    const ld = `<script type="application/ld+json">{"@type":"Article","datePublished":"${date(1)}"}</script>`;
    expect(read(item + time, meta + ld).publishedAt).toBe(date(1));
    expect(read(item + time, meta).publishedAt).toBe(date(2));
    expect(read(item + time).publishedAt).toBe(date(3));
    expect(read(time).publishedAt).toBe(date(4));
  });

  it('of a page that holds the article is looked through', () => {
    const article = scope('Article', '<h1 itemprop="headline">A story</h1>');
    expect(read(scope('WebPage', article)).title).toBe('A story');
    const entity = scope(
      'Article',
      '<h1 itemprop="headline">A story</h1>',
      ' itemprop="mainEntity"',
    );
    expect(read(scope('WebPage', entity)).title).toBe('A story');
  });
});

describe('microdata of others', () => {
  it('in a comment is not the article’s', () => {
    const comment = scope(
      'Comment',
      '<b itemprop="author">A Reader</b><time itemprop="datePublished" datetime="2022-01-01">x</time>',
      ' itemprop="comment"',
    );
    const found = read(scope('Article', `<h1 itemprop="headline">A story</h1>${comment}`));
    expect(found).toMatchObject({ title: 'A story', authors: [], modifiedAt: null });
  });

  it('in teasers is none of the page’s, whichever comes first', () => {
    const teaser = (n: number): string =>
      scope(
        'Article',
        `<a itemprop="url" href="/t/${n}"></a><b itemprop="headline">Teaser ${n}</b>`,
      );
    const mine = scope(
      'Article',
      `<link itemprop="url" href="${URL_OF_PAGE}?utm=1"><h1 itemprop="headline">Mine</h1>`,
    );
    const body = scope(
      'Article',
      '<h1 itemprop="headline">Mine</h1><p itemprop="articleBody">x</p>',
    );
    expect(read(teaser(1) + mine + teaser(2)).title).toBe('Mine');
    expect(read(teaser(1) + body + teaser(2)).title).toBe('Mine');
    expect(read(teaser(1) + teaser(2)).title).toBeNull();
  });

  it('that stands in no item counts where it is said once', () => {
    const date = '<meta itemprop="datePublished" content="2021-08-28">';
    expect(read('', date).publishedAt).toBe('2021-08-28');
    expect(read('<b itemprop="author">A B</b><b itemprop="author">C D</b>').authors).toEqual([]);
  });

  it('of any depth, number and shape is answered', () => {
    const deep = '<div itemscope itemprop="author">'.repeat(50_000);
    const many = scope('Article', '<b itemprop="author">A B</b>').repeat(5000);
    const open = `<div itemscope itemprop="headline" ${'itemprop=x '.repeat(2000)}>`;
    expect(read(deep).title).toBeNull();
    expect(read(many).title).toBeNull();
    expect(read(open + deep + many).title).toBeNull();
  });
});
