/**
 * The JSON lines of `embedkeep export` into a store: posts, sightings and the captures they were read in, without bytes. The
 * file is read twice: every line is checked, and held against what is here, before the first is taken.
 */
import { createReadStream } from 'node:fs';
import { EmbedkeepError } from '../../errors.ts';
import { EXPORT_VERSION } from '../../export-rows.ts';
import type { ImportAnswer } from '../../upkeep.ts';
import { runIdOf } from '../ids.ts';
import { DiskShelf } from '../shelf.ts';
import { linesIn } from '../verify-source.ts';
import { joinRows, noteTaken, type TakenNames } from './join.ts';
import {
  capturesOf,
  hostOf,
  type Line,
  lineSchema,
  type Readings,
  rowsOf,
  type Seen,
  sightingsOf,
} from './jsonl-rows.ts';
import { knownCaptures } from './known.ts';
import { checkCapture, checked, checkRun, refuse } from './records.ts';
import type { ImportWorld } from './wacz.ts';

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
