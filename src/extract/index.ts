/** The pure engine: bytes in, embeds out. */
import type { Extraction, ExtractOptions } from '../embed.ts';

export const PARSER_VERSION = '1';

export function extract(_bytes: Uint8Array, options: ExtractOptions = {}): Extraction {
  return {
    url: options.url ?? null,
    parser: PARSER_VERSION,
    charset: 'utf-8',
    article: {
      canonicalUrl: null,
      title: null,
      siteName: null,
      publishedAt: null,
      modifiedAt: null,
      authors: [],
      lang: null,
    },
    embeds: [],
    suspected: [],
    truncated: null,
  };
}
