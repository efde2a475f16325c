/** The bytes of imported captures: their members as they are in the export, appended to the archive of this store. */
import { createHash } from 'node:crypto';
import type { BodyPlace } from '../../capture.ts';
import type { Repository } from '../archive/place.ts';
import type { DiskShelf } from '../shelf.ts';
import { placeOf } from '../verify-archive.ts';
import { DamagedMember } from '../verify-member.ts';
import { readRecord } from '../verify-record.ts';
import { slice } from '../verify-source.ts';
import type { WarcFiles } from '../verify-warcs.ts';
import { type ImportedCapture, refuse } from './records.ts';

/** Where a capture's records lie in the export: from `start` to the end of its last record. */
export interface Extent extends BodyPlace {
  readonly start: number;
}

/** More than any capture can have: MAX_BODY_BYTES ends at 1 GB. */
const MOST_BYTES = 1_100_000_000;

/** Bodies that revisits stand for, by their places in the export. */
export interface Bodies {
  readonly wanted: DiskShelf<true>;
  readonly places: DiskShelf<BodyPlace>;
}

export interface BytesWorld {
  readonly warcs: WarcFiles;
  readonly repository: Pick<Repository, 'append'>;
  readonly bodies: Bodies;
}

export interface Placed {
  readonly place: (BodyPlace & { readonly records: string }) | null;
  readonly body: BodyPlace | null;
}

/** Durable when it resolves. Null places where the export has no bytes either. */
export async function placeCapture(capture: ImportedCapture, world: BytesWorld): Promise<Placed> {
  const extent = extentOf(capture);
  if (!extent) return { place: null, body: null };
  const place = await copy(extent, world);
  remember(extent, { place, bodies: world.bodies });
  const { body } = capture.stored;
  return { place, body: body ? await placeBody(body, world) : null };
}

export function extentOf({ id, stored }: ImportedCapture): Extent | null {
  if (stored.location === '') return null;
  const { location, offset, length, start } = stored;
  if (start === undefined) throw refuse(`capture ${id} does not say where its records begin.`);
  return { location, offset, length, start };
}

export function remember(
  extent: BodyPlace,
  { place, bodies }: { place: BodyPlace; bodies: Bodies },
): void {
  const key = placeOf(extent.location, extent.offset);
  if (bodies.wanted.has(key)) bodies.places.set(key, place);
}

/** Of a response that is no capture of its own (its commit never came) the bytes come along when a revisit needs them. */
async function placeBody(body: Extent, world: BytesWorld): Promise<BodyPlace> {
  const key = placeOf(body.location, body.offset);
  const known = world.bodies.places.get(key);
  if (known) return known;
  const place = await copy(body, world);
  world.bodies.places.set(key, place);
  return place;
}

async function copy(
  { location, offset, length, start }: Extent,
  { warcs, repository }: BytesWorld,
): Promise<BodyPlace & { records: string }> {
  const where = placeOf(location, offset);
  const size = offset + length - start;
  if (start > offset || size > MOST_BYTES) throw refuse(`${where} is no capture's record.`);
  const members = await warcs.use(location, async (source) => {
    const group = slice(source, { name: location, offset: start, size });
    let at = 0;
    while (at < offset - start) at += (await readRecord(group, at)).length;
    if (at !== offset - start) throw new DamagedMember('is not where a record begins');
    return [await group.read(0, at), await group.read(at, length)];
  });
  const last = members?.[1];
  if (!members || last?.length !== length) throw refuse(`${where} is not there.`);
  const whole = members.filter((member) => member.length > 0);
  const appended = await repository.append(whole);
  const records = createHash('sha256');
  for (const member of whole) records.update(member);
  const place = { location: appended.location, offset: appended.offsets.at(-1) ?? 0, length };
  return { ...place, records: records.digest('hex') };
}
