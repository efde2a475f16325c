/** The WARCs as checks, backups and exports read them, wherever BLOB_URL says they lie. */
import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { EmbedkeepError } from '../src/errors.ts';
import { parseS3Url } from '../src/store/archive/s3-address.ts';
import { openS3Objects } from '../src/store/archive/s3-objects.ts';
import { intoDirectory } from '../src/store/index.ts';
import { type WarcFiles, warcsInBucket, warcsInDirectory } from '../src/store/verify-warcs.ts';

export async function openWarcs(url: string): Promise<WarcFiles & { close(): void }> {
  if (url.startsWith('s3:')) return await warcsInBucket(url);
  const dir = fileURLToPath(url);
  return { ...(existsSync(dir) ? warcsInDirectory(dir) : none(dir)), close: () => {} };
}

/** A store that has captured nothing yet; one that has misses each of its records. */
const none = (name: string): WarcFiles => ({
  name,
  async *list() {},
  use: () => Promise.resolve(null),
});

export interface WarcTarget {
  put(name: string, pieces: AsyncIterable<Uint8Array>): Promise<unknown>;
  close(): void;
}

/** @throws EmbedkeepError CONFLICT where WARCs are there already: a restore never goes over anything */
export async function emptyWarcTarget(url: string): Promise<WarcTarget> {
  const there = `${url} holds WARCs already; give an empty place.`;
  if (!url.startsWith('s3:')) {
    const dir = fileURLToPath(url);
    await mkdir(dir, { recursive: true });
    if ((await readdir(dir)).length > 0) throw new EmbedkeepError('CONFLICT', there);
    return { put: intoDirectory(dir), close: () => {} };
  }
  const objects = await openS3Objects(parseS3Url(url));
  for await (const _ of objects.list('', 1)) {
    objects.close();
    throw new EmbedkeepError('CONFLICT', there);
  }
  return {
    // An object is the WARC of one capture: a few megabytes.
    put: async (name, pieces) => objects.put(name, await buffer(pieces)),
    close: () => objects.close(),
  };
}
