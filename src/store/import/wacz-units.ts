/**
 * The records of a WACZ of ours in units that are imported together: a link of the chain with all that it brought, or, where
 * the export is a part of a store, a capture with its run. One unit in memory at a time.
 */
import type { z } from 'zod';
import { postKey } from '../../post-key.ts';
import { Ahead } from '../ahead.ts';
import { type Entries, linesOf, parsed } from '../wacz-entries.ts';
import { RECORDS } from '../wacz-records.ts';
import { linkSchema } from '../wacz-schema.ts';
import {
  checkCapture,
  checked,
  checkRun,
  type ImportedCapture,
  importedCapture,
  importedPost,
  importedRun,
  importedSighting,
  refuse,
} from './records.ts';

export type LinkLine = z.infer<typeof linkSchema>;
export type RunLine = z.infer<typeof importedRun>;
export type PostLine = z.infer<typeof importedPost>;
export type SightingLine = z.infer<typeof importedSighting>;

export interface Unit {
  /** Null where only a part of a store was exported. */
  readonly link: LinkLine | null;
  readonly runs: readonly RunLine[];
  readonly captures: readonly ImportedCapture[];
  readonly sightings: readonly SightingLine[];
  /** Those that no earlier unit had. */
  readonly posts: readonly PostLine[];
}

interface Streams {
  readonly runs: Ahead<RunLine>;
  readonly captures: Ahead<ImportedCapture>;
  readonly sightings: Ahead<SightingLine>;
  readonly posts: Ahead<PostLine>;
}

/** @throws EmbedkeepError IMPORT_REFUSED where a record is not what it ought to be, or not where */
export async function* unitsOf(entries: Entries, isWhole: boolean): AsyncGenerator<Unit> {
  const read = <T>(path: string, schema: z.ZodType<T>) => new Ahead(records(entries, path, schema));
  const streams: Streams = {
    runs: read(RECORDS.runs, importedRun),
    captures: read(RECORDS.captures, importedCapture),
    sightings: read(RECORDS.sightings, importedSighting),
    posts: read(RECORDS.posts, importedPost),
  };
  if (isWhole) {
    for await (const link of records(entries, RECORDS.events, linkSchema)) {
      const runs = await streams.runs.takeWhile((one) => one.link === link.n);
      const captures = await streams.captures.takeWhile((one) => one.link === link.n);
      yield { link, runs, captures, ...(await shownBy(captures, streams)) };
    }
  } else {
    for (let next = await streams.captures.peek(); next; next = await streams.captures.peek()) {
      const { id, runId } = next;
      const captures = await streams.captures.takeWhile((one) => one.id === id);
      const runs = await streams.runs.takeWhile((one) => one.run.id === runId);
      yield { link: null, runs, captures, ...(await shownBy(captures, streams)) };
    }
  }
  for (const [name, stream] of Object.entries(streams)) {
    if ((await (stream as Ahead<unknown>).peek()) === null) continue;
    throw refuse(`The ${name} are not in the order of the export.`);
  }
}

async function shownBy(
  captures: readonly ImportedCapture[],
  streams: Streams,
): Promise<Pick<Unit, 'sightings' | 'posts'>> {
  const sightings: SightingLine[] = [];
  for (const { id } of captures) {
    sightings.push(...(await streams.sightings.takeWhile((one) => one.captureId === id)));
  }
  const shown = new Set(sightings.map((one) => `${one.platform}/${one.postId}`));
  const posts = await streams.posts.takeWhile(({ post }) =>
    shown.has(`${post.platform}/${postKey(post)}`),
  );
  return { sightings, posts };
}

async function* records<T>(
  entries: Entries,
  path: string,
  schema: z.ZodType<T>,
): AsyncGenerator<T> {
  let number = 0;
  for await (const line of linesOf(entries, path)) {
    number += 1;
    const record = checked(schema, parsed(line), `${path} line ${number}`);
    if (path === RECORDS.runs) checkRun(record as RunLine);
    if (path === RECORDS.captures) checkCapture(record as ImportedCapture);
    yield record;
  }
}

const UNITS = 100;
const SIGHTINGS = 1000;

/** A transaction each. */
export async function* batches(units: AsyncIterable<Unit>): AsyncGenerator<Unit[]> {
  let batch: Unit[] = [];
  let rows = 0;
  for await (const unit of units) {
    batch.push(unit);
    rows += unit.sightings.length + unit.runs.length;
    if (batch.length < UNITS && rows < SIGHTINGS) continue;
    yield batch;
    batch = [];
    rows = 0;
  }
  if (batch.length > 0) yield batch;
}
