/** The pure engine: bytes in, embeds out. Never throws on any bytes; the same bytes always give the same answer. */
import type { ArticleMeta, Extraction, ExtractOptions, Span } from '../embed.ts';
import { networks } from '../networks/index.ts';
import { readArticle } from '../normalise/article.ts';
import { addressReader } from './address.ts';
import { articlePage } from './article-page.ts';
import { assemble } from './assemble.ts';
import { readComponents } from './flight-components.ts';
import type { Hits } from './hits.ts';
import { compileMarkers } from './markers.ts';
import { groupCopies } from './merge.ts';
import { microdataOf } from './microdata.ts';
import { readHits } from './page.ts';
import { isPlainText, readPlainText } from './plain.ts';
import { readHtmlResidue } from './residue.ts';
import { Budget, type Run } from './run.ts';
import { openSource, type Source } from './source.ts';
import { stillMissing } from './suspicion.ts';
import { rootView, type View } from './view.ts';

/** Raised whenever the same bytes may be read otherwise than before: `embedkeep reparse` goes by it. */
export const PARSER_VERSION = '6';

const find = compileMarkers(networks);

export function extract(bytes: Uint8Array, options: ExtractOptions = {}): Extraction {
  const source = openSource(bytes, options.charset ?? null);
  const url = options.url ?? null;
  const hits = find(source.latin, source.bytes);
  const root = rootView(source);
  const microdata = microdataOf(root, hits.microdata);
  const about = (places: Int32Array): ArticleMeta =>
    readArticle(articlePage(source, { about: places, microdata }), url);
  const declared = about(hits.about);
  const run = openRun(source, declared, url);
  if (options.plainText ?? isPlainText(source.latin)) readPlainText(run);
  else readMarkup(run, root, hits);
  const article = withoutPostTimes(declared, { run, places: hits.about, about });
  const around = { article, capturedAt: options.capturedAt ?? null };
  const embeds = groupCopies(run.claims.filter(({ role }) => role !== 'outside')).map((copies) =>
    assemble(copies, around),
  );
  return {
    url,
    parser: PARSER_VERSION,
    charset: source.charset,
    article,
    embeds: embeds.map((embed) => inOriginal(embed, source)),
    suspected: stillMissing(run),
    truncated: run.budget.truncated,
  };
}

/** A bare `time` inside a post is the post's, not the article's. */
function withoutPostTimes(
  declared: ArticleMeta,
  { run, places, about }: { run: Run; places: Int32Array; about: (at: Int32Array) => ArticleMeta },
): ArticleMeta {
  const from = declared.sources?.['publishedAt'];
  if (run.claims.length === 0 || (from !== undefined && from !== 'time')) return declared;
  const outside = places.filter(
    (at) => !run.claims.some(({ evidence }) => at >= evidence.start && at < evidence.end),
  );
  return outside.length === places.length ? declared : about(outside);
}

function readMarkup(run: Run, root: View, hits: Hits): void {
  readHits(run, root, hits);
  readComponents(run, root);
  if (hits.signed.length > 0) readHtmlResidue(run, root, hits.signed);
}

function openRun(source: Source, article: ArticleMeta, url: string | null): Run {
  return {
    source,
    networks,
    find,
    claimAddress: addressReader(networks, article.canonicalUrl ?? url),
    self: { url, canonicalUrl: article.canonicalUrl, title: article.title },
    budget: new Budget(source.bytes.length),
    claims: [],
    suspected: [],
    components: [],
  };
}

type Placed = Extraction['embeds'][number];

/** Offsets led back to the bytes as given, for charsets that were carried over. */
function inOriginal(embed: Placed, source: Source): Placed {
  const back = <T extends Span>(span: T): T => ({
    ...span,
    start: source.original(span.start),
    end: source.original(span.end),
  });
  const sources = Object.fromEntries(
    Object.entries(embed.sources).map(([field, from]) => [
      field,
      from.start === null || from.end === null
        ? from
        : { ...from, ...back({ start: from.start, end: from.end }) },
    ]),
  );
  return { ...embed, evidence: embed.evidence && back(embed.evidence), sources };
}
