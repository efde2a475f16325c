/** The records of a WACZ as a store, so that the same checks apply, and their numbers against the manifest. */
import type { Selectable } from 'kysely';
import type { z } from 'zod';
import { postKey } from '../post-key.ts';
import type { CaptureRow, PostRow } from '../reader.ts';
import type { RunRow } from './run-row.ts';
import type { ArticleTable } from './tables.ts';
import type { StatedCapture } from './verify-captures.ts';
import type { PostClaim } from './verify-posts.ts';
import type { Inspection } from './verify-report.ts';
import { articleClaim, type RowsView, runClaim } from './verify-rows.ts';
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

type CaptureLine = CaptureRow & {
  readonly stored: { readonly start?: number };
  readonly columns?: Columns;
};
interface Columns {
  readonly etag?: string | null;
  readonly last_modified?: string | null;
  readonly parse_truncated?: string | null;
  readonly embeds?: number;
  readonly new_posts?: number;
}

/** What is no capture of ours says nothing that could hold. */
function statedIn({ columns = {}, ...capture }: CaptureLine): StatedCapture {
  const { article, suspected, hops } = capture;
  const { etag = null, last_modified: lastModified = null } = columns;
  const { parse_truncated: truncated = null, embeds = 0, new_posts: newPosts = 0 } = columns;
  const facts = { ...capture, etag, lastModified, hops: Array.isArray(hops) ? hops : [] };
  const page = { article, suspected: Array.isArray(suspected) ? suspected : [], truncated };
  return { facts, page, tally: { embeds, newPosts } };
}

interface PostLine {
  readonly post: PostRow;
  readonly columns: { readonly removed_names?: readonly string[] };
}
interface RunLine {
  readonly run: RunRow;
  readonly article: Selectable<ArticleTable>;
}

/** A run with its article on each line; holds are told by events alone. */
const rowsIn = (lines: () => AsyncIterable<RunLine>): RowsView => ({
  async *runs() {
    for await (const { run } of lines()) yield runClaim(run);
  },
  async *articles() {
    for await (const { article } of lines()) yield articleClaim(article);
  },
  holds: null,
});

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
  type Line = z.infer<typeof linkSchema>;
  const read = <T>(path: string, schema: z.ZodType) =>
    records<T>(entries, { path, schema }, inspection);
  async function* posts(): AsyncGenerator<PostClaim> {
    for await (const { post, columns } of records<PostLine>(
      entries,
      { path: RECORDS.posts, schema: postSchema },
      inspection,
    )) {
      const name = `${post.platform}/${postKey(post)}`;
      const { firstSeenAt, lastSeenAt, removedAt = null } = post;
      const { removed_names: removedNames } = columns;
      yield {
        ...{ key: name, name, shown: post, seen: { firstSeenAt, lastSeenAt }, removedAt },
        ...(removedNames && { columns: { removedNames, postedDate: post.postedAt.date } }),
      };
    }
  }
  return {
    async *captures() {
      for await (const one of read<CaptureLine>(RECORDS.captures, captureSchema)) {
        const { start } = one.stored;
        yield {
          ...one,
          ...(start !== undefined && { start }),
          ...(manifest.schema > 1 && { stated: statedIn(one) }),
        };
      }
    },
    async *sightings() {
      type Line = SightingClaim & { readonly platform?: string; readonly postId?: string };
      for await (const { postId, ...one } of read<Line>(RECORDS.sightings, sightingSchema)) {
        const name = `${one.platform}/${postId}`;
        if (postId === undefined) yield one;
        else yield { ...one, changes: one.changes ?? null, post: name, name };
      }
    },
    ...(manifest.schema > 1 && { shown: { posts } }),
    ...(manifest.schema > 1 && { rows: rowsIn(() => read<RunLine>(RECORDS.runs, runSchema)) }),
    async *links(after = Number.NEGATIVE_INFINITY) {
      for await (const { bodies, posts = {}, ...link } of read<Line>(RECORDS.events, linkSchema)) {
        if (link.n <= after) continue;
        const rows = bodies.map((body, index) => {
          const [platform, postId] = posts[index] ?? [];
          const named = platform !== undefined && postId !== undefined;
          return { body, columns: null, ...(named && { post: { platform, postId } }) };
        });
        yield { ...link, rows };
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
