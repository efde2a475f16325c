/**
 * Gzip members one by one, checked without the writer's library: header, deflate stream, CRC-32 and length.
 * node:zlib's gunzip runs over member borders in silence, so the deflate stream is undone bare.
 */

import { Readable } from 'node:stream';
import { crc32, createInflateRaw, inflateRaw } from 'node:zlib';
import { type ByteSource, windows } from './verify-source.ts';

/** Why a member is not what it ought to be, in plain words. */
export class DamagedMember extends Error {
  override readonly name = 'DamagedMember';
}

const HEADER = 10;
const TRAILER = 8;
/** Text, extra field, name and comment would need parsing; the archive writes none of them. */
const NO_FLAGS = 0;

/**
 * Yields what the member at `offset` inflates to and returns its length in the source.
 * @throws DamagedMember; what was yielded before may be wrong.
 */
export async function* inflateMember(
  source: ByteSource,
  offset: number,
): AsyncGenerator<Uint8Array, number> {
  await checkHeader(source, offset);
  const small = await inflateSmall(source, offset + HEADER);
  if (small) {
    yield small.bytes;
    const sum = { crc: crc32(small.bytes), size: small.bytes.length };
    return await lengthOf(source, { offset, consumed: small.consumed, ...sum });
  }
  return yield* inflateLarge(source, offset);
}

/** Most members fit, and one call costs a tenth of a stream. */
const SMALL_INPUT = 128 * 1024;
const SMALL_OUTPUT = 4 * 1024 * 1024;

/** Null where it is larger, or damaged: then the stream says how. */
function inflateSmall(
  source: ByteSource,
  offset: number,
): Promise<{ bytes: Buffer; consumed: number } | null> {
  return source.read(offset, SMALL_INPUT).then(
    (input) =>
      new Promise((resolve) => {
        const options = { info: true, maxOutputLength: SMALL_OUTPUT };
        inflateRaw(input, options, (error, result) => {
          // With `info` it is this pair, whatever the type says.
          const answer = result as unknown as { buffer: Buffer; engine: { bytesWritten: number } };
          resolve(error ? null : { bytes: answer.buffer, consumed: answer.engine.bytesWritten });
        });
      }),
  );
}

async function* inflateLarge(
  source: ByteSource,
  offset: number,
): AsyncGenerator<Uint8Array, number> {
  const inflater = createInflateRaw();
  const input = Readable.from(windows(source, offset + HEADER), { objectMode: false });
  input.once('error', (error) => inflater.destroy(error));
  input.pipe(inflater);
  let crc = 0;
  let size = 0;
  try {
    for await (const chunk of inflater as AsyncIterable<Uint8Array>) {
      crc = crc32(chunk, crc);
      size += chunk.length;
      yield chunk;
    }
  } catch (cause) {
    throw damagedBy(cause as NodeJS.ErrnoException);
  } finally {
    input.destroy();
    inflater.destroy();
  }
  return await lengthOf(source, { offset, consumed: inflater.bytesWritten, crc, size });
}

/** Of the whole member, once its trailer is found to fit. */
async function lengthOf(
  source: ByteSource,
  member: { offset: number; consumed: number; crc: number; size: number },
): Promise<number> {
  const end = member.offset + HEADER + member.consumed;
  const trailer = Buffer.from(await source.read(end, TRAILER));
  if (trailer.length < TRAILER) throw new DamagedMember('is cut off in its gzip trailer');
  if (trailer.readUInt32LE(0) !== member.crc) {
    throw new DamagedMember('does not match its gzip checksum');
  }
  if (trailer.readUInt32LE(4) !== member.size % 2 ** 32) {
    throw new DamagedMember('does not have the length its gzip trailer states');
  }
  return end + TRAILER - member.offset;
}

async function checkHeader(source: ByteSource, offset: number): Promise<void> {
  const header = Buffer.from(await source.read(offset, HEADER));
  if (header.length < HEADER) throw new DamagedMember('is cut off in its gzip header');
  if (header.readUInt16BE(0) !== 0x1f_8b || header[2] !== 8 || header[3] !== NO_FLAGS) {
    throw new DamagedMember('does not begin as a gzip member');
  }
  // node:zlib writes no time and no level: what stands there came later.
  if (header.readUInt32LE(4) !== 0 || header[8] !== 0) {
    throw new DamagedMember('has a gzip header that was tampered with');
  }
}

function damagedBy(error: NodeJS.ErrnoException): Error {
  // Z_BUF_ERROR: the input ended first. Z_DATA_ERROR: not a deflate stream any more.
  if (error.code === 'Z_BUF_ERROR') return new DamagedMember('is cut off', { cause: error });
  if (error.code?.startsWith('Z_')) {
    return new DamagedMember(`cannot be inflated (${error.message})`, { cause: error });
  }
  return error;
}

const MAGIC = Buffer.from([0x1f, 0x8b, 0x08, NO_FLAGS]);
const RECORD = Buffer.from('WARC/1.');

/** The next place after `from` where a member holding a WARC record begins: one damage must not hide what follows. */
export async function findMember(source: ByteSource, from: number): Promise<number | null> {
  let carried = Buffer.alloc(0);
  let offset = from;
  for await (const chunk of windows(source, from)) {
    const bytes = Buffer.concat([carried, chunk]);
    for (let at = bytes.indexOf(MAGIC); at !== -1; at = bytes.indexOf(MAGIC, at + 1)) {
      const candidate = offset - carried.length + at;
      if (await startsRecord(source, candidate)) return candidate;
    }
    offset += chunk.length;
    carried = bytes.subarray(-(MAGIC.length - 1));
  }
  return null;
}

async function startsRecord(source: ByteSource, offset: number): Promise<boolean> {
  let head = Buffer.alloc(0);
  const member = inflateMember(source, offset);
  try {
    while (head.length < RECORD.length) {
      const { value, done } = await member.next();
      if (done) return false;
      head = Buffer.concat([head, value]);
    }
  } catch (thrown) {
    if (thrown instanceof DamagedMember) return false;
    throw thrown;
  } finally {
    await member.return(0);
  }
  return head.subarray(0, RECORD.length).equals(RECORD);
}
