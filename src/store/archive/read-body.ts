/** A stored body, read back by its place alone and held against its digests. */

import { NOWHERE, type StoredBody } from '../../capture.ts';
import { contentEncodings, decodeBody } from '../../content-encoding.ts';
import { EmbedkeepError } from '../../errors.ts';
import { fieldOf, type RecordFacts, readRecord } from '../verify-record.ts';
import type { Original } from './capture-records.ts';
import type { Place, WithBytes } from './place.ts';
import { sha256Hex } from './warc-record.ts';

/** @throws EmbedkeepError EVIDENCE_DAMAGED */
export async function readBody(stored: StoredBody, withBytes: WithBytes): Promise<Uint8Array> {
  if (stored.location === NOWHERE) {
    const message = 'This capture was imported from its record alone: its bytes are not here.';
    throw new EmbedkeepError('NOT_FOUND', message);
  }
  const found = await recordAt(stored, withBytes);
  const response =
    found.type === 'revisit' ? await recordAt(bodyPlace(found, stored), withBytes) : found;
  const raw = response.payload ?? new Uint8Array();
  if (sha256Hex(raw) !== stored.rawSha256) throw damaged(stored, 'the body has another digest');
  const encodings = contentEncodings(response.http?.fields ?? []);
  // What was cut at capture is cut at the same place again.
  const { body } = await decodeBody(raw, encodings, {
    maxBytes: stored.size,
    maxRatio: Number.POSITIVE_INFINITY,
  });
  if (sha256Hex(body) !== stored.sha256)
    throw damaged(stored, 'the decoded body has another digest');
  return body;
}

/** What a revisit needs to know of the response it refers to; a revisit is traced to its response. */
export async function readOriginal(stored: StoredBody, withBytes: WithBytes): Promise<Original> {
  const found = await recordAt(stored, withBytes);
  const place = found.type === 'revisit' ? bodyPlace(found, stored) : stored;
  const response = place === stored ? found : await recordAt(place, withBytes);
  if (response.payloadSha256 !== stored.rawSha256)
    throw damaged(stored, 'the body has another digest');
  return {
    location: place.location,
    offset: place.offset,
    length: place.length,
    targetUri: fieldOf(response.fields, 'WARC-Target-URI') ?? '',
    date: fieldOf(response.fields, 'WARC-Date') ?? '',
    recordId: response.id,
    rawSha256: response.payloadSha256,
  };
}

async function recordAt(place: Place, withBytes: WithBytes): Promise<RecordFacts> {
  let facts: RecordFacts;
  try {
    facts = await withBytes(place, (source) => readRecord(source, 0, { keep: () => true }));
  } catch (cause) {
    if (cause instanceof EmbedkeepError && cause.code === 'STORE_UNAVAILABLE') throw cause;
    throw damaged(place, (cause as Error).message, cause);
  }
  const [problem] = facts.problems;
  if (problem) throw damaged(place, problem);
  return facts;
}

const bodyPlace = (found: RecordFacts, stored: StoredBody): Place =>
  stored.body ?? originalPlace(found, stored);

/** As the revisit's own record says. */
export function originalPlace({ fields }: RecordFacts, from: Place): Place {
  const location = fieldOf(fields, 'WARC-Refers-To-Filename');
  const offset = Number(fieldOf(fields, 'WARC-Refers-To-File-Offset') ?? Number.NaN);
  const length = Number(fieldOf(fields, 'Embedkeep-Refers-To-Length') ?? Number.NaN);
  if (location === null || Number.isNaN(offset + length)) {
    throw damaged(from, 'a revisit does not say where its body lies');
  }
  return { location, offset, length };
}

const damaged = (place: Place, why: string, cause?: unknown): EmbedkeepError =>
  new EmbedkeepError('EVIDENCE_DAMAGED', `${place.location} at ${place.offset}: ${why}`, {
    cause,
    detail: { location: place.location, offset: place.offset },
  });
