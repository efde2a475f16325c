/**
 * Captures and records, both ways: every capture's record is where it says, with the address, time, status and bytes
 * that it says; every record belongs to a capture. Sightings against the digests that the event chain vouches for.
 */
import { createHash } from 'node:crypto';
import { contentEncodings, decodeBody } from '../content-encoding.ts';
import type { Embed } from '../embed.ts';
import type { CaptureRow } from '../ledger.ts';
import { sightingDigest } from './keep-sightings.ts';
import { REMOVED_FORM } from './redact.ts';
import { type Archived, type ArchiveIndex, placeOf } from './verify-archive.ts';
import { DamagedMember } from './verify-member.ts';
import { readRecord } from './verify-record.ts';
import { type Inspection, plural } from './verify-report.ts';
import type { ByteSource } from './verify-source.ts';
import type { WarcFiles } from './verify-warcs.ts';

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
>;

export interface SightingClaim {
  readonly captureId: string;
  readonly parser: string;
  readonly embed: Embed;
}

/** What the chain's `captured`, `failed` and `reparsed` events say of captures. */
export interface Vouched {
  readonly captures: Map<string, { sha256: string; rawSha256: string }>;
  /** `capture parser` to the digests of its sightings. */
  readonly sightings: Map<string, Set<string>>;
  /** Digests of sightings whose words were taken down, and the captures they were in. */
  readonly removed: Set<string>;
  readonly removedCaptures: Set<string>;
}

export const newVouched = (): Vouched => ({
  captures: new Map(),
  sightings: new Map(),
  removed: new Set(),
  removedCaptures: new Set(),
});

/** Takes from an event what it says of a capture. */
export function vouch(vouched: Vouched, event: Readonly<Record<string, unknown>>): void {
  for (const digest of removedBy(event, 'sightings')) vouched.removed.add(digest);
  for (const id of removedBy(event, 'captures')) vouched.removedCaptures.add(id);
  const { captureId, detail } = event as {
    captureId?: string;
    detail?: { sha256?: string; rawSha256?: string; parser?: string; embeds?: string[] };
  };
  if (typeof captureId !== 'string' || typeof detail !== 'object' || detail === null) return;
  const { sha256, rawSha256, parser, embeds } = detail;
  if (sha256 && rawSha256) vouched.captures.set(captureId, { sha256, rawSha256 });
  if (parser && Array.isArray(embeds)) {
    const key = `${captureId} ${parser}`;
    vouched.sightings.set(key, new Set([...(vouched.sightings.get(key) ?? []), ...embeds]));
  }
}

function removedBy(
  event: Readonly<Record<string, unknown>>,
  what: 'sightings' | 'captures',
): readonly string[] {
  if (event['kind'] !== 'removed' && event['kind'] !== 'expired') return [];
  const named = (event['detail'] as Record<string, unknown> | null | undefined)?.[what];
  return Array.isArray(named) ? named : [];
}

export interface CaptureCheck {
  readonly index: ArchiveIndex;
  readonly inspection: Inspection;
  readonly warcs: Pick<WarcFiles, 'use'>;
  /** Null where no chain was given. */
  readonly vouched: Vouched | null;
  /** What was added to the chain since `vouched`: the store may be written to meanwhile. */
  readonly later: () => Promise<Vouched>;
}

export async function verifyCaptures(
  captures: AsyncIterable<CaptureClaim>,
  check: CaptureCheck,
): Promise<void> {
  const { index, inspection, vouched } = check;
  const claimed = new Set<string>();
  const missing = new Set(vouched?.captures.keys());
  for await (const capture of captures) {
    missing.delete(capture.id);
    const place = placeOf(capture.stored.location, capture.stored.offset);
    if (claimed.has(place)) {
      const what = `shares the record at ${place} with another`;
      inspection.damage('CAPTURE_MISMATCH', `capture ${capture.id}`, what);
    }
    claimed.add(place);
    if (!(await isVouched(capture, check))) continue;
    inspection.count('captures');
    await checkCapture(capture, place, check);
  }
  for (const id of missing) {
    inspection.damage(
      'CAPTURE_MISSING',
      `capture ${id}`,
      'is in the event chain and not in the store',
    );
  }
  noteOrphans(index, { claimed, inspection });
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
  } else if (!sameDigests(digests, capture)) {
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

const sameDigests = (
  digests: { sha256: string; rawSha256: string },
  { stored }: CaptureClaim,
): boolean => digests.sha256 === stored.sha256 && digests.rawSha256 === stored.rawSha256;

function* contradictions(capture: CaptureClaim, record: Archived): Generator<string> {
  const { stored } = capture;
  const at = placeOf(record.file, record.offset);
  if (record.length !== stored.length) yield `states another length than the record at ${at} has`;
  if (record.captureUrl !== capture.url)
    yield `was ordered as another address than the record at ${at}`;
  if (record.url !== capture.finalUrl) yield `states another address than the record at ${at}`;
  // The record has the start of the request and how long the answer took; milliseconds are rounded.
  if (!(Math.abs(Date.parse(capture.fetchedAt) - record.answeredAt) <= 2)) {
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
  { claimed, inspection }: { claimed: ReadonlySet<string>; inspection: Inspection },
): void {
  let orphans = 0;
  let first = '';
  for (const [place, record] of index.records) {
    // Redirects on the way belong to the capture that they led to.
    if (claimed.has(place) || record.captureUrl === null) continue;
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

export async function verifySightings(
  sightings: AsyncIterable<SightingClaim>,
  { inspection, vouched, later }: Omit<CaptureCheck, 'index' | 'warcs'> & { vouched: Vouched },
): Promise<void> {
  const open = new Map([...vouched.sightings].map(([key, digests]) => [key, new Set(digests)]));
  let removed = 0;
  for await (const { captureId, parser, embed } of sightings) {
    inspection.count('sightings');
    const key = `${captureId} ${parser}`;
    const digest = sightingDigest(embed);
    open.get(key)?.delete(digest);
    if (embed.form === REMOVED_FORM && takeRemoved(open.get(key), vouched.removed)) {
      removed += 1;
    } else if (
      !vouched.sightings.get(key)?.has(digest) &&
      !(await later()).sightings.get(key)?.has(digest)
    ) {
      const post = `${embed.platform}/${embed.postId ?? 'without id'}`;
      inspection.damage(
        'SIGHTING_MISMATCH',
        `sighting of ${post} in capture ${captureId}`,
        'is not what the event chain recorded',
      );
    }
  }
  for (const [key, digests] of open) {
    if (digests.size === 0) continue;
    inspection.damage(
      'SIGHTING_MISMATCH',
      `capture ${key.split(' ')[0]}`,
      `lacks ${plural(digests.size, 'sighting')} that the event chain recorded`,
    );
  }
  if (removed > 0) {
    inspection.note(
      'REMOVED',
      'the sightings',
      `lack the words of ${removed} that were taken down or have expired`,
    );
  }
}

/** One that the chain recorded and whose removal it recorded too, for each tombstone. */
function takeRemoved(open: Set<string> | undefined, removed: ReadonlySet<string>): boolean {
  for (const digest of open ?? []) {
    if (removed.has(digest)) return open?.delete(digest) ?? false;
  }
  return false;
}
