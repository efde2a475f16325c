/**
 * The JSON lines of `embedkeep export` into a store: posts, sightings and the captures they were read in, without bytes. The
 * file is read twice: every line is checked, and held against what is here, before the first is taken.
 */
import { createReadStream } from 'node:fs';
import { z } from 'zod';
import { EmbedkeepError } from '../../errors.ts';
import { EXPORT_VERSION } from '../../export-rows.ts';
import { postKey } from '../../post-key.ts';
import type { ImportAnswer } from '../../upkeep.ts';
import { runIdOf } from '../ids.ts';
import { mergeStates, stateOf } from '../post-state.ts';
import { DiskShelf } from '../shelf.ts';
import { linesIn } from '../verify-source.ts';
import { joinRows, noteTaken, type TakenNames } from './join.ts';
import { knownCaptures } from './known.ts';
import {
  checkCapture,
  checked,
  checkRun,
  importedSighting,
  postFields,
  postRow,
  refuse,
  sightingRow,
} from './records.ts';
import { type ImportedRows, type ImportedSighting, noRows, type Row } from './rows.ts';
import type { ImportWorld } from './wacz.ts';

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
const lineSchema = z.object({
  v: z.union([z.literal(1), z.literal(EXPORT_VERSION)]),
  post: postFields,
  sightings: z.array(seenSchema),
});
type Line = z.infer<typeof lineSchema>;
type Seen = z.infer<typeof seenSchema>;

/** What the whole file says of its captures: the newest parser, and how many posts that one saw. */
type Readings = DiskShelf<{ readonly parser: string; readonly embeds: number }>;

const LINES = 100;

/** @throws EmbedkeepError IMPORT_REFUSED, CONFLICT, SCHEMA_NEWER */
export async function importJsonl(path: string, world: ImportWorld): Promise<ImportAnswer> {
  const readings: Readings = new DiskShelf();
  const before = new DiskShelf<true>();
  const taken: TakenNames = new DiskShelf();
  try {
    return await importLines(path, { world, readings, before, taken });
  } finally {
    for (const shelf of [readings, before, taken]) shelf.close();
  }
}

async function importLines(path: string, context: Context): Promise<ImportAnswer> {
  const { world, readings, taken } = context;
  let lines = 0;
  for await (const batch of batches(path)) {
    await knownCaptures(world.db, capturesOf(batch).map(keyOf));
    for (const seen of batch.flatMap(({ sightings }) => sightings)) note(seen, readings);
    await noteTaken(world.db, { sightings: batch.flatMap(sightingsOf), taken });
    lines += batch.length;
  }
  if (lines === 0) throw refuse(`${path} holds no line of an export.`);
  const totals = { captures: 0, sightings: 0, posts: 0, known: 0, withheld: 0 };
  for await (const batch of batches(path)) {
    const counts = await importBatch(batch, context);
    for (const name of ['captures', 'sightings', 'posts', 'known', 'withheld'] as const) {
      totals[name] += counts[name];
    }
  }
  return { format: 'jsonl', kind: 'joined', ...totals };
}

async function* batches(path: string): AsyncGenerator<Line[]> {
  let batch: Line[] = [];
  let number = 0;
  for await (const text of linesIn(createReadStream(path))) {
    number += 1;
    if (text === '') continue;
    batch.push(lineOf(text, `line ${number}`));
    if (batch.length < LINES) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function lineOf(text: string, where: string): Line {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw refuse(`${where} is not JSON.`, cause);
  }
  const version = (value as { v?: unknown } | null)?.v;
  if (typeof version === 'number' && version > EXPORT_VERSION) {
    throw new EmbedkeepError('SCHEMA_NEWER', undefined, { detail: { where, version } });
  }
  const line = checked(lineSchema, value, where);
  for (const seen of line.sightings) {
    const article = { id: seen.articleId, url: seen.articleUrl };
    const run = { id: runIdOf(seen.captureId), article_id: seen.articleId };
    checkCapture({ id: seen.captureId, runId: run.id });
    checkRun({ run, article: { ...article, host: hostOf(seen.articleUrl) } });
  }
  return line;
}

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).hostname : '');

const capturesOf = (batch: readonly Line[]): Seen[] => [
  ...new Map(
    batch.flatMap(({ sightings }) => sightings).map((seen) => [seen.captureId, seen]),
  ).values(),
];

const keyOf = ({ captureId, articleId, capturedAt, capture }: Seen) => ({
  id: captureId,
  articleId,
  fetchedAt: capturedAt,
  sha256: capture.sha256,
  rawSha256: capture.rawSha256,
});

function note({ captureId, parser }: Seen, readings: Readings): void {
  const before = readings.get(captureId);
  const order = before ? parser.localeCompare(before.parser, 'en', { numeric: true }) : 1;
  if (order > 0) readings.set(captureId, { parser, embeds: 1 });
  else if (before && order === 0) {
    readings.set(captureId, { parser, embeds: before.embeds + 1 });
  }
}

interface Context {
  readonly world: ImportWorld;
  readonly readings: Readings;
  /** Captures that are here with their bytes: they keep their own sightings. */
  readonly before: DiskShelf<true>;
  readonly taken: TakenNames;
}

async function importBatch(
  batch: readonly Line[],
  { world, readings, before, taken }: Context,
): Promise<Omit<ImportAnswer, 'format' | 'kind'>> {
  const known = await knownCaptures(world.db, capturesOf(batch).map(keyOf));
  let isKnown = 0;
  for (const [id, { location }] of known) {
    if (location !== '' && before.add(id, true)) isKnown += 1;
  }
  const lines = batch
    .map((line) => ({
      ...line,
      sightings: line.sightings.filter(({ captureId }) => !before.has(captureId)),
    }))
    .filter(({ sightings }) => sightings.length > 0);
  const rows = rowsOf(lines, readings);
  const { captures, sightings, posts, withheld } = await joinRows(rows, {
    world,
    from: null,
    taken,
  });
  return {
    captures: captures.size,
    sightings: sightings.length,
    posts,
    known: isKnown,
    withheld,
  };
}

function rowsOf(lines: readonly Line[], readings: Readings): ImportedRows {
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
const sightingsOf = ({ post, sightings }: Line): ImportedSighting[] =>
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
