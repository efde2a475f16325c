/** What the engine finds on a page about its article, and the claims that each source makes about a field. */
import { asList, own, type PageNodes, stringOf } from './json-ld.ts';
import type { MicrodataItem, MicrodataValue } from './microdata.ts';

/** The values are the page's, of any length and shape. */
export interface ArticlePage {
  /** Each script's parsed JSON. */
  readonly jsonLd: readonly unknown[];
  /** `name` is the `name`, `property` or `http-equiv`. */
  readonly meta: readonly { readonly name: string; readonly content: string }[];
  readonly links: readonly { readonly rel: string; readonly href: string }[];
  readonly title: string | null;
  readonly htmlLang: string | null;
  readonly times: readonly {
    readonly datetime: string;
    readonly itemprop: string | null;
    readonly pubdate: boolean;
  }[];
  /** Read only where a field is open that the page names. */
  readonly microdata: {
    readonly names: (prop: string) => boolean;
    readonly root: () => MicrodataItem;
  };
  readonly bylines: readonly string[];
}

export interface Claim {
  readonly source: string;
  readonly value: string;
}

export interface Page extends Omit<ArticlePage, 'microdata' | 'meta'> {
  /** The contents under a name, which is given in lower case. */
  readonly meta: (name: string) => readonly string[];
  readonly nodes: PageNodes;
  /** Of the page's own article. */
  readonly microdata: (prop: string) => readonly MicrodataValue[];
}

/** In order of trust; a source is asked only where those before it had nothing usable. */
export type Sources = readonly (() => readonly Claim[])[];

/** Strings under the keys of the article's JSON-LD node. */
export const jsonLd =
  (page: Page, ...keys: string[]) =>
  (): Claim[] =>
    keys.flatMap((key) =>
      asList(own(page.nodes.article, key))
        .map(stringOf)
        .filter((value) => value !== null)
        .map((value) => ({ source: `json-ld ${key}`, value })),
    );

/** In the order of the names, not of the page. */
export const meta =
  (page: Page, ...names: string[]) =>
  (): Claim[] =>
    names.flatMap((name) => page.meta(name).map((value) => ({ source: `meta ${name}`, value })));

export const microdata =
  (page: Page, ...props: string[]) =>
  (): Claim[] =>
    props.flatMap((prop) =>
      page
        .microdata(prop)
        .filter((item) => item.prop === prop)
        .map((item) => ({ source: `microdata ${prop}`, value: item.value })),
    );

/** `time` elements that name the field; for publication also `pubdate`, or the only moment on the page. */
export const times = (page: Page, field: string) => (): Claim[] => {
  const claims = page.times
    .filter((time) => field === 'datePublished' && time.pubdate)
    .map((time) => ({ source: 'time pubdate', value: time.datetime }));
  const [only, ...others] = new Set(page.times.map((time) => time.datetime));
  const named = page.times.some((time) => time.itemprop !== null && time.itemprop !== field);
  const alone = field === 'datePublished' && only !== undefined && others.length === 0 && !named;
  return alone ? [...claims, { source: 'time', value: only }] : claims;
};

/** `rel` holds several words. */
export const linkTo = (page: Pick<Page, 'links'>, rel: string) => (): Claim[] =>
  page.links
    .filter((link) => link.rel.toLowerCase().split(SPACES).includes(rel))
    .map((link) => ({ source: `link ${rel}`, value: link.href }));

const SPACES = /\s+/;
