/**
 * Captures as one WACZ 1.1.1: WARC, CDXJ index, pages, and the records as JSON, all under the digests of datapackage.json.
 * Streams: in memory are the places of the captures and the index, about half a kilobyte a capture.
 */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { getSurt } from 'warcio';
import { ZipFile } from 'yazl';
import { EmbedkeepError } from '../errors.ts';
import type { CaptureRow } from '../ledger.ts';
import type { ChainHead } from './event-chain.ts';
import { placeOf } from './verify-archive.ts';
import type { SightingClaim } from './verify-captures.ts';
import type { KeptLink } from './verify-chain.ts';
import { fieldOf, readRecord } from './verify-record.ts';
import type { WarcFiles } from './verify-warcs.ts';
import type { WaczManifest } from './wacz-schema.ts';
import { type Copied, copyParts, type Wanted, want } from './wacz-warc.ts';

export interface WaczOptions {
  readonly warcs: WarcFiles;
  /** Called twice; both times the same captures in the same order. */
  readonly captures: () => AsyncIterable<CaptureRow>;
  /** Those of other captures are left out. */
  readonly sightings: () => AsyncIterable<SightingClaim>;
  /** Posts with their sightings, a JSON line each, as `export --format jsonl` has them. */
  readonly posts?: () => AsyncIterable<unknown>;
  /** Named in the manifest. */
  readonly head: ChainHead;
  /** The whole chain, where the whole store is exported; a part of a store is not told what lies beside it. */
  readonly links?: () => AsyncIterable<KeptLink>;
  readonly title?: string;
  readonly software?: string;
  readonly now?: () => Date;
  /** For tests: a new WARC begins above this. */
  readonly partBytes?: number;
}

type Chunks = AsyncIterable<Uint8Array | string> | Iterable<string>;

interface Resource {
  readonly name: string;
  readonly path: string;
  readonly hash: string;
  readonly bytes: number;
}

export const WACZ_VERSION = '1.1.1';
const SOFTWARE = 'embedkeep/0.1';

/** Complete under its name or not there at all. */
export async function writeWacz(path: string, options: WaczOptions): Promise<void> {
  const part = `${path}.part`;
  try {
    await pipeline(streamWacz(options), createWriteStream(part));
    const file = await open(part, 'r+');
    await file.sync();
    await file.close();
    await rename(part, path);
    const folder = await open(dirname(path), 'r');
    await folder.sync();
    await folder.close();
  } catch (thrown) {
    await rm(part, { force: true });
    throw thrown;
  }
}

export function streamWacz(options: WaczOptions): Readable {
  const zip = new ZipFile();
  const out = zip.outputStream as Readable;
  // A stream that fails inside a zip must not end as a zip.
  zip.on('error', (error: Error) => out.destroy(error));
  fill(zip, options).catch((thrown: unknown) => out.destroy(thrown as Error));
  return out;
}

async function fill(zip: ZipFile, options: WaczOptions): Promise<void> {
  const { now = () => new Date(), software = SOFTWARE } = options;
  const created = now();
  const resources: Resource[] = [];
  const add = async (path: string, chunks: Chunks): Promise<void> => {
    resources.push(await addEntry(zip, { path, chunks, mtime: created }));
  };

  const copied: Copied = { places: new Map(), index: [] };
  const wanted = await placesOf(options);
  const copying = { ...options, wanted, software, now, getSurt };
  for await (const { name, chunks } of copyParts(copying, copied)) {
    await add(`archive/${name}`, chunks);
  }
  await add('indexes/index.cdx', lines(copied.index.toSorted()));
  await add('pages/pages.jsonl', pages(options));
  const counts = { captures: 0, sightings: 0, posts: 0 };
  const ids = new Set<string>();
  await add('records/captures.jsonl', captureLines(options, { copied, ids, counts }));
  await add('records/sightings.jsonl', sightingLines(options, { ids, counts }));
  if (options.posts) await add('records/posts.jsonl', postLines(options.posts(), counts));
  if (options.links) await add('records/events.jsonl', linkLines(options.links()));

  const manifest: WaczManifest = {
    schema: 1,
    isWhole: options.links !== undefined,
    chain: options.head,
    counts,
  };
  const datapackage = JSON.stringify(
    {
      profile: 'data-package',
      wacz_version: WACZ_VERSION,
      title: options.title ?? 'Preserved by embedkeep',
      software,
      created: created.toISOString(),
      embedkeep: manifest,
      resources: [...resources],
    },
    null,
    2,
  );
  const hash = `sha256:${createHash('sha256').update(datapackage).digest('hex')}`;
  await add('datapackage.json', [datapackage]);
  await add('datapackage-digest.json', [JSON.stringify({ path: 'datapackage.json', hash })]);
  zip.end();
}

