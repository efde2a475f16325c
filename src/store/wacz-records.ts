/** The records of an export, line by line: what a store is made of besides the bytes. docs/EXPORTS.md has every field. */
import { NOWHERE, type StoredBody } from '../capture.ts';
import { EmbedkeepError } from '../errors.ts';
import { originalPlace } from './archive/read-body.ts';
import { placeOf } from './verify-archive.ts';
import type { KeptLink } from './verify-chain.ts';
import { readRecord } from './verify-record.ts';
import type { WarcFiles } from './verify-warcs.ts';
import type { CaptureRecord, Snapshot } from './wacz-snapshot.ts';
import type { Copied, NewPlace } from './wacz-warc.ts';

export const RECORDS = {
  runs: 'records/runs.jsonl',
  captures: 'records/captures.jsonl',
  sightings: 'records/sightings.jsonl',
  posts: 'records/posts.jsonl',
  events: 'records/events.jsonl',
} as const;

export interface Recording {
  readonly snapshot: Snapshot;
  readonly copied: Copied;
  readonly warcs: WarcFiles;
  readonly counts: { runs: number; captures: number; sightings: number; posts: number };
}

/** Path and lines of each file; read one to its end before the next. */
export function recordFiles(recording: Recording): [string, AsyncIterable<string>][] {
  const { snapshot, counts } = recording;
  const counted = (what: keyof typeof counts, records: AsyncIterable<unknown>) =>
    jsonLines(records, () => {
      counts[what] += 1;
    });
  return [
    [RECORDS.runs, counted('runs', snapshot.runs())],
    [RECORDS.captures, counted('captures', placedCaptures(recording))],
    [RECORDS.sightings, counted('sightings', snapshot.sightings())],
    [RECORDS.posts, counted('posts', snapshot.posts())],
    ...(snapshot.links ? ([[RECORDS.events, linkLines(snapshot.links())]] as const) : []),
  ].map(([path, lines]) => [path, lines] as [string, AsyncIterable<string>]);
}

async function* jsonLines(
  records: AsyncIterable<unknown>,
  count: () => void,
): AsyncGenerator<string> {
  for await (const record of records) {
    count();
    yield `${JSON.stringify(record)}\n`;
  }
}

/** With their places in the export instead of those in the archive. */
async function* placedCaptures({
  snapshot,
  copied,
  warcs,
}: Recording): AsyncGenerator<CaptureRecord> {
  for await (const capture of snapshot.captures()) {
    const { body: _, ...stored } = capture.stored;
    if (stored.location === NOWHERE) yield capture;
    else {
      const place = placeIn(copied, stored);
      const body = stored.revisit
        ? { body: placeIn(copied, await bodyPlaceOf(capture.stored, warcs)) }
        : {};
      yield { ...capture, stored: { ...stored, ...place, ...body } };
    }
  }
}

function placeIn(
  { places }: Copied,
  { location, offset }: Pick<StoredBody, 'location' | 'offset'>,
): NewPlace {
  const place = places.get(placeOf(location, offset));
  if (!place) {
    throw new EmbedkeepError('EVIDENCE_DAMAGED', `${placeOf(location, offset)} was not exported`);
  }
  return place;
}

/** Of the response that a revisit stands for. */
export async function bodyPlaceOf(
  stored: StoredBody,
  warcs: WarcFiles,
): Promise<Pick<StoredBody, 'location' | 'offset'>> {
  if (stored.body) return stored.body;
  const record = await warcs.use(stored.location, (source) => readRecord(source, stored.offset));
  if (record) return originalPlace(record, stored);
  const where = placeOf(stored.location, stored.offset);
  throw new EmbedkeepError('EVIDENCE_DAMAGED', `${where} is not there`);
}

export async function* pages({ captures }: Pick<Snapshot, 'captures'>): AsyncGenerator<string> {
  yield `${JSON.stringify({ format: 'json-pages-1.0', id: 'pages', title: 'All Pages' })}\n`;
  for await (const { id, finalUrl, fetchedAt, article, status, stored, url } of captures()) {
    // A page that failed is evidence, not something to leaf through; of one without bytes nothing can be shown.
    if (status < 200 || status > 299 || stored.location === NOWHERE) continue;
    const title = article?.title ?? url;
    yield `${JSON.stringify({ id, url: finalUrl, ts: fetchedAt, title })}\n`;
  }
}

/** `posts`: what an event's post is called today, where its event still calls it by a fingerprint. */
async function* linkLines(links: AsyncIterable<KeptLink>): AsyncGenerator<string> {
  for await (const { n, at, events, hash, rows } of links) {
    const renamed = rows.flatMap(({ body, post }, index) => {
      if (!post || body.includes(JSON.stringify(post.postId))) return [];
      return [[index, [post.platform, post.postId]] as const];
    });
    const posts = renamed.length > 0 ? { posts: Object.fromEntries(renamed) } : {};
    yield `${JSON.stringify({ n, at, events, hash, bodies: rows.map((row) => row.body), ...posts })}\n`;
  }
}
