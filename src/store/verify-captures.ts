/**
 * Captures and records, both ways: every capture's record is where it says, with the address, time, status and bytes
 * that it says; every record belongs to a capture.
 */
import { NOWHERE } from '../capture.ts';
import type { CaptureRow } from '../reader.ts';
import { DiskShelf } from './shelf.ts';
import type { PageSays, StatedFacts } from './stated.ts';
import { type Archived, type ArchiveIndex, placeOf } from './verify-archive.ts';
import { checkBody } from './verify-body.ts';
import { type Inspection, plural } from './verify-report.ts';
import { checkStated } from './verify-stated.ts';
import type { WarcFiles } from './verify-warcs.ts';
import { digestsOf, type ToldCapture, type Vouched } from './vouched.ts';

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
> & {
  readonly parser?: string | null;
  /** Where its records begin, where the view says. */
  readonly start?: number;
  /** What the row states beside that; absent where the view does not say. */
  readonly stated?: StatedCapture;
};

export interface StatedCapture {
  readonly facts: StatedFacts;
  readonly page: Omit<PageSays, 'parser'>;
  /** Null where the view does not count. */
  readonly tally: { readonly embeds: number; readonly newPosts: number } | null;
}

export interface CaptureCheck {
  readonly index: ArchiveIndex;
  readonly inspection: Inspection;
  readonly warcs: Pick<WarcFiles, 'use'>;
  /** Null where no chain was given. */
  readonly vouched: Vouched | null;
  /** What was added to the chain since `vouched`: the store may be written to meanwhile. */
  readonly later: () => Promise<Vouched>;
  /** Captures that were met are put here. */
  readonly met: DiskShelf<MetCapture>;
  /** Is handed each. */
  readonly each?: (capture: CaptureClaim) => void;
}

export interface MetCapture {
  /** That read it last; empty where none did. */
  readonly parser: string;
  readonly articleId: string;
  /** Of the article's address. */
  readonly host: string;
  readonly at: string;
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
    const { id, stored, parser } = capture;
    const host = URL.canParse(capture.url) ? new URL(capture.url).hostname : '';
    const { articleId, fetchedAt: at } = capture;
    met.set(id, { parser: parser ?? '', articleId, host, at });
    check.each?.(capture);
    const told = await vouchedFor(capture, check);
    if (told === null) continue;
    if (stored.location === NOWHERE) {
      without += 1;
      if (!told?.isKept) continue;
      const what = 'names no record, although the event chain says that its bytes were kept';
      inspection.damage('CAPTURE_MISMATCH', `capture ${id}`, what);
      continue;
    }
    const place = placeOf(stored.location, stored.offset);
    if (!claimed.add(place, true)) {
      const what = `shares the record at ${place} with another`;
      inspection.damage('CAPTURE_MISMATCH', `capture ${id}`, what);
    }
    inspection.count('captures');
    await checkCapture(capture, { place, told }, check);
  }
  if (without > 0) {
    const what = `${plural(without, 'was', 'were')} imported without bytes: only the record is here`;
    inspection.count('captures', without);
    inspection.note('UNCHECKED', 'the captures', `of which ${what}`);
  }
}

/**
 * What the chain says of it; undefined where no chain was given. Null for one that came after the check began: its record may
 * have come after the archive was read.
 */
async function vouchedFor(
  capture: CaptureClaim,
  check: CaptureCheck,
): Promise<ToldCapture | null | undefined> {
  const { vouched, later, inspection } = check;
  const where = `capture ${capture.id}`;
  if (!vouched) return undefined;
  const told = vouched.captures.get(capture.id);
  if (!told) {
    if ((await later()).captures.has(capture.id)) return null;
    inspection.damage('EVENT_MISMATCH', where, 'is not in the event chain');
    return undefined;
  }
  if (told.bodies !== digestsOf(capture.stored)) {
    inspection.damage('EVENT_MISMATCH', where, 'has other digests than its event states');
  }
  await checkStated(capture, told, { ...check, vouched });
  return told;
}

async function checkCapture(
  capture: CaptureClaim,
  { place, told }: { place: string; told: ToldCapture | undefined },
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
    if (told?.records && record.removedAt === null && record.membersSha256 !== told.records) {
      inspection.damage('CAPTURE_MISMATCH', where, 'has records that are not those it was kept in');
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
  if (capture.start !== undefined && record.start !== null && capture.start !== record.start) {
    yield `is said to begin elsewhere than its records before ${at} do`;
  }
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

/** Harmless: an answer kept of a try that another one followed (a 503), or a write whose commit never came and that is repeated. */
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
    `${are} ${plural(orphans, 'record')} that no capture names: of a try that another one followed, or a write whose commit never came`,
  );
}
