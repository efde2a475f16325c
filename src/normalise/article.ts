/** What the article says of itself: per field the first source that gives a usable value, in order of trust. */
import type { ArticleMeta } from '../embed.ts';
import { authorNames } from './authors.ts';
import { canonicalUrl } from './canonical.ts';
import { asList, own, type PageNodes, pageNodes, stringOf } from './json-ld.ts';
import { readLanguage } from './language.ts';
import { readMoment } from './moment.ts';
import { plainText } from './plain-text.ts';

/** What the engine finds on the page; the values are the page's, of any length and shape. */
export interface ArticlePage {
  /** Each script's parsed JSON. */
  readonly jsonLd: readonly unknown[];
  /** `name` is the `name`, `property`, `itemprop` or `http-equiv`. */
  readonly meta: readonly { readonly name: string; readonly content: string }[];
  readonly links: readonly { readonly rel: string; readonly href: string }[];
  readonly title: string | null;
  readonly htmlLang: string | null;
  readonly times: readonly {
    readonly datetime: string;
    readonly itemprop: string | null;
    readonly pubdate: boolean;
  }[];
  readonly microdata: readonly { readonly prop: string; readonly value: string }[];
  readonly bylines: readonly string[];
}

interface Claim {
  readonly source: string;
  readonly value: string;
}

type Page = ArticlePage & { readonly nodes: PageNodes };

export function readArticle(page: ArticlePage, pageUrl: string | null): ArticleMeta {
  const named = page.meta.map(({ name, content }) => ({
    name: name.trim().toLowerCase(),
    content,
  }));
  const all: Page = { ...page, meta: named, nodes: pageNodes(page.jsonLd, pageUrl) };
  const sources: Record<string, string> = {};
  const first = (
    field: string,
    claims: readonly Claim[],
    read: (value: string) => string | null,
  ) => {
    for (const claim of claims) {
      const value = read(claim.value);
      if (value === null) continue;
      sources[field] = claim.source;
      return value;
    }
    return null;
  };
  const lang = first('lang', languageClaims(all), readLanguage);
  const moment = (value: string) => readMoment(value, lang === null ? [] : [lang]);
  const canonical = canonicalUrl(addressClaims(all), pageUrl);
  if (canonical) sources['canonicalUrl'] = canonical.source;
  const authors = readAuthors(all);
  if (authors.source !== null) sources['authors'] = authors.source;
  return {
    canonicalUrl: canonical?.href ?? null,
    title: first('title', titleClaims(all), plainText),
    siteName: first('siteName', siteClaims(all), plainText),
    publishedAt: first('publishedAt', publishedClaims(all), moment),
    modifiedAt: first('modifiedAt', modifiedClaims(all), moment),
    authors: authors.names,
    lang,
    sources,
  };
}

/** Strings under the keys of the article's JSON-LD node. */
function jsonLd(page: Page, ...keys: string[]): Claim[] {
  return keys.flatMap((key) =>
    asList(own(page.nodes.article, key))
      .map(stringOf)
      .filter((value) => value !== null)
      .map((value) => ({ source: `json-ld ${key}`, value })),
  );
}

/** In the order of the names, not of the page. */
function meta(page: Page, ...names: string[]): Claim[] {
  return names.flatMap((name) =>
    page.meta
      .filter((entry) => entry.name === name)
      .map((entry) => ({ source: `meta ${name}`, value: entry.content })),
  );
}

function microdata(page: Page, ...props: string[]): Claim[] {
  return props.flatMap((prop) =>
    page.microdata
      .filter((item) => item.prop === prop)
      .map((item) => ({ source: `microdata ${prop}`, value: item.value })),
  );
}

const titleTag = (page: Page): Claim[] =>
  page.title === null ? [] : [{ source: 'title', value: page.title }];

/** A node's `name` is often the title for search engines, with the site's name behind it. */
const titleClaims = (page: Page) => [
  ...jsonLd(page, 'headline'),
  ...meta(page, 'og:title', 'twitter:title', 'dc.title', 'headline'),
  ...microdata(page, 'headline'),
  ...jsonLd(page, 'name'),
  ...titleTag(page),
];

function siteClaims(page: Page): Claim[] {
  const article = page.nodes.article;
  const named = ['publisher', 'isPartOf'].flatMap((key) =>
    asList(own(article, key)).map((value) => ({
      key,
      name: stringOf(own(page.nodes.resolve(value), 'name')),
    })),
  );
  const claims = named.flatMap(({ key, name }) =>
    name === null ? [] : [{ source: `json-ld ${key}.name`, value: name }],
  );
  return [...claims, ...meta(page, 'og:site_name', 'application-name')];
}

