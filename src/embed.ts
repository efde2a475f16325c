/**
 * What comes out of extraction: the record every reader of embedkeep sees.
 * Field by field this is the contract of `embedkeep extract --jsonl`; docs/EXTRACTION.md explains the forms.
 */
import { z } from 'zod';

/** Byte offsets into the body after Content-Encoding and before charset decoding; `end` is exclusive. */
export const spanSchema = z.object({ start: z.int().nonnegative(), end: z.int().positive() });
export type Span = z.infer<typeof spanSchema>;

/**
 * Where the post stands, and what must be undone on that slice, outermost first, to read it:
 * e.g. `['attribute', 'json']` for JSON in an entity-escaped attribute.
 */
export const evidenceSchema = spanSchema.extend({ wrappers: z.array(z.string()) });
export type Evidence = z.infer<typeof evidenceSchema>;

export const sourceSchema = z.object({
  /** The rule that read the field, e.g. `attribution`, `permalink`, `time[datetime]`, `id`. */
  rule: z.string(),
  start: z.int().nonnegative().nullable(),
  end: z.int().positive().nullable(),
  /** Why a value was refused or doubted, in words. */
  reason: z.string().optional(),
});
export type Source = z.infer<typeof sourceSchema>;

export const postedAtSchema = z.object({
  /** The date as the page shows it. */
  text: z.string().nullable(),
  /** YYYY-MM-DD: the machine-readable attribute's UTC day if there is one, else the text's day. */
  date: z.string().nullable(),
  /** RFC 3339 in UTC: from the id, or from an attribute with a zone. */
  instant: z.string().nullable(),
  precision: z.enum(['ms', 's', 'min', 'day']).nullable(),
  source: z.enum(['id', 'attribute', 'text']).nullable(),
  /** The possible days (YYYY-MM-DD) where the text is ambiguous; empty otherwise. */
  readings: z.array(z.string()),
  conflict: z.object({ reason: z.string() }).nullable(),
});
export type PostedAt = z.infer<typeof postedAtSchema>;

export const mediaSchema = z.object({
  /** As the page shows it, e.g. `pic.twitter.com/XV7RggUEg4`. */
  display: z.string(),
  /** Its t.co twin or the media's own address. */
  url: z.string().nullable(),
});
export type Media = z.infer<typeof mediaSchema>;

export const embedSchema = z.object({
  /** `citation` is a mere link to a post in running text. */
  role: z.enum(['embed', 'citation']),
  /** x, instagram, facebook, tiktok, youtube, bluesky, mastodon, threads, truthsocial, telegram, reddit, linkedin, pinterest, tumblr, vk, vine. */
  platform: z.string(),
  /** Unique within the platform (docs/NETWORKS.md says how); null only where the page doesn't carry it. */
  postId: z.string().nullable(),
  /** Of a comment that stands below the post: then this is the comment's record, and with `postId` its identity. */
  commentId: z.string().nullable(),
  /** Canonical address. */
  url: z.string().nullable(),
  author: z.object({ name: z.string().nullable(), handle: z.string().nullable() }),
  postedAt: postedAtSchema,
  lang: z.string().nullable(),
  /** White space folded, `<br>` as a space, pic links and t.co kept. */
  text: z.string().nullable(),
  media: z.array(mediaSchema),
  /** How the page expressed it: `blockquote`, `iframe`, `amp`, `json`, `text`, … */
  form: z.string(),
  confidence: z.number().min(0).max(1),
  evidence: evidenceSchema.nullable(),
  /** Per field (`author.name`, `postedAt`, `text`, `media`, `postId`, …). */
  sources: z.record(z.string(), sourceSchema),
});
export type Embed = z.infer<typeof embedSchema>;

export const articleMetaSchema = z.object({
  canonicalUrl: z.string().nullable(),
  title: z.string().nullable(),
  siteName: z.string().nullable(),
  /** RFC 3339 with the page's own zone, or YYYY-MM-DD where it shows no time. */
  publishedAt: z.string().nullable(),
  modifiedAt: z.string().nullable(),
  authors: z.array(z.string()),
  lang: z.string().nullable(),
  /** Per field: which of JSON-LD, meta, microdata, time it came from. */
  sources: z.record(z.string(), z.string()).optional(),
});
export type ArticleMeta = z.infer<typeof articleMetaSchema>;

export const suspectedSchema = z.object({ reason: z.string(), evidence: spanSchema });
export type Suspected = z.infer<typeof suspectedSchema>;

export const extractionSchema = z.object({
  url: z.string().nullable(),
  /** Version of the parser; raised whenever the same bytes may give another answer. */
  parser: z.string(),
  charset: z.string(),
  article: articleMetaSchema,
  embeds: z.array(embedSchema),
  suspected: z.array(suspectedSchema),
  /** A limit was hit: what follows it is not in the answer. */
  truncated: z.string().nullable(),
});
export type Extraction = z.infer<typeof extractionSchema>;

/** How the pure engine is called; `src/extract/index.ts` exports `extract(bytes, options): Extraction`. */
export interface ExtractOptions {
  /** The page's address, where known. */
  readonly url?: string | null;
  /** charset of the Content-Type header, where known. */
  readonly charset?: string | null;
  /** RFC 3339: when the bytes were fetched; a post later than this is a conflict. */
  readonly capturedAt?: string | null;
  /** Plain text rather than markup; by default decided from the bytes. */
  readonly plainText?: boolean;
}
