/**
 * One WARC record read back from its gzip member, every digest recomputed with node:crypto.
 * Shares no code with the writer, so a defect there shows here.
 */
import { createHash, type Hash } from 'node:crypto';
import { DamagedMember, inflateMember } from './verify-member.ts';
import type { ByteSource } from './verify-source.ts';

export type HeaderFields = readonly (readonly [name: string, value: string])[];

export interface RecordFacts {
  readonly offset: number;
  /** Of the gzip member. */
  readonly length: number;
  /** `response`, `request`, … in lower case. */
  readonly type: string;
  readonly id: string;
  readonly fields: HeaderFields;
  /** First line and header lines where the block is an HTTP message. */
  readonly http: { readonly first: string; readonly fields: HeaderFields } | null;
  /** Lower-case hex; the payload is the block without its HTTP header. */
  readonly blockSha256: string;
  readonly payloadSha256: string;
  readonly payloadSize: number;
  /** Kept only where the caller asked for it. */
  readonly payload: Uint8Array | null;
  /** In plain words, as predicates: `its block does not match its digest`. */
  readonly problems: readonly string[];
}

export interface ReadOptions {
  /** Whether to keep this record's payload in memory. */
  readonly keep?: (record: { type: string; fields: HeaderFields; http: HeaderFields }) => boolean;
}

const END_OF_HEADER = Buffer.from('\r\n\r\n');
const MAX_WARC_HEADER = 256 * 1024;
/** Servers send up to some 100 KB of header lines; what is more is no HTTP message. */
const MAX_HTTP_HEADER = 1024 * 1024;

/** @throws DamagedMember where no record can be read at all. */
export async function readRecord(
  source: ByteSource,
  offset: number,
  options: ReadOptions = {},
): Promise<RecordFacts> {
  const member = inflateMember(source, offset);
  const input = new Chunks(member);
  try {
    const head = parseHead(await input.until(END_OF_HEADER, MAX_WARC_HEADER));
    const block = await readBlock(input, head, options);
    const tail = await input.take(END_OF_HEADER.length);
    const problems = problemsOf(head, block);
    if (!tail.equals(END_OF_HEADER))
      problems.push('does not end with the two line breaks of a record');
    const { length, extra } = await input.finish();
    if (extra > 0) problems.push(`holds ${extra} bytes more than its Content-Length says`);
    return { offset, length, ...head, ...block, problems };
  } finally {
    await member.return(0);
  }
}

interface Head {
  readonly type: string;
  readonly id: string;
  readonly fields: HeaderFields;
  readonly contentLength: number;
}
type Block = Pick<
  RecordFacts,
  'http' | 'blockSha256' | 'payloadSha256' | 'payloadSize' | 'payload'
> & { readonly size: number };

export const fieldOf = (fields: HeaderFields, name: string): string | null =>
  fields.find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1] ?? null;

const VERSION = /^WARC\/1\.[01]$/;
const DIGITS = /^\d{1,15}$/;

function parseHead(bytes: Buffer | null): Head {
  if (!bytes) throw new DamagedMember('holds no complete WARC header');
  const [first = '', ...lines] = bytes.toString('utf8').split('\r\n');
  if (!VERSION.test(first)) throw new DamagedMember('does not begin with a WARC version');
  const fields = lines.map(splitField);
  const length = fieldOf(fields, 'Content-Length') ?? '';
  if (!DIGITS.test(length)) throw new DamagedMember('has no usable Content-Length');
  return {
    type: (fieldOf(fields, 'WARC-Type') ?? '').toLowerCase(),
    id: fieldOf(fields, 'WARC-Record-ID') ?? '',
    fields,
    contentLength: Number(length),
  };
}

