/**
 * The bytes of a zip that belong to no entry's content. In an export of ours every one of them has one right value, so
 * that nothing can be hidden in them and no flip goes unseen. Zips of others may differ here without being damaged.
 */
import type { Entry, LocalFileHeader } from 'yauzl';
import { type ByteSource, slice, windows } from './verify-source.ts';

export interface Framed {
  readonly name: string;
  readonly entry: Entry;
  readonly local: LocalFileHeader;
}

const END_SIGNATURE = 0x06_05_4b_50;
const END_LENGTH = 22;
const CENTRAL_LENGTH = 46;
const DESCRIPTOR_SIGNATURE = 0x08_07_4b_50;
const DESCRIPTOR_LENGTH = 16;
/** Made on Unix; a regular file that its owner may write and all may read. */
const VERSION_MADE_BY = (3 << 8) | 63;
const ATTRIBUTES = (0o10_0644 << 16) >>> 0;
/** From here on sizes stand in ZIP64 records, which are left to yauzl. */
const MAX_PLAIN = 0xff_ff_ff_ff;

/** Says where the frame is not as it ought to be, in predicates. */
export async function* irregularities(
  whole: ByteSource,
  framed: readonly Framed[],
): AsyncGenerator<string> {
  if (whole.size >= MAX_PLAIN) return;
  const end = Buffer.from(await whole.read(whole.size - END_LENGTH, END_LENGTH));
  const directory = { size: end.readUInt32LE(12), offset: end.readUInt32LE(16) };
  const isRegular =
    end.readUInt32LE(0) === END_SIGNATURE &&
    end.readUInt32LE(4) === 0 &&
    end.readUInt16LE(8) === framed.length &&
    end.readUInt16LE(10) === framed.length &&
    directory.offset + directory.size === whole.size - END_LENGTH &&
    end.readUInt16LE(20) === 0;
  if (!isRegular) yield 'does not end as it ought to';
  yield* gaps(whole, framed, directory.offset);
  const bytes = await allOf(whole, directory);
  if (!isRegularDirectory(bytes, framed)) yield 'has a directory that was tampered with';
}

/** Entry follows entry from the first byte on, each with its data descriptor, up to the directory. */
async function* gaps(
  whole: ByteSource,
  framed: readonly Framed[],
  end: number,
): AsyncGenerator<string> {
  let offset = 0;
  for (const { name, entry, local } of framed) {
    if (entry.relativeOffsetOfLocalHeader !== offset)
      yield `has bytes before ${name} that are no entry`;
    if (local.extraFieldLength > 0) yield `carries something extra with ${name}`;
    offset = local.fileDataStart + entry.compressedSize;
    if ((entry.generalPurposeBitFlag & 8) === 0) continue;
    const descriptor = Buffer.from(await whole.read(offset, DESCRIPTOR_LENGTH));
    const expected = Buffer.alloc(DESCRIPTOR_LENGTH);
    expected.writeUInt32LE(DESCRIPTOR_SIGNATURE, 0);
    expected.writeUInt32LE(entry.crc32, 4);
    expected.writeUInt32LE(entry.compressedSize, 8);
    expected.writeUInt32LE(entry.uncompressedSize, 12);
    // Before the data stand zeros: sizes and checksum come after it.
    const zeros = local.crc32 + local.compressedSize + local.uncompressedSize;
    if (!descriptor.equals(expected) || zeros !== 0)
      yield `states other sizes for ${name} beside it`;
    offset += DESCRIPTOR_LENGTH;
  }
  if (offset !== end) yield 'has bytes after its last entry that are no entry';
}

function isRegularDirectory(bytes: Buffer, framed: readonly Framed[]): boolean {
  let offset = 0;
  for (const { name } of framed) {
    if (offset + CENTRAL_LENGTH > bytes.length) return false;
    const isRegular =
      bytes.readUInt16LE(offset + 4) === VERSION_MADE_BY &&
      // Extra field, comment, disk, internal attributes: none of ours has any.
      bytes.readUIntLE(offset + 30, 6) === 0 &&
      bytes.readUInt16LE(offset + 36) === 0 &&
      bytes.readUInt32LE(offset + 38) === ATTRIBUTES;
    if (!isRegular) return false;
    offset += CENTRAL_LENGTH + Buffer.byteLength(name);
  }
  return offset === bytes.length;
}

async function allOf(
  whole: ByteSource,
  { offset, size }: { offset: number; size: number },
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of windows(slice(whole, { name: 'directory', offset, size }))) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
