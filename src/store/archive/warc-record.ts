/** One WARC 1.1 record as its own gzip member, with sha-256 digests. Own code, so that npm warcio can judge it from outside. */
import { createHash, randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { constants, gzip, gzipSync } from 'node:zlib';

export type RecordType = 'warcinfo' | 'request' | 'response' | 'revisit';

export interface WarcRecord {
  readonly type: RecordType;
  readonly id: string;
  /** RFC 3339 in UTC. */
  readonly date: string;
  readonly contentType: string;
  /** Further WARC fields in order; `null` values are left out. */
  readonly fields: readonly (readonly [name: string, value: string | null])[];
  /** The HTTP header with its empty line, or a warcinfo's text. */
  readonly head: Uint8Array;
  readonly payload: Uint8Array;
  /** The payload came with a Content-Encoding: deflating it again costs time and gains nothing. */
  readonly isPacked?: boolean;
}

export const recordId = (): string => `<urn:uuid:${randomUUID()}>`;

export const sha256Hex = (...parts: readonly Uint8Array[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

const compress = promisify<Uint8Array, Buffer>(gzip);
/** The byte of the gzip header that hints at the level (RFC 1952, 2.3.1). */
const XFL = 8;
/** A field is one line: whatever a server or a URL smuggled in, it stays one. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]+/g;

export async function serializeRecord(record: WarcRecord): Promise<Buffer> {
  const fields: (readonly [string, string | null])[] = [
    ['WARC-Type', record.type],
    ['WARC-Record-ID', record.id],
    ['WARC-Date', record.date],
    ...record.fields,
    ['WARC-Block-Digest', `sha256:${sha256Hex(record.head, record.payload)}`],
    ['Content-Type', record.contentType],
    ['Content-Length', String(record.head.length + record.payload.length)],
  ];
  const lines = fields.flatMap(([name, value]) =>
    value === null ? [] : [`${name}: ${value.replaceAll(CONTROL, ' ').toWellFormed()}\r\n`],
  );
  const header = `WARC/1.1\r\n${lines.join('')}\r\n`;
  const parts = [Buffer.from(header), record.head, record.payload, END];
  const plain = Buffer.concat(parts);
  const member = record.isPacked ? stored(plain) : await compact(plain);
  // Every member begins alike, so that `verify` notices a changed bit in what no checksum covers.
  member[XFL] = 0;
  return member;
}

const END = Buffer.from('\r\n\r\n');

/**
 * 60 kB of gzipped page took 1.9 ms at the default level and came out as long as they were. Copied at once into one piece they
 * take 0.08 ms here; by way of zlib's threads, 16 kB at a time, 0.5 ms and more.
 */
const stored = (plain: Uint8Array): Buffer =>
  gzipSync(plain, { level: constants.Z_NO_COMPRESSION, chunkSize: plain.length + ROOM });
/** Of gzip's header and end, and of the frames of stored blocks of a page. */
const ROOM = 4096;

/** A request takes less time than the way to a thread and back. */
const AT_ONCE = 4096;
const compact = (plain: Uint8Array): Promise<Buffer> | Buffer =>
  plain.length <= AT_ONCE ? gzipSync(plain) : compress(plain);
