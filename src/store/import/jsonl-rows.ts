/** A line of the JSON lines of `embedkeep export`, and the rows that lines make: captures without bytes, runs of which little is known. */
import { z } from 'zod';
import { EXPORT_VERSION } from '../../export-rows.ts';
import { postKey } from '../../post-key.ts';
import { runIdOf } from '../ids.ts';
import { mergeStates, stateOf } from '../post-state.ts';
import type { DiskShelf } from '../shelf.ts';
import { importedSighting, postFields, postRow, sightingRow } from './records.ts';
import { type ImportedRows, type ImportedSighting, noRows, type Row } from './rows.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const seenSchema = importedSighting.omit({ platform: true, postId: true }).extend({
  articleId: sha256,
  articleUrl: z.string(),
  articleTitle: z.string().nullable(),
  capturedAt: z.iso.datetime(),
  capture: z.object({
    url: z.string(),
    finalUrl: z.string(),
    status: z.int(),
    reason: z.enum(['first', 'recapture', 'manual']),
    sha256,
    rawSha256: sha256,
    size: z.int().nonnegative(),
  }),
});
export const lineSchema = z.object({
  v: z.union([z.literal(1), z.literal(EXPORT_VERSION)]),
  post: postFields,
  sightings: z.array(seenSchema),
});
export type Line = z.infer<typeof lineSchema>;
export type Seen = z.infer<typeof seenSchema>;

/** What the whole file says of its captures: the newest parser, and how many posts that one saw. */
export type Readings = DiskShelf<{ readonly parser: string; readonly embeds: number }>;

export const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).hostname : '');

export const capturesOf = (batch: readonly Line[]): Seen[] => [
  ...new Map(
    batch.flatMap(({ sightings }) => sightings).map((seen) => [seen.captureId, seen]),
  ).values(),
];

export function rowsOf(lines: readonly Line[], readings: Readings): ImportedRows {
  const captures = capturesOf(lines);
  return {
    ...noRows,
    joins: true,
    articles: captures.map(articleRow),
    runs: captures.map(runRow),
    captures: captures.map((seen) => captureRow(seen, readings)),
    posts: lines.map(({ post, sightings }) => postRow(post, derived(post, sightings))),
    sightings: lines.flatMap(sightingsOf),
  };
}

/** Oldest first, as they were kept. */
export const sightingsOf = ({ post, sightings }: Line): ImportedSighting[] =>
  sightings
    .toReversed()
    .map((seen) => sightingRow({ ...seen, platform: post.platform, postId: postKey(post) }));

const articleRow = ({
  articleId: id,
  articleUrl: url,
  articleTitle: title,
  capturedAt,
}: Seen): Row => {
  return { id, url, host: hostOf(url), title, accepted_at: capturedAt };
};

/** Of the order nothing is known but that it was done by then. */
function runRow({ captureId, articleId, capture, capturedAt: at }: Seen): Row {
  return {
    id: runIdOf(captureId),
    article_id: articleId,
    state: 'done',
    reason: capture.reason,
    priority: 10,
    tags: [],
    refs: [],
    capture_id: captureId,
    due_at: at,
    accepted_at: at,
    finished_at: at,
  };
}

function captureRow({ captureId, articleId, capturedAt, capture }: Seen, readings: Readings): Row {
  const { parser = null, embeds = 0 } = readings.get(captureId) ?? {};
  return {
    id: captureId,
    article_id: articleId,
    run_id: runIdOf(captureId),
    url: capture.url,
    final_url: capture.finalUrl,
    fetched_at: capturedAt,
    reason: capture.reason,
    status: capture.status,
    location: '',
    blob_offset: 0,
    blob_length: 0,
    sha256: capture.sha256,
    raw_sha256: capture.rawSha256,
    size: capture.size,
    revisit: false,
    robots_rule: 'not known: imported from JSON lines',
    hops: [],
    parser,
    suspected: [],
    embeds,
    new_posts: 0,
  };
}

/** What the store keeps of a post beside what it shows. */
function derived(post: Line['post'], sightings: readonly Seen[]): Row {
  const postId = postKey(post);
  const states = sightings
    .toReversed()
    .map(({ embed, capturedAt }) => stateOf(embed as never, { postId, seenAt: capturedAt }));
  const [first, ...others] = states;
  if (!first) return { fingerprint: null, handles: [] };
  const { fingerprint, handles } = others.reduce(mergeStates, first);
  return { fingerprint, handles };
}
