/** Who wrote the article: the first source that names anybody. */
import { meta, microdata, type Page } from './article-page.ts';
import { authorNames } from './authors.ts';
import { asList, own, stringOf } from './json-ld.ts';

export function readAuthors(page: Page): { names: string[]; source: string | null } {
  const values = (claims: () => readonly { value: string }[]) => claims().map(({ value }) => value);
  const attempts: readonly (readonly [string, () => readonly string[]])[] = [
    ['json-ld author', () => jsonLdAuthors(page, 'author')],
    ['json-ld creator', () => jsonLdAuthors(page, 'creator')],
    ['meta', () => metaAuthors(page)],
    ['microdata author', () => values(microdata(page, 'author.name', 'author'))],
    ['microdata creator', () => values(microdata(page, 'creator.name', 'creator'))],
    ['byline', () => page.bylines],
  ];
  for (const [source, read] of attempts) {
    const names = authorNames(read());
    if (names.length > 0) return { names, source };
  }
  return { names: [], source: null };
}

/** The first of the names that any meta carries: `author` twice is two authors, `author` and `byl` are not. */
function metaAuthors(page: Page): string[] {
  for (const name of AUTHOR_METAS) {
    const values = meta(page, name)().map((claim) => claim.value);
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
