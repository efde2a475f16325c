/**
 * Captures and records, both ways: every capture's record is where it says, with the address, time, status and bytes
 * that it says; every record belongs to a capture. Sightings against the digests that the event chain vouches for.
 */
import { createHash } from 'node:crypto';
import { contentEncodings, decodeBody } from '../content-encoding.ts';
import type { Embed } from '../embed.ts';
import type { CaptureRow } from '../ledger.ts';
import { sightingDigest } from './keep-sightings.ts';
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
}

export const newVouched = (): Vouched => ({ captures: new Map(), sightings: new Map() });

/** Takes from an event what it says of a capture. */
export function vouch(vouched: Vouched, event: Readonly<Record<string, unknown>>): void {
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

export interface CaptureCheck {
  readonly index: ArchiveIndex;
  readonly inspection: Inspection;
  readonly warcs: Pick<WarcFiles, 'use'>;
  /** Null where no chain was given. */
  readonly vouched: Vouched | null;
}

export async function verifyCaptures(
  captures: AsyncIterable<CaptureClaim>,
  check: CaptureCheck,
): Promise<void> {
  const { index, inspection, vouched } = check;
  const claimed = new Set<string>();
  const missing = new Set(vouched?.captures.keys());
  for await (const capture of captures) {
    inspection.count('captures');
    missing.delete(capture.id);
    const where = `capture ${capture.id}`;
    const place = placeOf(capture.stored.location, capture.stored.offset);
    if (claimed.has(place))
      inspection.damage('CAPTURE_MISMATCH', where, `shares the record at ${place} with another`);
    claimed.add(place);
    const record = index.records.get(place);
    if (!record) {
      inspection.damage('RECORD_MISSING', where, `has no sound record at ${place}`);
      continue;
    }
    for (const problem of contradictions(capture, record)) {
      inspection.damage('CAPTURE_MISMATCH', where, problem);
    }
    await checkBody(capture, record, check);
    const digests = vouched?.captures.get(capture.id);
    if (vouched && !digests) {
      inspection.damage('EVENT_MISMATCH', where, 'is not in the event chain');
    } else if (digests && !sameDigests(digests, capture)) {
      inspection.damage('EVENT_MISMATCH', where, 'has other digests than its event states');
    }
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
  { inspection, vouched }: { inspection: Inspection; vouched: Vouched },
): Promise<void> {
  const open = new Map([...vouched.sightings].map(([key, digests]) => [key, new Set(digests)]));
  for await (const { captureId, parser, embed } of sightings) {
    inspection.count('sightings');
    const key = `${captureId} ${parser}`;
    const digest = sightingDigest(embed);
    open.get(key)?.delete(digest);
    if (!vouched.sightings.get(key)?.has(digest)) {
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
}
