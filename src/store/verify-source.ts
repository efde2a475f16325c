/** Bytes to verify, wherever they lie: a file, a stored entry of a zip, an object of a bucket. */
import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { EmbedkeepError } from '../errors.ts';

export interface ByteSource {
  /** As the report names it. */
  readonly name: string;
  readonly size: number;
  /** Exactly these bytes, or fewer where the source ends before. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

export interface FileSource extends ByteSource {
  close(): Promise<void>;
}

export async function openFile(path: string, name = path): Promise<FileSource> {
  const handle = await open(path, 'r').catch((cause: NodeJS.ErrnoException) => {
    const code = cause.code === 'ENOENT' ? 'NOT_FOUND' : 'STORE_UNAVAILABLE';
    throw new EmbedkeepError(code, `${path} cannot be read: ${cause.message}`, { cause });
  });
  const { size } = await handle.stat();
  return {
    name,
    size,
    read: (offset, length) => readAt(handle, offset, Math.min(length, size - offset)),
    close: () => handle.close(),
  };
}

/** A part of another source, for entries of an uncompressed zip. */
export const slice = (
  source: ByteSource,
  part: { name: string; offset: number; size: number },
): ByteSource => ({
  name: part.name,
  size: part.size,
  read: (offset, length) =>
    source.read(part.offset + offset, Math.max(0, Math.min(length, part.size - offset))),
});

export const inMemory = (name: string, bytes: Uint8Array): ByteSource => ({
  name,
  size: bytes.length,
  read: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + Math.max(0, length))),
});

async function readAt(handle: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  if (length <= 0) return new Uint8Array();
  const buffer = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(buffer, done, length - done, offset + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return buffer.subarray(0, done);
}

const WINDOW = 256 * 1024;

export async function* windows(source: ByteSource, from = 0): AsyncGenerator<Uint8Array> {
  // The first window is small: most records are, and reading on is cheap.
  let step = 16 * 1024;
  for (let offset = from; offset < source.size; ) {
    const bytes = await source.read(offset, step);
    if (bytes.length === 0) return;
    yield bytes;
    offset += bytes.length;
    step = WINDOW;
  }
}

export async function sha256Of(source: ByteSource): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of windows(source)) hash.update(chunk);
  return hash.digest('hex');
}

const NEWLINE = 10;

/** A line holds one post, one capture or one link; longer ones are cut, and then are no JSON any more. */
const MAX_LINE = 64 * 1024 * 1024;

/** Lines of UTF-8. Not node:readline: it takes U+2028 inside a text for the end of a line. */
export async function* linesIn(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let parts: Uint8Array[] = [];
  let length = 0;
  const take = (part: Uint8Array): void => {
    if (length < MAX_LINE && part.length > 0) parts.push(part);
    length += part.length;
  };
  const line = (): string => {
    const text = Buffer.concat(parts).toString('utf8');
    parts = [];
    length = 0;
    return text;
  };
  for await (const piece of pieces) {
    let start = 0;
    for (let end = piece.indexOf(NEWLINE); end !== -1; end = piece.indexOf(NEWLINE, start)) {
      take(piece.subarray(start, end));
      yield line();
      start = end + 1;
    }
    take(piece.subarray(start));
  }
  if (length > 0) yield line();
}
