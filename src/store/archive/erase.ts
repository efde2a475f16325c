/**
 * One record's payload made to go, in place: the member keeps its offset and length, so nothing else moves and every index holds.
 * What stays is the record's own header, the answer's first line, and a field that says so.
 */
import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { constants, crc32, deflateRawSync } from 'node:zlib';
import { NOWHERE, type StoredBody } from '../../capture.ts';
import { EmbedkeepError } from '../../errors.ts';
import { toStoreError } from '../store-errors.ts';
import { fieldOf, readRecord } from '../verify-record.ts';
import { type ByteSource, inMemory, openFile } from '../verify-source.ts';
import { parseS3Url } from './s3-address.ts';
import { openS3Objects } from './s3-objects.ts';
import { overwriteSafely } from './tombstone-file.ts';

export const REMOVED_FIELD = 'Embedkeep-Removed';

const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
const TRAILER = 8;
const STORED_MOST = 65_535;
const STORED_HEADER = 5;
const NAMES = [
  'WARC-Type',
  'WARC-Record-ID',
  'WARC-Date',
  'WARC-Target-URI',
  'WARC-Concurrent-To',
  'Embedkeep-Capture-URI',
  'Embedkeep-Timings',
  'WARC-IP-Address',
];

/** Erases bodies of the store that BLOB_URL names. */
export function createEraser(blobUrl: string, now: () => Date) {
  return async (stored: Pick<StoredBody, 'location' | 'offset' | 'length'>): Promise<void> => {
    const { location } = stored;
    if (location === NOWHERE) return;
    const removedAt = now().toISOString();
    if (blobUrl.startsWith('s3:')) {
      await eraseInBucket(blobUrl, stored, removedAt);
      return;
    }
    if (basename(location) !== location) throw new EmbedkeepError('EVIDENCE_DAMAGED');
    const path = join(fileURLToPath(blobUrl), location);
    await eraseRecord(path, stored, removedAt).catch((cause: unknown) => {
      throw toStoreError(cause);
    });
  };
}

/** Nobody may be reading it for truth meanwhile; appending to the same file goes on undisturbed. */
export async function eraseRecord(path: string, place: Extent, removedAt: string): Promise<void> {
  await overwriteSafely(path, place, async () => {
    const source = await openFile(path);
    try {
      return await erasedMember(source, place, removedAt);
    } finally {
      await source.close();
    }
  });
}

/** The object is one capture's and small: it is written anew as a whole. */
async function eraseInBucket(
  blobUrl: string,
  { location, ...place }: Extent & { readonly location: string },
  removedAt: string,
): Promise<void> {
  const objects = await openS3Objects(parseS3Url(blobUrl));
  try {
    const bytes = await objects.get(location);
    if (bytes === null) return;
    const member = await erasedMember(inMemory(location, bytes), place, removedAt);
    if (member === null) return;
    const changed = Buffer.from(bytes);
    member.copy(changed, place.offset);
    await objects.replace(location, changed);
  } finally {
    objects.close();
  }
}

interface Extent {
  readonly offset: number;
  readonly length: number;
}

/** Null where it is a tombstone already. */
async function erasedMember(
  source: ByteSource,
  place: Extent,
  removedAt: string,
): Promise<Buffer | null> {
  const text = await tombstoneOf(source, place.offset, removedAt);
  if (text === null) return null;
  const bytes = memberOfLength(text, place.length);
  if (!bytes) throw new EmbedkeepError('CONFLICT', `The record at ${place.offset} is too small.`);
  return bytes;
}

/** The header that stays, and the first line of the answer; null where it is a tombstone already. */
async function tombstoneOf(
  source: ByteSource,
  offset: number,
  removedAt: string,
): Promise<Tombstone | null> {
  const { fields, http } = await readRecord(source, offset);
  if (fieldOf(fields, REMOVED_FIELD) !== null) return null;
  const kept = NAMES.flatMap((name) => {
    const value = fieldOf(fields, name);
    return value === null ? [] : [`${name}: ${value}\r\n`];
  });
  const type = 'Content-Type: application/http;msgtype=response\r\n';
  return {
    head: Buffer.from(`WARC/1.1\r\n${kept.join('')}${REMOVED_FIELD}: ${removedAt}\r\n${type}`),
    answer: Buffer.from(`${http?.first ?? 'HTTP/1.1 200'}\r\n\r\n`, 'latin1'),
  };
}

interface Tombstone {
  readonly head: Buffer;
  readonly answer: Buffer;
}

/** The head compressed, the rest stored as it is, with dots for a body: so every length from some minimum on is met exactly. */
function memberOfLength({ head, answer }: Tombstone, length: number): Buffer | null {
  const packed = deflateRawSync(head, { level: 9, finishFlush: constants.Z_SYNC_FLUSH });
  const room = length - GZIP_HEADER.length - packed.length - TRAILER;
  const blocks = Math.max(1, Math.ceil(room / (STORED_MOST + STORED_HEADER)));
  const dots = room - blocks * STORED_HEADER - restOf(answer, 0).length;
  if (dots < 0) return null;
  const rest = restOf(answer, dots);
  const whole = Buffer.concat([head, rest]);
  const trailer = Buffer.alloc(TRAILER);
  trailer.writeUInt32LE(crc32(whole), 0);
  trailer.writeUInt32LE(whole.length % 2 ** 32, 4);
  return Buffer.concat([GZIP_HEADER, packed, ...storedBlocks(rest, blocks), trailer]);
}

/** Digest and length have a fixed width, so that the whole grows by a byte a dot. */
function restOf(answer: Buffer, dots: number): Buffer {
  const block = Buffer.concat([answer, Buffer.alloc(dots, '.')]);
  const digest = createHash('sha256').update(block).digest('hex');
  const size = String(block.length).padStart(10, '0');
  const fields = `WARC-Block-Digest: sha256:${digest}\r\nContent-Length: ${size}\r\n\r\n`;
  return Buffer.concat([Buffer.from(fields), block, Buffer.from('\r\n\r\n')]);
}

function storedBlocks(data: Buffer, count: number): Buffer[] {
  return Array.from({ length: count }, (_, at) => {
    const part = data.subarray(at * STORED_MOST, (at + 1) * STORED_MOST);
    const header = Buffer.alloc(STORED_HEADER);
    header[0] = at === count - 1 ? 1 : 0;
    header.writeUInt16LE(part.length, 1);
    header.writeUInt16LE(~part.length & 0xff_ff, 3);
    return Buffer.concat([header, part]);
  });
}
