/**
 * Captures and records, both ways: every capture's record is where it says, with the address, time, status and bytes
 * that it says; every record belongs to a capture.
 */
import { createHash } from 'node:crypto';
import { NOWHERE } from '../capture.ts';
import { contentEncodings, decodeBody } from '../content-encoding.ts';
import type { CaptureRow } from '../reader.ts';
import { DiskShelf } from './shelf.ts';
import { type Archived, type ArchiveIndex, placeOf } from './verify-archive.ts';
import { DamagedMember } from './verify-member.ts';
import { readRecord } from './verify-record.ts';
import { type Inspection, plural } from './verify-report.ts';
import type { ByteSource } from './verify-source.ts';
import type { WarcFiles } from './verify-warcs.ts';
import { digestsOf, type Vouched } from './vouched.ts';

export type CaptureClaim = Pick<
  CaptureRow,
  | 'id'
  | 'articleId'
  | 'runId'
  | 'url'
  | 'finalUrl'
  | 'fetchedAt'
  | 'status'
  | 'stored'
  | 'truncated'
  | 'removedAt'
  | 'expiredBy'
  | 'revisitOf'
> & { readonly parser?: string | null };

export interface CaptureCheck {
  readonly index: ArchiveIndex;
  readonly inspection: Inspection;
  readonly warcs: Pick<WarcFiles, 'use'>;
  /** Null where no chain was given. */
  readonly vouched: Vouched | null;
  /** What was added to the chain since `vouched`: the store may be written to meanwhile. */
  readonly later: () => Promise<Vouched>;
  /** Captures that were met, with the parser that read each last, are put here. */
  readonly met: DiskShelf<string>;
}

export async function verifyCaptures(
  captures: AsyncIterable<CaptureClaim>,
  check: CaptureCheck,
): Promise<void> {
  const claimed = new DiskShelf<true>();
  try {
    await checkClaims(captures, { ...check, claimed });
    for (const [id] of check.vouched?.captures.entries() ?? []) {
      if (check.met.has(id)) continue;
      const what = 'is in the event chain and not in the store';
      check.inspection.damage('CAPTURE_MISSING', `capture ${id}`, what);
    }
    noteOrphans(check.index, { claimed, inspection: check.inspection });
  } finally {
    claimed.close();
  }
}

/** Places that captures claimed. */
type Claims = CaptureCheck & { readonly claimed: DiskShelf<true> };

async function checkClaims(captures: AsyncIterable<CaptureClaim>, check: Claims): Promise<void> {
  const { inspection, claimed, met } = check;
  let without = 0;
  for await (const capture of captures) {
    met.set(capture.id, capture.parser ?? '');
    if (capture.stored.location === NOWHERE) {
      if (!(await isVouched(capture, check))) continue;
      without += 1;
      if (!check.vouched?.kept.has(capture.id)) continue;
      const what = 'names no record, although the event chain says that its bytes were kept';
      inspection.damage('CAPTURE_MISMATCH', `capture ${capture.id}`, what);
      continue;
    }
    const place = placeOf(capture.stored.location, capture.stored.offset);
    if (!claimed.add(place, true)) {
      const what = `shares the record at ${place} with another`;
      inspection.damage('CAPTURE_MISMATCH', `capture ${capture.id}`, what);
    }
    if (!(await isVouched(capture, check))) continue;
    inspection.count('captures');
    await checkCapture(capture, place, check);
  }
  if (without > 0) {
    const what = `${plural(without, 'was', 'were')} imported without bytes: only the record is here`;
    inspection.count('captures', without);
    inspection.note('UNCHECKED', 'the captures', `of which ${what}`);
  }
}

/** False for one that came after the check began: its record may have come after the archive was read. */
async function isVouched(
  capture: CaptureClaim,
  { vouched, later, inspection }: CaptureCheck,
): Promise<boolean> {
  const where = `capture ${capture.id}`;
  if (!vouched) return true;
  const digests = vouched.captures.get(capture.id);
  if (!digests) {
    if ((await later()).captures.has(capture.id)) return false;
    inspection.damage('EVENT_MISMATCH', where, 'is not in the event chain');
  } else if (digests !== digestsOf(capture.stored)) {
    inspection.damage('EVENT_MISMATCH', where, 'has other digests than its event states');
  }
  return true;
}

async function checkCapture(
  capture: CaptureClaim,
  place: string,
  check: CaptureCheck,
): Promise<void> {
  const { index, inspection, vouched } = check;
  const where = `capture ${capture.id}`;
  const record = index.records.get(place);
  if (!record) {
    inspection.damage('RECORD_MISSING', where, `has no sound record at ${place}`);
  } else if (capture.removedAt && isErased(record, index)) {
    inspection.note('REMOVED', where, `${departed(capture)}: its bytes are gone`);
    if (vouched && !vouched.removedCaptures.has(capture.id)) {
      const what = 'has lost its bytes to a removal that the event chain does not know';
      inspection.damage('EVENT_MISMATCH', where, what);
    }
  } else {
    for (const problem of contradictions(capture, record)) {
      inspection.damage('CAPTURE_MISMATCH', where, problem);
    }
    await checkBody(capture, record, check);
  }
}

