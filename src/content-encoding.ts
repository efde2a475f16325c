/** Undoes Content-Encoding within limits. Shared by whoever fetches a body and whoever reads a stored one. */

import type { Transform } from 'node:stream';
import {
  brotliDecompressSync,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  zstdDecompressSync,
} from 'node:zlib';
import { EmbedkeepError } from './errors.ts';

export interface DecodeLimits {
  /** Of the result and of every stage between. */
  readonly maxBytes: number;
  /** Result to input, looked at only above `RATIO_FLOOR`. */
  readonly maxRatio?: number;
}

export interface Decoded {
  /** As far as decoding went. */
  readonly body: Uint8Array;
  /** DECODED_TOO_LARGE or DECODE_FAIL; null where all went well. */
  readonly error: EmbedkeepError | null;
}

/** Honest pages reach 30:1; gzip's ceiling is 1032:1, brotli and zstd go far beyond. */
const MAX_RATIO = 200;
const RATIO_FLOOR = 4 * 1024 * 1024;
/** A stream's set-up costs more than inflating a usual page, and the most this can inflate to is some 20 ms of work. */
const AT_ONCE = 64 * 1024;
/** About a page: in zlib's own pieces of 16 kB it took half as long again, as a stream nearly twice as long. */
const CHUNK = 256 * 1024;
/** Nobody means more than one; two are seen behind misconfigured proxies. */
const MAX_ENCODINGS = 3;

/** The encodings named by the header lines, in the order they were applied; `identity` left out. */
export function contentEncodings(headers: readonly (readonly [string, string])[]): string[] {
  return headers
    .filter(([name]) => name.toLowerCase() === 'content-encoding')
    .flatMap(([, value]) => value.toLowerCase().split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity');
}

export async function decodeBody(
  raw: Uint8Array,
  encodings: readonly string[],
  limits: DecodeLimits,
): Promise<Decoded> {
  if (encodings.length > MAX_ENCODINGS) {
    return { body: new Uint8Array(), error: failed(`${encodings.length} encodings`) };
  }
  let body = raw;
  for (const encoding of encodings.toReversed()) {
    // An empty body is an empty body, whatever the header promises (HEAD-like answers, 204, cut at once).
    if (body.length === 0) break;
    const stage = await undo(body, encoding, limits);
    body = stage.body;
    if (stage.error) return stage;
  }
  return { body, error: null };
}

interface Decoder {
  readonly stream: (options: { chunkSize: number }) => Transform;
  readonly atOnce: (
    input: Uint8Array,
    options: { chunkSize: number; maxOutputLength: number },
  ) => Uint8Array;
}

const DECODERS: Readonly<Record<string, Decoder>> = {
  gzip: { stream: createGunzip, atOnce: gunzipSync },
  'x-gzip': { stream: createGunzip, atOnce: gunzipSync },
  br: { stream: createBrotliDecompress, atOnce: brotliDecompressSync },
  zstd: { stream: createZstdDecompress, atOnce: zstdDecompressSync },
  deflate: { stream: createInflate, atOnce: inflateSync },
};
const RAW_DEFLATE: Decoder = { stream: createInflateRaw, atOnce: inflateRawSync };

/** By `deflate` zlib is meant; servers that send it raw are as old as the header. */
function decoderFor(encoding: string, input: Uint8Array): Decoder | undefined {
  if (encoding === 'deflate' && !hasZlibHeader(input)) return RAW_DEFLATE;
  return Object.hasOwn(DECODERS, encoding) ? DECODERS[encoding] : undefined;
}

const hasZlibHeader = ([first = 0, second = 0]: Uint8Array): boolean =>
  (first & 0x0f) === 8 && ((first << 8) | second) % 31 === 0;

function undo(
  input: Uint8Array,
  encoding: string,
  limits: DecodeLimits,
): Decoded | Promise<Decoded> {
  const decoder = decoderFor(encoding, input);
  if (!decoder) return { body: new Uint8Array(), error: failed(`unknown encoding ${encoding}`) };
  const ratioLimit = Math.max(RATIO_FLOOR, input.length * (limits.maxRatio ?? MAX_RATIO));
  const limit = Math.min(limits.maxBytes, ratioLimit);
  const whole = input.length <= AT_ONCE ? atOnce(decoder, input, limit) : null;
  if (whole) return { body: whole, error: null };
  return inflate(decoder.stream({ chunkSize: CHUNK }), input, { limit, encoding });
}

/** Null where it went wrong: the stream then tells how far it came. */
function atOnce(decoder: Decoder, input: Uint8Array, maxOutputLength: number): Uint8Array | null {
  try {
    return decoder.atOnce(input, {
      chunkSize: CHUNK,
      maxOutputLength: Math.max(1, maxOutputLength),
    });
  } catch {
    return null;
  }
}

async function inflate(
  decoder: Transform,
  input: Uint8Array,
  { limit, encoding }: { limit: number; encoding: string },
): Promise<Decoded> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let error: EmbedkeepError | null = null;
  decoder.end(input);
  try {
    for await (const chunk of decoder as AsyncIterable<Uint8Array>) {
      const kept = chunk.subarray(0, limit - size);
      chunks.push(kept);
      size += kept.length;
      if (kept.length < chunk.length) {
        error = tooLarge(limit, encoding);
        break;
      }
    }
  } catch (cause) {
    error = failed(`${encoding}: ${(cause as Error).message}`, cause);
  }
  return { body: chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks), error };
}

const tooLarge = (limit: number, encoding: string): EmbedkeepError =>
  new EmbedkeepError('DECODED_TOO_LARGE', undefined, { detail: { limit, encoding } });

const failed = (reason: string, cause?: unknown): EmbedkeepError =>
  new EmbedkeepError('DECODE_FAIL', `Content-Encoding could not be undone: ${reason}`, { cause });
