/** Records of an export into rows, checked as something that anybody may have written. */
import { z } from 'zod';
import { articleId } from '../../article-url.ts';
import { type BodyPlace, NOWHERE } from '../../capture.ts';
import { articleMetaSchema, embedSchema, suspectedSchema } from '../../embed.ts';
import { EmbedkeepError } from '../../errors.ts';
import { postKey } from '../../post-key.ts';
import { captureIdOf } from '../ids.ts';
import { searchOf } from '../post-state.ts';
import { captureSchema, postSchema, runSchema, sightingSchema } from '../wacz-schema.ts';
import { cleaned } from '../well-formed.ts';
import type { ImportedSighting, Row } from './rows.ts';

const count = z.int().nonnegative();
const text = z.string().nullable();
const change = z.object({
  field: z.enum(['text', 'author.name', 'author.handle', 'media']),
  before: z.unknown(),
  after: z.unknown(),
});

/** Before parser 3 and version 2 of the lines `postId` alone was the whole name of a comment. */
const commentId = z.string().min(1).max(100).nullable().optional();

const numbered = z.object({ seq: z.int().positive().max(1e12) });

export const importedCapture = captureSchema.extend({
  stored: captureSchema.shape.stored.extend({ start: count.optional() }),
  reason: z.enum(['first', 'recapture', 'manual']),
  contentType: text,
  charset: text,
  robotsRule: z.string(),
  hops: z.array(z.object({ url: z.string(), status: z.int(), remoteAddress: text })),
  article: articleMetaSchema.nullable(),
  parser: text,
  suspected: z.array(suspectedSchema),
  columns: z.record(z.string(), z.unknown()).and(numbered),
});
export type ImportedCapture = z.infer<typeof importedCapture>;

export const importedSighting = sightingSchema.extend({
  platform: z.string().min(1),
  postId: z.string().min(1).max(1000),
  ordinal: count,
  // Fields of a younger parser come along: the chain's digest is of the whole.
  embed: embedSchema.extend({ commentId }).loose(),
  changes: z.array(change).optional(),
});

export const postFields = z.object({
  platform: z.string().min(1),
  postId: z.string().min(1).max(1000),
  commentId,
  url: text,
  author: embedSchema.shape.author,
  postedAt: embedSchema.shape.postedAt,
  lang: text,
  text,
  media: embedSchema.shape.media,
  form: z.string(),
  confidence: z.number(),
  firstSeenAt: z.iso.datetime(),
  lastSeenAt: z.iso.datetime(),
  removedAt: z.string().nullable().optional(),
});
export const importedPost = postSchema.extend({
  post: postFields,
  columns: z
    .record(z.string(), z.unknown())
    .and(z.object({ id: z.int().positive().max(1e12), handles: z.array(z.string()) })),
});
export const importedRun = runSchema.extend({
  run: runSchema.shape.run.and(numbered),
  article: runSchema.shape.article.and(numbered),
});

export const refuse = (what: string, cause?: unknown): EmbedkeepError =>
  new EmbedkeepError('IMPORT_REFUSED', what, { cause });

/** @throws EmbedkeepError IMPORT_REFUSED */
export function checked<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) {
    // The backends keep neither NUL nor half a surrogate pair, and no export of ours has them.
    if (cleaned(value) !== value) throw refuse(`${where} holds text that no store can keep.`);
    return value as T;
  }
  const [issue] = parsed.error.issues;
  throw refuse(`${where}: ${issue?.path.join('.')}: ${issue?.message}`);
}

/** The ids that follow from others do. */
export function checkRun({
  run,
  article,
}: Pick<z.infer<typeof runSchema>, 'run' | 'article'>): void {
  const where = `run ${run.id}`;
  if (run.article_id !== article.id) throw refuse(`${where} belongs to another article.`);
  const { id, url, host } = article;
  const isWeb = URL.canParse(url) && WEB.has(new URL(url).protocol);
  if (!isWeb || articleId(url) !== id || new URL(url).hostname !== host) {
    throw refuse(`${where}: the article's id or host is not that of its address.`);
  }
}
const WEB = new Set(['http:', 'https:']);

export function checkCapture(capture: Pick<ImportedCapture, 'id' | 'runId'>): void {
  if (captureIdOf(capture.runId) !== capture.id) {
    throw refuse(`capture ${capture.id} is not that of run ${capture.runId}.`);
  }
}

/** What the export says beside the documented fields: these win. */
export function captureRow(
  capture: ImportedCapture,
  placed: { place: BodyPlace | null; body: BodyPlace | null },
): Row {
  const { stored } = capture;
  const { place, body } = placed;
  return {
    ...capture.columns,
    id: capture.id,
    article_id: capture.articleId,
    run_id: capture.runId,
    url: capture.url,
    final_url: capture.finalUrl,
    fetched_at: capture.fetchedAt,
    reason: capture.reason,
    status: capture.status,
    content_type: capture.contentType,
    charset: capture.charset,
    location: place?.location ?? NOWHERE,
    blob_offset: place?.offset ?? 0,
    blob_length: place?.length ?? 0,
    sha256: stored.sha256,
    raw_sha256: stored.rawSha256,
    size: stored.size,
    revisit: stored.revisit,
    truncated: capture.truncated,
    robots_rule: capture.robotsRule,
    revisit_of: capture.revisitOf,
    hops: capture.hops,
    article: capture.article,
    parser: capture.parser,
    suspected: capture.suspected,
    removed_at: capture.removedAt ?? null,
    expired_by: capture.expiredBy ?? capture.columns['expired_by'] ?? null,
    body_location: body?.location ?? null,
    body_offset: body?.offset ?? null,
    body_length: body?.length ?? null,
  };
}

export type PostFields = z.infer<typeof postFields>;

export function postRow(post: PostFields, columns: Row): Row {
  const shown = {
    platform: post.platform,
    post_id: postKey(post),
    url: post.url,
    author_name: post.author.name,
    author_handle: post.author.handle,
    posted_at: post.postedAt,
    posted_date: post.postedAt.date,
    lang: post.lang,
    text: post.text,
    media: post.media,
    form: post.form,
    confidence: post.confidence,
    first_seen_at: post.firstSeenAt,
    last_seen_at: post.lastSeenAt,
  };
  return {
    ...columns,
    ...shown,
    removed_at: post.removedAt ?? null,
    ...searchOf({ ...shown, fingerprint: null, handles: [] }),
  };
}

export const sightingRow = (one: z.infer<typeof importedSighting>): ImportedSighting => {
  const { captureId, parser, platform, postId, ordinal, embed, changes } = one;
  return {
    ...{ captureId, parser, platform, postId, ordinal },
    embed: embed as ImportedSighting['embed'],
    ...(changes && { changes }),
  };
};
