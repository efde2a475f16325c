/**
 * WARC files, record by record: every gzip member whole, every digest that of its bytes, every record in its place.
 * What was found is indexed, so that captures can be compared with it both ways.
 */
import { contentEncodings } from '../content-encoding.ts';
import { REMOVED_FIELD } from './archive/erase.ts';
import { DiskShelf } from './shelf.ts';
import { DamagedMember, findMember } from './verify-member.ts';
import { Members } from './verify-members.ts';
import { Neighbours } from './verify-neighbours.ts';
import { fieldOf, type RecordFacts, readRecord } from './verify-record.ts';
import type { Inspection } from './verify-report.ts';
import type { ByteSource } from './verify-source.ts';

/** A response or revisit record, as far as captures speak of it. */
export interface Archived {
  readonly file: string;
  readonly offset: number;
  readonly length: number;
  readonly id: string;
  readonly type: 'response' | 'revisit';
  readonly url: string;
  /** When the response began, in milliseconds since 1970; null where the record does not say. */
  readonly answeredAt: number | null;
  readonly status: number | null;
  /** Of the body as received; a revisit's is that of the body it refers to. */
  readonly payloadSha256: string | null;
  /** Of the payload in this record. */
  readonly size: number;
  readonly isEncoded: boolean;
  /** Record id that a revisit refers to. */
  readonly refersTo: string | null;
  /** The article's address as ordered, on the last record of a capture; null on redirects. */
  readonly captureUrl: string | null;
  /** What was kept may end before what was sent, or was decoded only in part. */
  readonly isCut: boolean;
  /** Where the capture's first record begins; on its last alone. */
  readonly start: number | null;
  /** Of the capture's gzip members up to this one, as they lie in the file; on the last record of a capture alone. */
  readonly membersSha256: string | null;
  /** When a takedown erased the body; what stands there now is a tombstone. */
  readonly removedAt: string | null;
}

export interface ArchiveIndex {
  /** By place, see `placeOf`. */
  readonly records: DiskShelf<Archived>;
  /** Responses by record id, for revisits. */
  readonly responses: DiskShelf<Archived>;
}

/** For as long as `use` takes. */
export async function withIndex<T>(use: (index: ArchiveIndex) => Promise<T>): Promise<T> {
  const index = { records: new DiskShelf<Archived>(), responses: new DiskShelf<Archived>() };
  try {
    return await use(index);
  } finally {
    index.records.close();
    index.responses.close();
  }
}

export const placeOf = (file: string, offset: number): string => `${file}@${offset}`;

export interface WarcCheck {
  readonly inspection: Inspection;
  readonly index: ArchiveIndex;
  /** Its writer may still be at it, or died: what it left half-written at the end is cut at the next start. */
  readonly isOpen?: boolean;
}

export async function verifyWarc(source: ByteSource, check: WarcCheck): Promise<void> {
  const { inspection } = check;
  inspection.count('files');
  inspection.count('bytes', source.size);
  if (source.size === 0) inspection.note('UNCHECKED', source.name, 'is empty');
  const ids = new DiskShelf<true>();
  try {
    await verifyRecords(source, new Neighbours(inspection, { file: source.name, ids }), check);
  } finally {
    ids.close();
  }
}

async function verifyRecords(
  source: ByteSource,
  neighbours: Neighbours,
  check: WarcCheck,
): Promise<void> {
  const { inspection, isOpen = false } = check;
  const members = new Members(source);
  for (let offset = 0; offset < source.size; ) {
    const record = await readNext(source, offset);
    if (record.facts) {
      await take(record.facts, { source, members }, check);
      neighbours.next(record.facts);
      offset += record.facts.length;
      continue;
    }
    const place = placeOf(source.name, offset);
    const lost = `${(record.next ?? source.size) - offset} bytes are unreadable`;
    if (isOpen && record.next === null) {
      inspection.note('UNCHECKED', place, `is being written, or was when its writer died: ${lost}`);
    } else inspection.damage('RECORD_DAMAGED', place, `${record.why}; ${lost}`);
    neighbours.lose();
    members.lose();
    offset = record.next ?? source.size;
  }
  if (!isOpen) neighbours.end();
}

type Next =
  | { readonly facts: RecordFacts }
  | { readonly facts: null; readonly why: string; readonly next: number | null };

async function readNext(source: ByteSource, offset: number): Promise<Next> {
  try {
    return { facts: await readRecord(source, offset) };
  } catch (thrown) {
    if (!(thrown instanceof DamagedMember)) throw thrown;
    return { facts: null, why: thrown.message, next: await findMember(source, offset + 1) };
  }
}

async function take(
  record: RecordFacts,
  { source, members }: { source: ByteSource; members: Members },
  { inspection, index }: WarcCheck,
): Promise<void> {
  const file = source.name;
  const group = await members.take(record);
  inspection.count('records');
  for (const problem of record.problems) {
    inspection.damage('RECORD_DAMAGED', placeOf(file, record.offset), problem);
  }
  const archived = archivedOf(record, { file, ...group });
  if (!archived) return;
  index.records.set(placeOf(file, record.offset), archived);
  if (archived.type === 'response') index.responses.set(record.id, archived);
}

/** Every revisit stands for a body that is there. Call it when all files were read. */
export function verifyRevisits(index: ArchiveIndex, inspection: Inspection): void {
  for (const [, record] of index.records.entries()) {
    if (record.type !== 'revisit') continue;
    const original = index.responses.get(record.refersTo ?? '');
    const place = placeOf(record.file, record.offset);
    if (!original)
      inspection.damage('RECORD_MISSING', place, 'refers to a record that is not there');
    else if (original.removedAt === null && original.payloadSha256 !== record.payloadSha256) {
      inspection.damage('RECORD_DAMAGED', place, 'refers to a record that holds another body');
    }
  }
}

const STATUS = /^HTTP\/\d(?:\.\d)? (\d{3})/;
const DIGEST = /^sha-?256:([0-9a-f]{64})$/i;

const HEADERS_MS = /\bheaders=(\d+(?:\.\d+)?)/;

function archivedOf(
  record: RecordFacts,
  where: Pick<Archived, 'file' | 'start' | 'membersSha256'>,
): Archived | null {
  const { type, offset, length, id, fields, http } = record;
  if (type !== 'response' && type !== 'revisit') return null;
  const stated = DIGEST.exec(fieldOf(fields, 'WARC-Payload-Digest') ?? '')?.[1]?.toLowerCase();
  const status = STATUS.exec(http?.first ?? '')?.[1];
  const waited = HEADERS_MS.exec(fieldOf(fields, 'Embedkeep-Timings') ?? '')?.[1];
  const answeredAt = Date.parse(fieldOf(fields, 'WARC-Date') ?? '') + Number(waited ?? Number.NaN);
  return {
    ...where,
    offset,
    length,
    id,
    type,
    url: fieldOf(fields, 'WARC-Target-URI') ?? '',
    answeredAt: Number.isNaN(answeredAt) ? null : answeredAt,
    status: status === undefined ? null : Number(status),
    payloadSha256: type === 'response' ? record.payloadSha256 : (stated ?? null),
    size: record.payloadSize,
    isEncoded: contentEncodings(http?.fields ?? []).length > 0,
    refersTo: fieldOf(fields, 'WARC-Refers-To'),
    captureUrl: fieldOf(fields, 'Embedkeep-Capture-URI'),
    removedAt: fieldOf(fields, REMOVED_FIELD),
    isCut:
      fieldOf(fields, 'WARC-Truncated') !== null || fieldOf(fields, 'Embedkeep-Failure') !== null,
  };
}
