/** The page's own article among its microdata, as paths and values: `headline`, `author.name`. */
import { ARTICLE_TYPE, samePage } from './json-ld.ts';

/** An element with `itemscope`. */
export interface MicrodataItem {
  readonly types: readonly string[];
  readonly props: readonly {
    readonly name: string;
    readonly value: string | MicrodataItem;
  }[];
}

export interface MicrodataValue {
  readonly prop: string;
  readonly value: string;
}

const MAX_VALUES = 500;
const NAMED = ['author', 'creator', 'publisher', 'isPartOf'];
const ADDRESSES = ['url', 'mainEntityOfPage'];

/** The root is what stands in no item: `<meta itemprop="datePublished">` in the head. */
export function ownValues(root: MicrodataItem, addresses: readonly string[]): MicrodataValue[] {
  const loose = onlyOnes(flat(root));
  const item = ownItem(articlesIn(root), addresses);
  return item ? [...flat(item), ...loose] : loose;
}

/** In no item, a property that has several values is several articles'. */
const onlyOnes = (values: readonly MicrodataValue[]): MicrodataValue[] =>
  values.filter(({ prop, value }) =>
    values.every((other) => other.prop !== prop || other.value === value),
  );

/** Articles, also those that stand in a page's item; what stands in an article's is a comment or a teaser. */
function articlesIn(item: MicrodataItem, depth = 0): MicrodataItem[] {
  const inner = item.props.flatMap(({ name, value }) =>
    typeof value !== 'string' && HOLDS.has(name) ? [value] : [],
  );
  return inner.flatMap((each) => {
    if (each.types.some((type) => ARTICLE_TYPE.test(type))) return [each];
    return depth < MAX_DEPTH ? articlesIn(each, depth + 1) : [];
  });
}

/** An item without a name stands in the other's element only. */
const HOLDS = new Set(['', 'mainEntity']);
const MAX_DEPTH = 3;

/** The one whose address is the page's; of several without one the only that has a body; never just the first. */
function ownItem(
  items: readonly MicrodataItem[],
  addresses: readonly string[],
): MicrodataItem | null {
  const named = items.find((item) =>
    item.props.some(
      ({ name, value }) =>
        ADDRESSES.includes(name) &&
        typeof value === 'string' &&
        addresses.some((address) => samePage(value, address)),
    ),
  );
  if (named) return named;
  const [only, ...others] = items;
  if (others.length === 0) return only ?? null;
  const [withBody, ...more] = items.filter((item) =>
    item.props.some(({ name }) => name === 'articleBody'),
  );
  return more.length === 0 ? (withBody ?? null) : null;
}

function flat(item: MicrodataItem): MicrodataValue[] {
  const values = item.props.flatMap(({ name, value }): MicrodataValue[] => {
    if (name === '') return [];
    if (typeof value === 'string') return [{ prop: name, value }];
    if (!NAMED.includes(name)) return [];
    return value.props.flatMap((inner) =>
      inner.name === 'name' && typeof inner.value === 'string'
        ? [{ prop: `${name}.name`, value: inner.value }]
        : [],
    );
  });
  return values.slice(0, MAX_VALUES);
}
