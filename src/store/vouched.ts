/** What the event chain says of captures and sightings, packed: a digest is 32 characters here instead of 64 hex digits. */
import { DiskShelf, type Shelf } from './shelf.ts';

/** What the chain says of a capture, in digests; what its event does not say is absent: an older embedkeep wrote it. */
export interface ToldCapture {
  /** Packed: of the decoded body, of the body as received. */
  readonly bodies: string;
  /** Of how it was fetched (stated.ts), and of its records as they lie in the file. */
  readonly facts?: string;
  readonly records?: string;
  /** Absent where the chain says that it came without bytes: imports of JSON lines. */
  readonly isKept?: true;
}

/** What the chain's events say of rows. */
export interface Vouched {
  readonly captures: Shelf<ToldCapture>;
  /** `capture parser` to what was read of the page; empty where the event has no digest of it. */
  readonly pages: Shelf<ToldPage>;
  /** Run to the digest of its row; empty where its last event has none. */
  readonly runs: Shelf<string>;
  /** `platform/post` to when its words were taken down, and the other names it was known by. */
  readonly removedPosts: Shelf<ToldTakedown>;
  /** Run to its plan and the time it was due: `plan time`. */
  readonly plans: Shelf<string>;
  /** Runs that came with an import. */
  readonly imported: Shelf<true>;
  /** `capture parser` to the posts that it showed otherwise than they were known. */
  readonly changes: Shelf<readonly ToldChange[]>;
  /** `capture parser` to the places on the page of its sightings, in the order of their digests. */
  readonly ordinals: Shelf<readonly number[]>;
  /** `kind target` to its holds, one after the other. */
  readonly holds: Shelf<readonly ToldHold[]>;
  /** `capture parser` to the packed digests of its sightings, one behind the other. */
  readonly sightings: Shelf<string>;
  /** Packed digests of sightings whose words were taken down, and the captures they were in. */
  readonly removed: Shelf<true>;
  readonly removedCaptures: Shelf<ToldRemoval>;
}

export interface ToldRemoval {
  /** Empty where another store did it. */
  readonly at: string;
  /** The retention rule, where it was no takedown. */
  readonly rule: string | null;
}

export interface ToldTakedown {
  readonly at: string;
  readonly names: readonly string[];
}

export interface ToldPage {
  readonly page?: string;
  readonly newPosts?: number;
}

export interface ToldChange {
  readonly platform: string;
  /** As the post was called then. */
  readonly postId: string;
  readonly fields: readonly string[];
  /** Absent where an older embedkeep wrote it. */
  readonly digest?: string;
}

export interface ToldHold {
  readonly reason: string;
  readonly heldAt: string;
  readonly releasedAt: string | null;
}

/** Of a few links. */
export const newVouched = (): Vouched => ({
  captures: new Map(),
  pages: new Map(),
  runs: new Map(),
  removedPosts: new Map(),
  plans: new Map(),
  imported: new Map(),
  changes: new Map(),
  ordinals: new Map(),
  holds: new Map(),
  sightings: new Map(),
  removed: new Map(),
  removedCaptures: new Map(),
});

/** Of a whole chain, for as long as `use` takes. */
export async function withVouched<T>(use: (vouched: Vouched) => Promise<T>): Promise<T> {
  const vouched = {
    captures: new DiskShelf<ToldCapture>(),
    pages: new DiskShelf<ToldPage>(),
    runs: new DiskShelf<string>(),
    removedPosts: new DiskShelf<ToldTakedown>(),
    plans: new DiskShelf<string>(),
    imported: new DiskShelf<true>(),
    changes: new DiskShelf<readonly ToldChange[]>(),
    ordinals: new DiskShelf<readonly number[]>(),
    holds: new DiskShelf<readonly ToldHold[]>(),
    sightings: new DiskShelf<string>(),
    removed: new DiskShelf<true>(),
    removedCaptures: new DiskShelf<ToldRemoval>(),
  };
  try {
    return await use(vouched);
  } finally {
    for (const shelf of Object.values(vouched)) shelf.close();
  }
}

const LENGTH = 32;
export const packed = (hex: string): string => Buffer.from(hex, 'hex').toString('latin1');
export const digestsOf = (stored: { sha256: string; rawSha256: string }): string =>
  packed(stored.sha256) + packed(stored.rawSha256);

export const readingKey = (reading: { captureId: string; parser: string }): string =>
  `${reading.captureId} ${reading.parser}`;

export const countOf = (digests: string): number => digests.length / LENGTH;

export const includes = (digests: string, digest: string): boolean =>
  positionOf(digests, digest) !== -1;

/** -1 where it is not among them. */
export const indexIn = (digests: string, digest: string): number => {
  const at = positionOf(digests, digest);
  return at === -1 ? -1 : at / LENGTH;
};

/** The others. */
export function without(digests: string, digest: string): string {
  const at = positionOf(digests, digest);
  return at === -1 ? digests : digests.slice(0, at) + digests.slice(at + LENGTH);
}

export function* each(digests: string): Generator<string> {
  for (let at = 0; at < digests.length; at += LENGTH) yield digests.slice(at, at + LENGTH);
}

function positionOf(digests: string, digest: string): number {
  let at = digests.indexOf(digest);
  while (at !== -1 && at % LENGTH !== 0) at = digests.indexOf(digest, at + 1);
  return at;
}
