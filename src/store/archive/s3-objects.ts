/**
 * Objects in a bucket, written once and, but for takedowns, never changed. A put resolves only when the very bytes were read back.
 * The SDK (26 packages) is loaded when a bucket is opened, so that nobody else pays for it.
 */
import { createHash } from 'node:crypto';
import type { S3Client } from '@aws-sdk/client-s3';
import { EmbedkeepError } from '../../errors.ts';
import type { S3Address } from './s3-address.ts';

export interface S3Objects {
  /** As people read it in reports: `s3://bucket/prefix`. */
  readonly name: string;
  /** Idempotent: the same bytes under the same key again are fine; other bytes are STORE_UNAVAILABLE. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** For takedowns alone. A bucket that keeps versions keeps the old bytes: its owner has to delete that version. */
  replace(key: string, bytes: Uint8Array): Promise<void>;
  /** The object or a part of it; null where there is none. */
  get(key: string, part?: { offset: number; length: number }): Promise<Uint8Array | null>;
  /** Keys in their order, at most `most` if given. */
  list(under: string, most?: number): AsyncGenerator<{ key: string; size: number }>;
  close(): void;
}

type Sdk = typeof import('@aws-sdk/client-s3');
interface Bucket {
  readonly sdk: Sdk;
  readonly client: S3Client;
  readonly address: S3Address;
}

export interface S3Limits {
  /** For the server to accept the connection, and to answer. */
  readonly connectMs: number;
  readonly answerMs: number;
}
const LIMITS: S3Limits = { connectMs: 5000, answerMs: 30_000 };
/** By the SDK, with its backoff; what fails then is tried again by the queue. */
const MAX_ATTEMPTS = 3;

export async function openS3Objects(
  address: S3Address,
  limits: S3Limits = LIMITS,
): Promise<S3Objects> {
  const sdk = await import('@aws-sdk/client-s3');
  const { region, endpoint, forcePathStyle } = address;
  const client = new sdk.S3Client({
    // A server of one's own has no regions, but signatures name one.
    ...((region ?? endpoint) && { region: region ?? 'us-east-1' }),
    ...(endpoint && { endpoint }),
    forcePathStyle,
    maxAttempts: MAX_ATTEMPTS,
    // The SDK's own checksum trailers are refused or, worse, stored as content by servers that don't know them.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: limits.connectMs,
      requestTimeout: limits.answerMs,
      throwOnRequestTimeout: true,
    },
  });
  const bucket = { sdk, client, address };
  return {
    name: `s3://${address.bucket}/${address.prefix}`,
    put: (key, bytes) => put(bucket, { key, bytes, isNew: true }),
    replace: (key, bytes) => put(bucket, { key, bytes, isNew: false }),
    get: (key, part) => get(bucket, key, part),
    list: (under, most) => list(bucket, under, most),
    close: () => client.destroy(),
  };
}

async function put(
  bucket: Bucket,
  { key, bytes, isNew }: { key: string; bytes: Uint8Array; isNew: boolean },
): Promise<void> {
  const { sdk, client, address } = bucket;
  try {
    await client.send(
      new sdk.PutObjectCommand({
        Bucket: address.bucket,
        Key: address.prefix + key,
        Body: bytes,
        ContentLength: bytes.length,
        // The server itself refuses what was garbled on the way.
        ContentMD5: createHash('md5').update(bytes).digest('base64'),
        ContentType: 'application/warc',
        ...(isNew && { IfNoneMatch: '*' }),
      }),
    );
  } catch (thrown) {
    // There already: by a try whose answer was lost, or by another worker. The bytes decide.
    if (statusOf(thrown) !== 412) throw failed(bucket, `put ${key}`, thrown);
  }
  const stored = await get(bucket, key);
  if (stored === null || Buffer.compare(stored, bytes) !== 0) {
    // Transient on purpose: the next try writes another record under another key.
    throw new EmbedkeepError(
      'STORE_UNAVAILABLE',
      `s3://${address.bucket}: ${key} read back is not what was put`,
      { detail: { key, put: bytes.length, read: stored?.length ?? null } },
    );
  }
}

async function get(
  bucket: Bucket,
  key: string,
  part?: { offset: number; length: number },
): Promise<Uint8Array | null> {
  const { sdk, client, address } = bucket;
  if (part?.length === 0) return new Uint8Array();
  try {
    const { Body } = await client.send(
      new sdk.GetObjectCommand({
        Bucket: address.bucket,
        Key: address.prefix + key,
        ...(part && { Range: `bytes=${part.offset}-${part.offset + part.length - 1}` }),
      }),
    );
    const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
    // A server that ignores Range answers with everything.
    return part && bytes.length > part.length
      ? bytes.subarray(part.offset, part.offset + part.length)
      : bytes;
  } catch (thrown) {
    if (nameOf(thrown) === 'NoSuchKey') return null;
    if (statusOf(thrown) === 416) return new Uint8Array();
    throw failed(bucket, `get ${key}`, thrown);
  }
}

async function* list(
  bucket: Bucket,
  under: string,
  most = Number.POSITIVE_INFINITY,
): AsyncGenerator<{ key: string; size: number }> {
  const { sdk, client, address } = bucket;
  let left = most;
  let token: string | undefined;
  do {
    const page = await client
      .send(
        new sdk.ListObjectsV2Command({
          Bucket: address.bucket,
          Prefix: address.prefix + under,
          MaxKeys: Math.min(left, 1000),
          ...(token && { ContinuationToken: token }),
        }),
      )
      .catch((thrown: unknown) => {
        throw failed(bucket, `list ${under}`, thrown);
      });
    for (const { Key = '', Size = 0 } of page.Contents ?? []) {
      yield { key: Key.slice(address.prefix.length), size: Size };
      left -= 1;
    }
    token = page.NextContinuationToken;
  } while (token && left > 0);
}

const statusOf = (thrown: unknown): number | undefined =>
  (thrown as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;

const nameOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.name : '');

/** Names that servers give to "no room left". */
const FULL = new Set([
  'QuotaExceeded',
  'InsufficientCapacity',
  'XMinioStorageFull',
  'XMinioAdminBucketQuotaExceeded',
  'ServiceQuotaExceededException',
]);
const SETTINGS: Readonly<Record<string, string>> = {
  NoSuchBucket: 'the bucket does not exist',
  AccessDenied: 'access is denied',
  InvalidAccessKeyId: 'the access key is unknown',
  SignatureDoesNotMatch: 'the secret key is wrong',
  CredentialsProviderError:
    'no credentials found (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile or a role)',
};

function failed(bucket: Bucket, doing: string, cause: unknown): EmbedkeepError {
  const status = statusOf(cause);
  const name = nameOf(cause);
  const isFull = status === 507 || FULL.has(name);
  const why = SETTINGS[name] ?? (cause instanceof Error ? cause.message || cause.name : 'unknown');
  return new EmbedkeepError(
    isFull ? 'STORE_FULL' : 'STORE_UNAVAILABLE',
    `s3://${bucket.address.bucket}: ${doing} failed: ${why}`,
    { cause, detail: { name, ...(status && { status }) } },
  );
}
