/** The bytes of captures, in WARCs: files of this machine or a shared path, or small objects of a bucket. */
import { createHash } from 'node:crypto';
import type { Capture, StoredBody } from '../../capture.ts';
import { EmbedkeepError } from '../../errors.ts';
import type { Archive } from '../../ledger.ts';
import { openBucket } from './bucket.ts';
import { captureRecords, type Original } from './capture-records.ts';
import { openDirectory } from './directory.ts';
import type { Repository } from './place.ts';
import { readBody, readOriginal } from './read-body.ts';
import type { Recovered } from './recover.ts';
import { serializeRecord, sha256Hex } from './warc-record.ts';

export interface ArchiveOptions {
  /** `file:` or `s3:` URL, as BLOB_URL. */
  readonly url: string;
  /** Bytes kept before, by the digest of the decoded body. */
  readonly findBody?: (sha256: string) => Promise<StoredBody | null>;
  /** What a 304 refers to. */
  readonly bodyOfCapture?: (captureId: string) => Promise<StoredBody | null>;
  readonly software?: string;
  readonly rotateBytes?: number;
  /** Told of WARCs whose writer died. */
  readonly onRecovered?: (recovered: Recovered) => void;
}

const SOFTWARE = 'embedkeep/0.1';
const ROTATE_BYTES = 256 * 1024 * 1024;

export interface OpenArchive extends Archive {
  /** Where the last write failed: tries whether one would succeed now. @throws EmbedkeepError while it would not */
  check(): Promise<void>;
}

/** Opening a directory repairs what a dead writer left; the directory is made where it is missing. */
export async function openArchive(options: ArchiveOptions): Promise<OpenArchive> {
  const repository = await openRepository(options);
  return {
    write: (capture) => write(capture, repository, options),
    read: (stored) => readBody(stored, repository.withBytes),
    check: async () => repository.check?.(),
    close: () => repository.close(),
  };
}

/** Where members are put as they are, for imports. */
export function openRepository(options: ArchiveOptions): Promise<Repository> {
  const { url, software = SOFTWARE, rotateBytes = ROTATE_BYTES, onRecovered } = options;
  return url.startsWith('s3:')
    ? openBucket({ url, software })
    : openDirectory({ url, software, rotateBytes, onRecovered });
}

async function write(
  capture: Capture,
  repository: Repository,
  options: ArchiveOptions,
): Promise<StoredBody> {
  const last = capture.hops.at(-1);
  if (!last) throw new EmbedkeepError('INTERNAL', 'A capture without any exchange.');
  const digests = {
    sha256: sha256Hex(capture.body ?? new Uint8Array()),
    rawSha256: sha256Hex(last.rawBody),
    size: capture.body?.length ?? 0,
  };
  const kept = await keptBefore(capture, digests, options);
  if (!kept && capture.revisitOf !== null) {
    const message = `The bytes of capture ${capture.revisitOf}, which a 304 confirmed, are not known.`;
    throw new EmbedkeepError('EVIDENCE_DAMAGED', message);
  }
  const original = kept && (await usable(kept, capture, repository));
  const { records, mainIndex } = captureRecords(capture, original);
  const members = await Promise.all(records.map(serializeRecord));
  const { location, offsets } = await repository.append(members);
  return {
    location,
    offset: offsets[mainIndex] ?? 0,
    length: members[mainIndex]?.length ?? 0,
    ...(kept && original ? pick(kept) : digests),
    revisit: original !== null,
    records: digestOf(members),
  };
}

function digestOf(members: readonly Uint8Array[]): string {
  const sum = createHash('sha256');
  for (const member of members) sum.update(member);
  return sum.digest('hex');
}

const pick = ({ sha256, rawSha256, size }: StoredBody) => ({ sha256, rawSha256, size });

/** An equal body in another Content-Encoding is other bytes and is kept: a revisit must be able to stand for them. */
async function keptBefore(
  capture: Capture,
  digests: Pick<StoredBody, 'sha256' | 'rawSha256' | 'size'>,
  options: ArchiveOptions,
): Promise<StoredBody | null> {
  if (capture.revisitOf !== null) {
    return (await options.bodyOfCapture?.(capture.revisitOf)) ?? null;
  }
  if (digests.size === 0 || capture.truncated) return null;
  const found = (await options.findBody?.(digests.sha256)) ?? null;
  return found?.rawSha256 === digests.rawSha256 ? found : null;
}

/** Null where the earlier bytes don't hold: then these are kept whole. A 304 brought none, so it cannot stand alone. */
async function usable(
  kept: StoredBody,
  capture: Capture,
  repository: Repository,
): Promise<Original | null> {
  try {
    return await readOriginal(kept, repository.withBytes);
  } catch (error) {
    const isDamaged = error instanceof EmbedkeepError && error.code === 'EVIDENCE_DAMAGED';
    if (isDamaged && capture.body !== null) return null;
    throw error;
  }
}