const departed = ({ removedAt, expiredBy }: CaptureClaim): string =>
  expiredBy
    ? `fell to the retention rule \`${expiredBy}\` on ${removedAt}`
    : `was taken down on ${removedAt}`;

/** A revisit's body is another record's. */
function isErased(record: Archived, index: ArchiveIndex): boolean {
  const holder = record.type === 'revisit' ? index.responses.get(record.refersTo ?? '') : record;
  return holder !== undefined && holder.removedAt !== null;
}

function* contradictions(capture: CaptureClaim, record: Archived): Generator<string> {
  const { stored } = capture;
  const at = placeOf(record.file, record.offset);
  if (record.length !== stored.length) yield `states another length than the record at ${at} has`;
  if (record.captureUrl !== capture.url)
    yield `was ordered as another address than the record at ${at}`;
  if (record.url !== capture.finalUrl) yield `states another address than the record at ${at}`;
  // The record has the start of the request and how long the answer took; milliseconds are rounded.
  const answeredAt = record.answeredAt ?? Number.NaN;
  if (!(Math.abs(Date.parse(capture.fetchedAt) - answeredAt) <= 2)) {
    yield `is dated ${capture.fetchedAt}, which is not the time in its record`;
  }
  if (record.status !== null && record.status !== capture.status) {
    yield `states HTTP status ${capture.status}, its record ${record.status}`;
  }
  if ((record.type === 'revisit') !== stored.revisit) {
    yield `takes the ${record.type} record at ${at} for ${stored.revisit ? 'a revisit' : 'a response'}`;
  }
  if (record.payloadSha256 !== stored.rawSha256)
    yield `states another digest than the record at ${at}`;
}

/** MAX_BODY_BYTES ends here: whoever states more wants the memory filled. */
const MOST_BYTES = 1_000_000_000;

async function checkBody(
  capture: CaptureClaim,
  record: Archived,
  { index, inspection, warcs }: CaptureCheck,
): Promise<void> {
  const where = `capture ${capture.id}`;
  const { stored } = capture;
  const holder = record.type === 'response' ? record : index.responses.get(record.refersTo ?? '');
  if (!holder) {
    inspection.damage('RECORD_MISSING', where, 'refers to a body that is nowhere in the archive');
    return;
  }
  // Without Content-Encoding the body as received, which was digested before, is the decoded body.
  const isAsReceived = !holder.isEncoded && holder.payloadSha256 === stored.sha256;
  if (isAsReceived && holder.size === stored.size) return;
  if (Math.max(holder.size, stored.size) > MOST_BYTES) {
    inspection.damage('CAPTURE_MISMATCH', where, 'states more bytes than any capture can have');
    return;
  }
  const body = await warcs.use(holder.file, (source) =>
    decodedBody(source, holder.offset, stored.size),
  );
  if (!body) {
    inspection.damage('RECORD_MISSING', where, 'refers to a body that cannot be read');
    return;
  }
  const isLonger = body.length > stored.size;
  const cut = body.subarray(0, stored.size);
  if (isLonger && capture.truncated === null && !record.isCut) {
    inspection.damage('CAPTURE_MISMATCH', where, `states ${stored.size} bytes; the body is longer`);
  }
  if (createHash('sha256').update(cut).digest('hex') !== stored.sha256) {
    inspection.damage('CAPTURE_MISMATCH', where, 'states another digest than its decoded body has');
  }
}

/** As far as it can be decoded, and at most one byte more than expected: a bomb stays small. */
async function decodedBody(
  source: ByteSource,
  offset: number,
  size: number,
): Promise<Uint8Array | null> {
  try {
    const record = await readRecord(source, offset, { keep: () => true });
    const encodings = contentEncodings(record.http?.fields ?? []);
    const raw = record.payload ?? new Uint8Array();
    return (
      await decodeBody(raw, encodings, {
        maxBytes: size + 1,
        maxRatio: Number.POSITIVE_INFINITY,
      })
    ).body;
  } catch (thrown) {
    if (thrown instanceof DamagedMember) return null;
    throw thrown;
  }
}

/** Harmless: a write whose commit never came is repeated under another run. */
function noteOrphans(
  index: ArchiveIndex,
  { claimed, inspection }: { claimed: DiskShelf<true>; inspection: Inspection },
): void {
  let orphans = 0;
  let first = '';
  for (const [place, record] of index.records.entries()) {
    // Redirects on the way belong to the capture that they led to.
    if (record.captureUrl === null || claimed.has(place)) continue;
    orphans += 1;
    first ||= place;
  }
  if (orphans === 0) return;
  const are = orphans === 1 ? 'is' : 'are';
  inspection.note(
    'ORPHAN_RECORDS',
    first,
    `${are} ${plural(orphans, 'record')} that no capture names: a write whose commit never came`,
  );
}
