/**
 * One pass over the bytes for the markers of all networks at once, so that a page without any is let through for about
 * the cost of reading it. The same pass finds what the article says of itself.
 */
import { ABOUT, ENCODED_MARKUP, type Hits, hitsOf, MICRODATA, SIGNED } from './hits.ts';
import type { Network } from './network.ts';
import { compileTable, MAX_HITS, type Pattern, search } from './pattern-search.ts';

/** Hosts this short also end other hosts (`netflix.com`): what stands before must not be part of a name. */
const SHORT_HOST = 8;
const SIGNATURE = /@\s?[\w.]{1,30}\s?\)/;
/** What `about` is made of. */
const ABOUT_THE_PAGE = [
  '<meta',
  '<link',
  '<title',
  '<time',
  '<html',
  'ld+json',
  'rel=author',
  'rel="author',
  "rel='author",
];

/** What markup of posts holds, looked for in base64 at its three alignments. */
const ENCODED = [
  'blockquote',
  '<iframe',
  'https:/',
  'data-tweet',
  'data-video',
  '<script ',
  '<amp-',
];

/** `bytes` are the characters of `text` below U+0100; without them they are made. */
export type FindHits = (text: string, bytes?: Uint8Array) => Hits;

export function compileMarkers(networks: readonly Network[]): FindHits {
  const patterns: Pattern[] = [];
  const expressions: Expression[] = [];
  networks.forEach((network, index) => {
    for (const marker of network.markers) {
      if (typeof marker === 'string') patterns.push(...literals(marker, index));
      else {
        const each = expression(marker, index);
        if (each.prefix.length >= LEAST)
          patterns.push(...literals(each.prefix, VERIFIED + expressions.length));
        expressions.push(each);
      }
    }
  });
  for (const word of ENCODED) patterns.push(...encoded(word));
  for (const word of ABOUT_THE_PAGE) patterns.push(...literals(word, ABOUT));
  for (const word of ['itemprop', 'itemscope']) patterns.push(...literals(word, MICRODATA));
  expressions.push(expression(SIGNATURE, SIGNED));
  const table = compileTable(patterns);
  const byPrefix = Map.groupBy(
    expressions.filter((each) => each.prefix.length < LEAST),
    (each) => each.prefix,
  );
  return (text, bytes = Buffer.from(text, 'latin1')) => {
    const found: number[] = [];
    search(bytes, table, found);
    verify(text, expressions, found);
    for (const [prefix, group] of byPrefix) searchExpressions(text, { prefix, group }, found);
    return hitsOf(found);
  };
}

/** Added to the index of an expression whose literal beginning is searched with the rest. */
const VERIFIED = 1000;

interface Expression {
  readonly source: RegExp;
  /** The literal characters every match begins with. */
  readonly prefix: string;
  readonly network: number;
}

const LITERAL_PREFIX = /^(?:[\w@% -](?![*+?{|]))+/;
const ALTERNATIVE = /^(?:[^()|]|\([^()]*(?:\([^()]*\)[^()]*)*\))*\|/;

function expression(marker: RegExp, network: number): Expression {
  const prefix = ALTERNATIVE.test(marker.source)
    ? ''
    : (LITERAL_PREFIX.exec(marker.source)?.[0] ?? '');
  return { source: new RegExp(marker.source, prefix === '' ? 'g' : 'y'), prefix, network };
}

/** Keeps of the places where an expression's literal beginning stands those where all of it does. */
function verify(text: string, expressions: readonly Expression[], found: number[]): void {
  let kept = 0;
  for (let i = 0; i < found.length; i += 2) {
    const at = found[i] ?? 0;
    let network = found[i + 1] ?? 0;
    const each = network >= VERIFIED ? expressions[network - VERIFIED] : undefined;
    if (each) {
      each.source.lastIndex = at;
      if (!each.source.test(text)) continue;
      network = each.network;
    }
    found[kept++] = at;
    found[kept++] = network;
  }
  found.length = kept;
}

/** Expressions with the same literal beginning are tried wherever it stands, in one search. */
function searchExpressions(
  text: string,
  { prefix, group }: { readonly prefix: string; readonly group: readonly Expression[] },
  found: number[],
): void {
  if (prefix === '') {
    for (const each of group) searchAnywhere(text, each, found);
    return;
  }
  for (let at = text.indexOf(prefix); at >= 0; at = text.indexOf(prefix, at + 1)) {
    for (const { source, network } of group) {
      source.lastIndex = at;
      if (source.test(text)) found.push(at, network);
    }
    if (found.length > 2 * MAX_HITS) return;
  }
}

function searchAnywhere(text: string, { source, network }: Expression, found: number[]): void {
  for (const match of text.matchAll(source)) {
    if (found.length > 2 * MAX_HITS) return;
    found.push(match.index, network);
  }
}

/** A window this wide or wider makes the jumps long. */
const LEAST = 5;

/** A shorter host is told by what follows it: a path, in any escaping. */
function literals(marker: string, network: number): Pattern[] {
  const spellings =
    marker.length < LEAST && marker.includes('.')
      ? ['/', '\\', '%'].map((next) => marker + next)
      : [marker];
  const bounded = marker.includes('.') && marker.length < SHORT_HOST;
  return spellings.map((spelling) => ({
    bytes: Buffer.from(spelling.toLowerCase(), 'latin1'),
    network,
    exact: false,
    bounded,
  }));
}

/** The letters of base64 that depend on nothing but `word`, for each of its three alignments. */
function encoded(word: string): Pattern[] {
  return [0, 1, 2].map((shift) => {
    const text = Buffer.from('\0'.repeat(shift) + word, 'latin1').toString('base64');
    const from = Math.ceil((shift * 8) / 6);
    const to = Math.floor(((shift + word.length) * 8) / 6);
    return {
      bytes: Buffer.from(text.slice(from, to), 'latin1'),
      network: ENCODED_MARKUP,
      exact: true,
      bounded: false,
    };
  });
}
