/** What an export of ours says, checked where it is read: it may come from anybody. Unknown fields are let through. */
import { z } from 'zod';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().nonnegative();
const instant = z.iso.datetime();

export const manifestSchema = z.object({
  schema: z.literal(1),
  /** The whole store, its chain included, or a part of it. */
  isWhole: z.boolean(),
  chain: z.object({ links: count, events: count, hash: sha256 }),
  counts: z.object({ captures: count, sightings: count, posts: count }),
});
/** What datapackage.json says under `embedkeep`. */
export type WaczManifest = Readonly<z.infer<typeof manifestSchema>>;

export const dataPackageSchema = z.object({
  resources: z.array(z.object({ path: z.string(), hash: z.string(), bytes: count })),
  embedkeep: manifestSchema.optional(),
});
export const digestSchema = z.object({ path: z.string(), hash: z.string() });

export const captureSchema = z.object({
  id: z.string(),
  articleId: z.string(),
  runId: z.string(),
  url: z.string(),
  finalUrl: z.string(),
  fetchedAt: instant,
  status: z.int(),
  stored: z.object({
    location: z.string(),
    offset: count,
    length: count,
    sha256,
    rawSha256: sha256,
    size: count,
    revisit: z.boolean(),
  }),
  truncated: z.string().nullable(),
  revisitOf: z.string().nullable(),
  removedAt: z.string().nullable().optional(),
  expiredBy: z.string().nullable().optional(),
});

export const sightingSchema = z.object({
  captureId: z.string(),
  parser: z.string(),
  embed: z.record(z.string(), z.unknown()),
});

export const linkSchema = z.object({
  n: z.int(),
  at: z.string(),
  events: count,
  hash: z.string(),
  bodies: z.array(z.string()),
});
