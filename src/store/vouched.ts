/** What the event chain says of captures and sightings, packed: a digest is 32 characters here instead of 64 hex digits. */
import { DiskShelf, type Shelf } from './shelf.ts';

/** What the chain's `captured`, `failed`, `reparsed` and `imported` events say of captures. */
export interface Vouched {
  /** Capture id to its two packed digests: of the decoded body, of the body as received. */
  readonly captures: Shelf<string>;
  /** `capture parser` to the packed digests of its sightings, one behind the other. */
  readonly sightings: Shelf<string>;
  /** Packed digests of sightings whose words were taken down, and the captures they were in. */
  readonly removed: Shelf<true>;
  readonly removedCaptures: Shelf<true>;
  /** Captures of which the chain says that they have bytes: imports of JSON lines bring none. */
  readonly kept: Shelf<true>;
}

/** Of a few links. */
export const newVouched = (): Vouched => ({
  captures: new Map(),
  sightings: new Map(),
  removed: new Map(),
  removedCaptures: new Map(),
  kept: new Map(),
});

/** Of a whole chain, for as long as `use` takes. */
export async function withVouched<T>(use: (vouched: Vouched) => Promise<T>): Promise<T> {
  const vouched = {
    captures: new DiskShelf<string>(),
    sightings: new DiskShelf<string>(),
    removed: new DiskShelf<true>(),
    removedCaptures: new DiskShelf<true>(),
    kept: new DiskShelf<true>(),
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

interface Told {
  readonly sha256?: string;
  readonly rawSha256?: string;
  readonly parser?: string;
  readonly embeds?: readonly string[];
  readonly hasBytes?: boolean;
}

/** Takes from an event what it says of a capture. */
export function vouch(vouched: Vouched, event: Readonly<Record<string, unknown>>): void {
  for (const digest of removedBy(event, 'sightings')) vouched.removed.set(packed(digest), true);
  for (const id of removedBy(event, 'captures')) vouched.removedCaptures.set(id, true);
  const { captureId, detail } = event as { captureId?: string; detail?: Told };
  if (typeof captureId !== 'string' || typeof detail !== 'object' || detail === null) return;
  const { sha256, rawSha256, parser, embeds } = detail;
  if (sha256 && rawSha256) {
    vouched.captures.set(captureId, digestsOf({ sha256, rawSha256 }));
    if (event['kind'] !== 'imported' || detail.hasBytes) vouched.kept.set(captureId, true);
  }
  if (parser && Array.isArray(embeds)) vouchReading(vouched, { captureId, parser }, embeds);
}

function vouchReading(
  { sightings }: Vouched,
  reading: { captureId: string; parser: string },
  embeds: readonly string[],
): void {
  const key = readingKey(reading);
  let digests = sightings.get(key) ?? '';
  for (const digest of embeds.map(packed)) if (!includes(digests, digest)) digests += digest;
  sightings.set(key, digests);
}

export const readingKey = (reading: { captureId: string; parser: string }): string =>
  `${reading.captureId} ${reading.parser}`;

/** What was imported may have been removed before. */
const REMOVES = new Set(['removed', 'expired', 'imported']);

function removedBy(
  event: Readonly<Record<string, unknown>>,
  what: 'sightings' | 'captures',
): readonly string[] {
  if (!REMOVES.has(String(event['kind']))) return [];
  const named = (event['detail'] as Record<string, unknown> | null | undefined)?.[what];
  return Array.isArray(named) ? named : [];
}

export const countOf = (digests: string): number => digests.length / LENGTH;

export const includes = (digests: string, digest: string): boolean =>
  positionOf(digests, digest) !== -1;

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
