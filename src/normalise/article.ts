/** What the article says of itself: per field the first source that gives a usable value, in order of trust. */
import type { ArticleMeta } from '../embed.ts';
import { readAuthors } from './article-authors.ts';
import {
  type ArticlePage,
  type Claim,
  jsonLd,
  linkTo,
  meta,
  microdata,
  type Page,
  type Sources,
  times,
} from './article-page.ts';
import { canonicalUrl } from './canonical.ts';
import { asList, own, pageNodes, stringOf } from './json-ld.ts';
import { readLanguage } from './language.ts';
import { ownValues } from './microdata.ts';
import { readMoment } from './moment.ts';
import { plainText } from './plain-text.ts';

export type { ArticlePage } from './article-page.ts';

export function readArticle(found: ArticlePage, pageUrl: string | null): ArticleMeta {
  const page = openPage(found, pageUrl);
  const sources: Record<string, string> = {};
  const first = (field: string, order: Sources, read: (value: string) => string | null) => {
    for (const claims of order) {
      for (const { source, value } of claims()) {
        const usable = read(value);
        if (usable === null) continue;
        sources[field] = source;
        return usable;
      }
    }
    return null;
  };
  const lang = first('lang', languageOf(page), readLanguage);
  const moment = (value: string) => readMoment(value, lang === null ? [] : [lang]);
  const canonical = canonicalUrl(addressClaims(page), pageUrl);
  if (canonical) sources['canonicalUrl'] = canonical.source;
  const authors = readAuthors(page);
  if (authors.source !== null) sources['authors'] = authors.source;
  return {
    canonicalUrl: canonical?.href ?? null,
    title: first('title', titleOf(page), plainText),
    siteName: first('siteName', siteOf(page), plainText),
    publishedAt: first('publishedAt', publishedOf(page), moment),
    modifiedAt: first('modifiedAt', modifiedOf(page), moment),
    authors: authors.names,
    lang,
    sources,
  };
}

/** The page's own node and item: the one that has its address, or its title. */
function openPage(found: ArticlePage, pageUrl: string | null): Page {
  const metas = Map.groupBy(found.meta, ({ name }) => name.trim().toLowerCase());
  const named = (name: string) => (metas.get(name) ?? []).map(({ content }) => content);
  const values = (claims: readonly Claim[]) => claims.map(({ value }) => value);
  const addresses = [
    ...(pageUrl === null ? [] : [pageUrl]),
    ...values(linkTo(found, 'canonical')()),
    ...named('og:url'),
  ];
  const titles = [...named('og:title'), ...(found.title === null ? [] : [found.title])];
  let own: ReturnType<typeof ownValues> | undefined;
  const microdataOf = () => {
    own ??= ownValues(found.microdata.root(), addresses);
    return own;
  };
  return {
    ...found,
    meta: named,
    nodes: pageNodes(found.jsonLd, { addresses, titles }),
    microdata: (prop) => (found.microdata.names(prop.split('.')[0] ?? '') ? microdataOf() : []),
  };
}

const titleTag = (page: Page) => () =>
  page.title === null ? [] : [{ source: 'title', value: page.title }];

/** A node's `name` is often the title for search engines, with the site's name behind it. */
const titleOf = (page: Page): Sources => [
  jsonLd(page, 'headline'),
  meta(page, 'og:title', 'twitter:title', 'dc.title', 'headline'),
  microdata(page, 'headline'),
  jsonLd(page, 'name'),
  titleTag(page),
];

const siteOf = (page: Page): Sources => [
  jsonLdSite(page),
  meta(page, 'og:site_name', 'application-name'),
  microdata(page, 'publisher.name', 'isPartOf.name'),
];

const jsonLdSite = (page: Page) => () =>
  ['publisher', 'isPartOf'].flatMap((key) =>
    asList(own(page.nodes.article, key)).flatMap((value) => {
      const name = stringOf(own(page.nodes.resolve(value), 'name'));
      return name === null ? [] : [{ source: `json-ld ${key}.name`, value: name }];
    }),
  );

const publishedOf = (page: Page): Sources => [
  jsonLd(page, 'datePublished', 'dateCreated'),
  meta(page, ...PUBLISHED),
  microdata(page, 'datePublished', 'dateCreated'),
  times(page, 'datePublished'),
];

const modifiedOf = (page: Page): Sources => [
  jsonLd(page, 'dateModified'),
  meta(page, ...MODIFIED),
  microdata(page, 'dateModified'),
];

const PUBLISHED = [
  'article:published_time',
  'og:article:published_time',
  'article:published',
  'date:published_time',
  'datepublished',
  'parsely-pub-date',
  'sailthru.date',
  'dc.date.issued',
  'dcterms.created',
  'pubdate',
  'publishdate',
  'publish-date',
  'cxenseparse:recs:publishtime',
  'dc.date',
  'date',
];
const MODIFIED = [
  'article:modified_time',
  'og:article:modified_time',
  'article:modified',
  'date:modified_time',
  'datemodified',
  'og:updated_time',
  'dcterms.modified',
  'dc.date.modified',
  'lastmod',
  'last-modified',
];

const languageOf = (page: Page): Sources => [
  jsonLd(page, 'inLanguage'),
  () => (page.htmlLang === null ? [] : [{ source: 'html lang', value: page.htmlLang }]),
  meta(page, 'content-language', 'language', 'dc.language', 'og:locale'),
  microdata(page, 'inLanguage'),
];

/** Each source is asked when those before it gave nothing: microdata costs another pass over the page. */
function* addressClaims(page: Page): Generator<{ source: string; href: string }> {
  const order: Sources = [
    linkTo(page, 'canonical'),
    meta(page, 'og:url'),
    pageOfArticle(page),
    microdata(page, 'mainEntityOfPage', 'url'),
  ];
  for (const claims of order) {
    for (const { source, value } of claims()) yield { source, href: value };
  }
}

const pageOfArticle = (page: Page) => (): Claim[] => {
  const entity = own(page.nodes.article, 'mainEntityOfPage');
  const address = stringOf(entity) ?? stringOf(own(entity, '@id'));
  return address === null
    ? jsonLd(page, 'url')()
    : [{ source: 'json-ld mainEntityOfPage', value: address }];
};