function splitField(line: string): readonly [string, string] {
  const colon = line.indexOf(':');
  return colon < 0 ? [line, ''] : [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
}

const isHttp = (fields: HeaderFields): boolean =>
  (fieldOf(fields, 'Content-Type') ?? '').toLowerCase().startsWith('application/http');

async function readBlock(input: Chunks, head: Head, options: ReadOptions): Promise<Block> {
  const blockHash = createHash('sha256');
  const payloadHash = createHash('sha256');
  let left = head.contentLength;
  let http: RecordFacts['http'] = null;
  if (isHttp(head.fields)) {
    const message = await input.until(END_OF_HEADER, Math.min(left, MAX_HTTP_HEADER));
    if (message) {
      http = parseHttp(message);
      blockHash.update(message).update(END_OF_HEADER);
      left -= message.length + END_OF_HEADER.length;
    }
  }
  const keep = options.keep?.({ ...head, http: http?.fields ?? [] }) ?? false;
  const kept: Uint8Array[] = [];
  const payloadSize = await input.each(left, (chunk) => {
    blockHash.update(chunk);
    payloadHash.update(chunk);
    if (keep) kept.push(chunk);
  });
  return {
    http,
    blockSha256: hex(blockHash),
    payloadSha256: hex(payloadHash),
    payloadSize,
    payload: keep ? Buffer.concat(kept) : null,
    size: head.contentLength - left + payloadSize,
  };
}

const hex = (hash: Hash): string => hash.digest('hex');

function parseHttp(message: Buffer): { first: string; fields: HeaderFields } {
  const [first = '', ...lines] = message.toString('latin1').split('\r\n');
  return { first, fields: lines.map(splitField) };
}

const SHA256 = /^sha-?256:([0-9a-f]{64})$/i;

function problemsOf(head: Head, block: Block): string[] {
  const problems: string[] = [];
  if (head.type === '') problems.push('has no WARC-Type');
  if (head.id === '') problems.push('has no WARC-Record-ID');
  if (Number.isNaN(Date.parse(fieldOf(head.fields, 'WARC-Date') ?? ''))) {
    problems.push('has no readable WARC-Date');
  }
  if (block.size < head.contentLength) problems.push('is shorter than its Content-Length says');
  const compare = (name: string, actual: string): void => {
    const stated = fieldOf(head.fields, name);
    if (stated === null) return;
    const digest = SHA256.exec(stated)?.[1]?.toLowerCase();
    if (digest === undefined) problems.push(`has a ${name} that is not sha256: ${stated}`);
    else if (digest !== actual) problems.push(`does not match its ${name}`);
  };
  compare('WARC-Block-Digest', block.blockSha256);
  // A revisit's payload digest is of the body it refers to, which lies elsewhere.
  if (head.type !== 'revisit') compare('WARC-Payload-Digest', block.payloadSha256);
  const isBare = head.type !== 'warcinfo' && fieldOf(head.fields, 'WARC-Block-Digest') === null;
  if (isBare) problems.push('has no WARC-Block-Digest');
  return problems;
}

/** Reads a stream of chunks by marks and counts. */
class Chunks {
  readonly #source: AsyncGenerator<Uint8Array, number>;
  #rest: Buffer = Buffer.alloc(0);
  /** Once the source has ended. */
  #length: number | null = null;

  constructor(source: AsyncGenerator<Uint8Array, number>) {
    this.#source = source;
  }

  /** What stands before the mark, which is consumed; null (nothing consumed) where it does not come within `most`. */
  async until(mark: Buffer, most: number): Promise<Buffer | null> {
    for (;;) {
      const at = this.#rest.indexOf(mark);
      if (at !== -1 && at + mark.length <= most) {
        const found = this.#rest.subarray(0, at);
        this.#rest = this.#rest.subarray(at + mark.length);
        return found;
      }
      if (this.#rest.length >= most || !(await this.#more())) return null;
    }
  }

  async take(count: number): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    await this.each(count, (chunk) => parts.push(chunk));
    return Buffer.concat(parts);
  }

  /** Hands on up to `count` bytes; answers how many there were. */
  async each(count: number, use: (chunk: Uint8Array) => void): Promise<number> {
    let done = 0;
    while (done < count) {
      if (this.#rest.length === 0 && !(await this.#more())) break;
      const chunk = this.#rest.subarray(0, count - done);
      this.#rest = this.#rest.subarray(chunk.length);
      use(chunk);
      done += chunk.length;
    }
    return done;
  }

  async finish(): Promise<{ length: number; extra: number }> {
    let extra = this.#rest.length;
    this.#rest = Buffer.alloc(0);
    while (await this.#more()) {
      extra += this.#rest.length;
      this.#rest = Buffer.alloc(0);
    }
    return { length: this.#length ?? 0, extra };
  }

  async #more(): Promise<boolean> {
    if (this.#length !== null) return false;
    const { value, done } = await this.#source.next();
    if (done) {
      this.#length = value;
      return false;
    }
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    return true;
  }
}
