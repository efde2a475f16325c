/**
 * Captures as one WACZ 1.1.1: WARC, CDXJ index, pages, and the records as JSON, all under the digests of datapackage.json.
 * Streams: the places of the captures and the index wait in temporary files, some megabytes of each in memory.
 */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { getSurt } from 'warcio';
import { ZipFile } from 'yazl';
import { NOWHERE } from '../capture.ts';
import { DiskShelf } from './shelf.ts';
import type { WarcFiles } from './verify-warcs.ts';
import { bodyPlaceOf, pages, recordFiles } from './wacz-records.ts';
import { WACZ_SCHEMA, type WaczManifest } from './wacz-schema.ts';
import type { Snapshot } from './wacz-snapshot.ts';
import { type Copied, copyParts, type NewPlace, type Wanted, want } from './wacz-warc.ts';

export interface WaczOptions {
  readonly warcs: WarcFiles;
  readonly snapshot: Snapshot;
  readonly title?: string;
  readonly software?: string;
  readonly now?: () => Date;
  /** Told what the export holds, before its last entries. */
  readonly counted?: (counts: { captures: number; posts: number }) => void;
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
  const wanted = new DiskShelf<true>();
  const copied = { places: new DiskShelf<NewPlace>(), index: new DiskShelf<true>() };
  try {
    await fillFrom(options, { zip, wanted, copied });
  } finally {
    for (const shelf of [wanted, copied.places, copied.index]) shelf.close();
  }
}

async function fillFrom(
  options: WaczOptions,
  { zip, wanted, copied }: { zip: ZipFile; wanted: Wanted; copied: Copied },
): Promise<void> {
  const { now = () => new Date(), software = SOFTWARE } = options;
  const created = now();
  const resources: Resource[] = [];
  const add = async (path: string, chunks: Chunks): Promise<void> => {
    resources.push(await addEntry(zip, { path, chunks, mtime: created }));
  };

  const { snapshot } = options;
  await wantAll(options, wanted);
  const copying = { ...options, wanted, software, now, getSurt };
  for await (const { name, chunks } of copyParts(copying, copied)) {
    await add(`archive/${name}`, chunks);
  }
  await add('indexes/index.cdx', lines(copied.index));
  await add('pages/pages.jsonl', pages(snapshot));
  const counts = { runs: 0, captures: 0, sightings: 0, posts: 0 };
  const recording = { snapshot, copied, counts, warcs: options.warcs };
  for (const [path, records] of recordFiles(recording)) await add(path, records);
  await snapshot.assertUnchanged();
  options.counted?.(counts);

  const manifest: WaczManifest = {
    schema: WACZ_SCHEMA,
    isWhole: snapshot.links !== null,
    chain: snapshot.head,
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
  zip.addReadStreamLazy(path, how, (callback) => {
    // Where the output has failed nobody else listens any more.
    const source = Readable.from(hashed(), { objectMode: false }).on('error', reject);
    callback(null, source);
  });
  await promise;
  const [name = path] = path.toLowerCase().split('/').slice(-1);
  return { name, path, hash: `sha256:${hash.digest('hex')}`, bytes };
}

/** The wanted captures and, for revisits, the responses that hold their bodies. */
async function wantAll({ snapshot, warcs }: WaczOptions, wanted: Wanted): Promise<void> {
  for await (const { stored } of snapshot.captures()) {
    if (stored.location === NOWHERE) continue;
    want(wanted, stored);
    if (stored.revisit) want(wanted, await bodyPlaceOf(stored, warcs));
  }
}

function* lines(index: Copied['index']): Generator<string> {
  for (const [line] of index.entries()) yield `${line}\n`;
}