const publishedClaims = (page: Page) => [
  ...jsonLd(page, 'datePublished', 'dateCreated'),
  ...meta(page, ...PUBLISHED),
  ...microdata(page, 'datePublished', 'dateCreated'),
  ...times(page, 'datePublished'),
];

const modifiedClaims = (page: Page) => [
  ...jsonLd(page, 'dateModified'),
  ...meta(page, ...MODIFIED),
  ...microdata(page, 'dateModified'),
  ...times(page, 'dateModified'),
];

const PUBLISHED = [
  ...[
    'article:published_time',
    'og:article:published_time',
    'article:published',
    'date:published_time',
  ],
  ...[
    'datepublished',
    'parsely-pub-date',
    'sailthru.date',
    'dc.date.issued',
    'dcterms.created',
    'pubdate',
  ],
  ...['publishdate', 'publish-date', 'cxenseparse:recs:publishtime', 'dc.date', 'date'],
];
const MODIFIED = [
  ...[
    'article:modified_time',
    'og:article:modified_time',
    'article:modified',
    'date:modified_time',
  ],
  ...[
    'datemodified',
    'og:updated_time',
    'dcterms.modified',
    'dc.date.modified',
    'lastmod',
    'last-modified',
  ],
];

/** `time` elements that name the field; for publication also `pubdate`, or the only moment on the page. */
function times(page: Page, field: string): Claim[] {
  const claims = page.times
    .filter((time) => time.itemprop === field || (field === 'datePublished' && time.pubdate))
    .map((time) => ({ source: `time ${time.itemprop ?? 'pubdate'}`, value: time.datetime }));
  const [only, ...others] = new Set(page.times.map((time) => time.datetime));
  const alone = field === 'datePublished' && only !== undefined && others.length === 0;
  return alone ? [...claims, { source: 'time', value: only }] : claims;
}

const languageClaims = (page: Page): Claim[] => [
  ...jsonLd(page, 'inLanguage'),
  ...(page.htmlLang === null ? [] : [{ source: 'html lang', value: page.htmlLang }]),
  ...meta(page, 'content-language', 'language', 'dc.language', 'og:locale'),
  ...microdata(page, 'inLanguage'),
];

/** `rel` holds several words. */
function addressClaims(page: Page) {
  const links = page.links
    .filter((link) => link.rel.toLowerCase().split(SPACES).includes('canonical'))
    .map((link) => ({ source: 'link canonical', href: link.href }));
  const others = [...meta(page, 'og:url'), ...pageOfArticle(page)];
  return [...links, ...others.map(({ source, value }) => ({ source, href: value }))];
}

const SPACES = /\s+/;

function pageOfArticle(page: Page): Claim[] {
  const entity = own(page.nodes.article, 'mainEntityOfPage');
  const address = stringOf(entity) ?? stringOf(own(entity, '@id'));
  return address === null
    ? jsonLd(page, 'url')
    : [{ source: 'json-ld mainEntityOfPage', value: address }];
}

function readAuthors(page: Page): { names: string[]; source: string | null } {
  const attempts: readonly (readonly [string, readonly string[]])[] = [
    ['json-ld author', jsonLdAuthors(page, 'author')],
    ['json-ld creator', jsonLdAuthors(page, 'creator')],
    ['meta', metaAuthors(page)],
    ['microdata author', microdata(page, 'author', 'author.name').map((claim) => claim.value)],
    ['byline', page.bylines],
  ];
  for (const [source, values] of attempts) {
    const names = authorNames(values);
    if (names.length > 0) return { names, source };
  }
  return { names: [], source: null };
}

/** The first of the names that any meta carries: `author` twice is two authors, `author` and `byl` are not. */
function metaAuthors(page: Page): string[] {
  for (const name of AUTHOR_METAS) {
    const values = meta(page, name).map((claim) => claim.value);
    if (authorNames(values).length > 0) return values;
  }
  return [];
}

const AUTHOR_METAS = [
  'author',
  'article:author',
  'parsely-author',
  'sailthru.author',
  'dc.creator',
  'dcterms.creator',
  'byl',
];

/** Strings, objects with a name, references into the graph, and lists of them. */
function jsonLdAuthors(page: Page, key: string): string[] {
  return asList(own(page.nodes.article, key)).flatMap((value) => {
    if (typeof value === 'string') return [value];
    return asList(own(page.nodes.resolve(value), 'name'))
      .map(stringOf)
      .filter((name) => name !== null);
  });
}
