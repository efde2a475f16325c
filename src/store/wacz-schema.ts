/** What an export of ours says, checked where it is read: it may come from anybody. Unknown fields are let through. */
import { z } from 'zod';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().nonnegative();
const instant = z.iso.datetime();

/**
 * 1 had captures, sightings, posts and events. 2 has all that a store is made of, in the order of the chain, so that it can
 * be imported. 3 has the id of a comment beside that of its post. docs/EXPORTS.md has every field.
 */
export const WACZ_SCHEMA = 3;

export const manifestSchema = z.object({
  schema: z.union([z.literal(1), z.literal(2), z.literal(WACZ_SCHEMA)]),
  /** The whole store, its chain included, or a part of it. */
  isWhole: z.boolean(),
  chain: z.object({ links: count, events: count, hash: sha256 }),
  counts: z.object({ captures: count, sightings: count, posts: count, runs: count.optional() }),
});
/** What datapackage.json says under `embedkeep`. */
export type WaczManifest = Readonly<z.infer<typeof manifestSchema>>;

/** Of an embedkeep to come: that it is one is all that is known of it. */
const laterSchema = z.looseObject({ schema: z.int().gt(WACZ_SCHEMA) });

export const dataPackageSchema = z.object({
  resources: z.array(z.object({ path: z.string(), hash: z.string(), bytes: count })),
  embedkeep: z.union([manifestSchema, laterSchema]).optional(),
});
export const isLater = (said: z.infer<typeof dataPackageSchema>['embedkeep']): boolean =>
  said !== undefined && said.schema > WACZ_SCHEMA;
export const digestSchema = z.object({ path: z.string(), hash: z.string() });

const id = z.string().regex(/^[a-z][0-9a-z]{1,99}$/);
const digest = z.string().regex(/^[0-9a-f]{64}$/);
const rest = z.record(z.string(), z.unknown());
const place = { location: z.string(), offset: count, length: count };

export const captureSchema = z.object({
  link: count.optional(),
  id,
  articleId: digest,
  runId: id,
  url: z.string(),
  finalUrl: z.string(),
  fetchedAt: instant,
  status: z.int(),
  stored: z.object({
    ...place,
    /** Where the records of the capture begin; from schema 2 on, as `body` of a revisit. */
    start: count.optional(),
    sha256,
    rawSha256: sha256,
    size: count,
    revisit: z.boolean(),
    body: z.object({ ...place, start: count }).optional(),
  }),
  truncated: z.string().nullable(),
  revisitOf: z.string().nullable(),
  removedAt: z.string().nullable().optional(),
  expiredBy: z.string().nullable().optional(),
  columns: rest.optional(),
});

const text = z.string().nullable();
/** What posts are held against their sightings by. */
const shown = z.looseObject({
  platform: z.string(),
  url: text,
  author: z.looseObject({ name: text, handle: text }),
  postedAt: z.looseObject({ date: text }),
  lang: text,
  text,
  media: z.array(z.looseObject({})),
  form: z.string(),
  confidence: z.number(),
});
const commentId = text.optional();

/** Whether a row has the fields that it is read by: what a damaged one says is not looked at further. */
const changes = z.array(z.looseObject({ field: z.string() }));
export const saysChanges = (said: unknown): boolean => changes.safeParse(said).success;
export const saysPost = (said: unknown): boolean => shown.safeParse(said).success;

export const sightingSchema = z.object({
  captureId: id,
  parser: z.string(),
  platform: z.string().optional(),
  postId: z.string().optional(),
  ordinal: count.optional(),
  changes: z.array(rest).optional(),
  embed: shown.extend({ postId: text, commentId }),
});

export const runSchema = z.object({
  link: count.optional(),
  run: rest.and(z.object({ id, article_id: digest })),
  article: rest.and(z.object({ id: digest, url: z.string(), host: z.string() })),
});

export const postSchema = z.object({
  post: shown.extend({ postId: z.string(), commentId }),
  columns: rest,
});

export const linkSchema = z.object({
  n: z.int(),
  at: z.string(),
  events: count,
  hash: z.string(),
  bodies: z.array(z.string()),
  /** Index of a body to what its post is called today. */
  posts: z.record(z.string(), z.tuple([z.string(), z.string()])).optional(),
});
