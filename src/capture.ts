/** What one fetch brings home: every hop, the bytes as received and as decoded. Immutable once written. */
import type { Failure } from './errors.ts';

/** Header lines in the order they stood on the wire, names as sent. */
export type HeaderLines = readonly (readonly [name: string, value: string])[];

export interface Exchange {
  readonly method: 'GET';
  readonly url: string;
  readonly requestHeaders: HeaderLines;
  readonly status: number;
  readonly statusText: string;
  readonly responseHeaders: HeaderLines;
  /** Transfer-Encoding undone, Content-Encoding not. Empty for redirects whose body was dropped. */
  readonly rawBody: Uint8Array;
  readonly remoteAddress: string | null;
  /** e.g. `TLSv1.3`; null for http. */
  readonly tls: string | null;
  /** RFC 3339 in UTC. */
  readonly startedAt: string;
  /** Milliseconds since `startedAt`. */
  readonly timings: {
    readonly connected: number | null;
    readonly headers: number;
    readonly done: number;
  };
}

export interface Capture {
  /** As ordered. */
  readonly url: string;
  /** After redirects. */
  readonly finalUrl: string;
  /** RFC 3339 in UTC: when the last response began. */
  readonly fetchedAt: string;
  readonly reason: CaptureReason;
  /** In order; the last is the page itself. */
  readonly hops: readonly Exchange[];
  /** Content-Encoding undone. Null for a 304, which refers to `revisitOf`. */
  readonly body: Uint8Array | null;
  /** Media type in lower case without parameters, and its charset parameter. */
  readonly contentType: string | null;
  readonly charset: string | null;
  /** A limit cut the body (WARC-Truncated): what arrived is kept. */
  readonly truncated: 'length' | 'time' | 'disconnect' | null;
  /** The robots.txt rule that allowed it, e.g. `Allow: /`, `no robots.txt (404)`, `ignored by operator`. */
  readonly robotsRule: string;
  /** Capture id whose bytes a 304 confirmed. */
  readonly revisitOf: string | null;
  /**
   * Why this is not the article although an answer came (404, login wall, cut body, …).
   * The bytes are kept as evidence; the run fails, or is tried again, with this.
   */
  readonly failure?: Failure | undefined;
}

export type CaptureReason = 'first' | 'recapture' | 'manual';

/** What a re-capture may send to be spared an unchanged body. */
export interface Validators {
  readonly captureId: string;
  readonly etag: string | null;
  readonly lastModified: string | null;
}

/** Where a capture's records lie; enough to read and verify the body again without the database's help. */
export interface StoredBody {
  /** `file:` WARC name relative to the archive root, or `s3:` key. */
  readonly location: string;
  /** Of the gzip member holding the response (or revisit) record, in bytes. */
  readonly offset: number;
  readonly length: number;
  /** Lower-case hex of the decoded body. */
  readonly sha256: string;
  /** Lower-case hex of the body as received (before Content-Encoding was undone). */
  readonly rawSha256: string;
  /** Decoded size in bytes. */
  readonly size: number;
  /** True when these bytes were kept before and a revisit record was written. */
  readonly revisit: boolean;
  /**
   * SHA-256 of the capture's gzip members as they lie in the file, from the first request to the end of this record. Known when
   * they are written; the event chain keeps it.
   */
  readonly records?: string;
  /** Where the body of a revisit lies, if not where its record says: it was imported. */
  readonly body?: BodyPlace;
}

/** Of the gzip member that holds a body. */
export type BodyPlace = Pick<StoredBody, 'location' | 'offset' | 'length'>;

/** The `location` of a capture that was imported without its bytes. */
export const NOWHERE = '';