/** Resolves when the last byte has gone into the zip. Stored, not compressed, as the format asks. */
async function addEntry(
  zip: ZipFile,
  entry: { path: string; chunks: Chunks; mtime: Date },
): Promise<Resource> {
  const { path, mtime } = entry;
  const hash = createHash('sha256');
  let bytes = 0;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  async function* hashed(): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of entry.chunks) {
        const buffer = Buffer.from(chunk as Uint8Array);
        hash.update(buffer);
        bytes += buffer.length;
        yield buffer;
      }
      resolve();
    } catch (thrown) {
      reject(thrown as Error);
      throw thrown;
    }
  }
  // As verify-zip-frame.ts expects it.
  const how = { compress: false, mtime, mode: 0o10_0644, forceDosTimestamp: true };
  zip.addReadStreamLazy(path, how, (callback) =>
    callback(null, Readable.from(hashed(), { objectMode: false })),
  );
  await promise;
  const [name = path] = path.toLowerCase().split('/').slice(-1);
  return { name, path, hash: `sha256:${hash.digest('hex')}`, bytes };
}

/** The wanted captures and, for revisits, the responses that hold their bodies. */
async function placesOf({ captures, warcs }: WaczOptions): Promise<Wanted> {
  const wanted: Wanted = new Map();
  for await (const { stored } of captures()) {
    want(wanted, stored);
    if (stored.revisit) want(wanted, await originalOf(stored, warcs));
  }
  return wanted;
}

async function originalOf(
  stored: CaptureRow['stored'],
  warcs: WarcFiles,
): Promise<{ location: string; offset: number }> {
  const record = await warcs.use(stored.location, (source) => readRecord(source, stored.offset));
  const location = record && fieldOf(record.fields, 'WARC-Refers-To-Filename');
  const offset = record && fieldOf(record.fields, 'WARC-Refers-To-File-Offset');
  if (!location || !offset) {
    throw new EmbedkeepError(
      'EVIDENCE_DAMAGED',
      `${placeOf(stored.location, stored.offset)} does not say where its body lies`,
    );
  }
  return { location, offset: Number(offset) };
}

async function* pages({ captures }: WaczOptions): AsyncGenerator<string> {
  yield `${JSON.stringify({ format: 'json-pages-1.0', id: 'pages', title: 'All Pages' })}\n`;
  for await (const { id, finalUrl, fetchedAt, article, status, url } of captures()) {
    // A page that failed is evidence, not something to leaf through.
    if (status < 200 || status > 299) continue;
    const title = article?.title ?? url;
    yield `${JSON.stringify({ id, url: finalUrl, ts: fetchedAt, title })}\n`;
  }
}

interface Counting {
  readonly ids: Set<string>;
  readonly counts: { captures: number; sightings: number; posts: number };
}

async function* captureLines(
  { captures }: WaczOptions,
  { copied, ids, counts }: Counting & { copied: Copied },
): AsyncGenerator<string> {
  for await (const capture of captures()) {
    const { stored } = capture;
    const place = copied.places.get(placeOf(stored.location, stored.offset));
    // Captured while the export ran: it belongs to the next one.
    if (!place) continue;
    ids.add(capture.id);
    counts.captures += 1;
    yield `${JSON.stringify({ ...capture, stored: { ...stored, ...place } })}\n`;
  }
}

async function* sightingLines(
  { sightings }: WaczOptions,
  { ids, counts }: Counting,
): AsyncGenerator<string> {
  for await (const sighting of sightings()) {
    if (!ids.has(sighting.captureId)) continue;
    counts.sightings += 1;
    yield `${JSON.stringify(sighting)}\n`;
  }
}

async function* postLines(
  posts: AsyncIterable<unknown>,
  counts: { posts: number },
): AsyncGenerator<string> {
  for await (const post of posts) {
    counts.posts += 1;
    yield `${JSON.stringify(post)}\n`;
  }
}

async function* linkLines(links: AsyncIterable<KeptLink>): AsyncGenerator<string> {
  for await (const { n, at, events, hash, rows } of links) {
    yield `${JSON.stringify({ n, at, events, hash, bodies: rows.map((row) => row.body) })}\n`;
  }
}

function* lines(all: Iterable<string>): Generator<string> {
  for (const line of all) yield `${line}\n`;
}
