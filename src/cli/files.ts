/** Streams as commands take and leave them: lines in, whole files out. */
import { createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { diskError, isFullDisk } from '../store/disk-error.ts';

const NEWLINE = 10;

/** Lines of UTF-8 without their end. Not node:readline: it takes U+2028 inside a text for the end of a line. */
export async function* linesOf(pieces: AsyncIterable<unknown>): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of pieces) {
    const bytes = Buffer.concat([rest, Buffer.from(piece as Uint8Array)]);
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      yield bytes.toString('utf8', start, end);
      start = end + 1;
    }
    rest = bytes.subarray(start);
  }
  if (rest.length > 0) yield rest.toString('utf8');
}

/** Complete under its name, and on the disk, or not there at all. */
export async function saveAs(path: string, body: Readable): Promise<number> {
  const part = `${path}.part`;
  try {
    const out = createWriteStream(part, { flush: true });
    await pipeline(body, out);
    await rename(part, path);
    const folder = await open(dirname(path), 'r');
    await folder.sync();
    await folder.close();
    return out.bytesWritten;
  } catch (thrown) {
    await rm(part, { force: true });
    throw isFullDisk(thrown) ? diskError(path, thrown) : thrown;
  }
}
