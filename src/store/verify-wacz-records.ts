/** The records of a WACZ as a store, so that the same checks apply, and their numbers against the manifest. */
import type { z } from 'zod';
import { postKey } from '../post-key.ts';
import type { CaptureRow, PostRow } from '../reader.ts';
import type { KeptLink } from './verify-chain.ts';
import type { PostClaim } from './verify-posts.ts';
import type { Inspection } from './verify-report.ts';
import type { SightingClaim } from './verify-sightings.ts';
import type { StoreView } from './verify-store.ts';
import { type Entries, linesOf, parsed } from './wacz-entries.ts';
import { RECORDS } from './wacz-records.ts';
import {
  captureSchema,
  linkSchema,
  postSchema,
  runSchema,
  sightingSchema,
  type WaczManifest,
} from './wacz-schema.ts';

/** Lines that are no records are findings and left out. */
async function* records<T>(
  entries: Entries,
  { path, schema }: { path: string; schema: z.ZodType },
  inspection: Inspection,
): AsyncGenerator<T> {
  if (!entries.has(path)) inspection.damage('FILE_MISSING', path, 'is not in the zip');
  let number = 0;
  for await (const line of linesOf(entries, path)) {
    number += 1;
    const value = parsed(line);
    // What was parsed and not what the schema made of it: digests are of the whole.
    if (schema.safeParse(value).success) yield value as T;
    else inspection.damage('FILE_DAMAGED', `${path} line ${number}`, 'is not a record of its kind');
  }
}

export function storeIn(
  entries: Entries,
  manifest: WaczManifest,
  inspection: Inspection,
): StoreView {
  type Line = Omit<KeptLink, 'rows'> & { readonly bodies: readonly string[] };
  const read = <T>(path: string, schema: z.ZodType) =>
    records<T>(entries, { path, schema }, inspection);
  async function* posts(): AsyncGenerator<PostClaim> {
    for await (const { post } of records<{ post: PostRow }>(
      entries,
      { path: RECORDS.posts, schema: postSchema },
      inspection,
    )) {
      const name = `${post.platform}/${postKey(post)}`;
      yield { key: name, name, shown: post };
    }
  }
  return {
    captures: () => read<CaptureRow>(RECORDS.captures, captureSchema),
    async *sightings() {
      type Line = SightingClaim & { readonly platform?: string; readonly postId?: string };
      for await (const { postId, ...one } of read<Line>(RECORDS.sightings, sightingSchema)) {
        yield { ...one, ...(postId !== undefined && { post: `${one.platform}/${postId}` }) };
      }
    },
    ...(manifest.schema > 1 && { shown: { posts } }),
    async *links() {
      for await (const { bodies, ...link } of read<Line>(RECORDS.events, linkSchema)) {
        yield { ...link, rows: bodies.map((body) => ({ body, columns: null })) };
      }
    },
    head: () => Promise.resolve(manifest.chain),
  };
}

/** Call it last: captures and sightings were counted when they were checked. */
export async function checkCounts(
  entries: Entries,
  { schema, counts }: WaczManifest,
  inspection: Inspection,
): Promise<void> {
  const compare = (what: string, [stated, found]: readonly [number, number]): void => {
    if (stated === found) return;
    const said = `hold ${found} ${what}; the manifest counts ${stated}`;
    inspection.damage('MANIFEST_MISMATCH', 'records', said);
  };
  compare('captures', [counts.captures, inspection.counted('captures')]);
  compare('sightings', [counts.sightings, inspection.counted('sightings')]);
  if (schema === 1) return;
  const files = [
    ['runs', RECORDS.runs, runSchema],
    ['posts', RECORDS.posts, postSchema],
  ] as const;
  for (const [what, path, schema] of files) {
    let found = 0;
    for await (const _ of records(entries, { path, schema }, inspection)) found += 1;
    compare(what, [counts[what] ?? 0, found]);
  }
}
