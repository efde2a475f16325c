/** A capture's body against the digests and size that its row states. */
import { createHash } from 'node:crypto';
import type { BodyPlace } from '../capture.ts';
import { contentEncodings, decodeBody } from '../content-encoding.ts';
import { type Archived, placeOf } from './verify-archive.ts';
import type { CaptureCheck, CaptureClaim } from './verify-captures.ts';
import { DamagedMember } from './verify-member.ts';
import { readRecord } from './verify-record.ts';
import type { ByteSource } from './verify-source.ts';

/** MAX_BODY_BYTES ends here: whoever states more wants the memory filled. */
const MOST_BYTES = 1_000_000_000;

export async function checkBody(
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
  if (stored.body && !isAt(stored.body, holder)) {
    const what = 'takes another record for its body than it refers to';
    inspection.damage('CAPTURE_MISMATCH', where, what);
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
  if (cut.length < stored.size) {
    inspection.damage(
      'CAPTURE_MISMATCH',
      where,
      `states ${stored.size} bytes; the body is shorter`,
    );
  }
  if (isLonger && capture.truncated === null && !record.isCut) {
    inspection.damage('CAPTURE_MISMATCH', where, `states ${stored.size} bytes; the body is longer`);
  }
  if (createHash('sha256').update(cut).digest('hex') !== stored.sha256) {
    inspection.damage('CAPTURE_MISMATCH', where, 'states another digest than its decoded body has');
  }
}

const isAt = (place: BodyPlace & { start?: number }, record: Archived): boolean =>
  placeOf(place.location, place.offset) === placeOf(record.file, record.offset) &&
  place.length === record.length &&
  (place.start === undefined || record.start === null || place.start === record.start);

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
