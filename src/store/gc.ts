/**
 * Bodies that no capture names: a worker died between writing them and the commit, or a refusal was kept of a try that another
 * one followed. They are listed at once and erased when they are a week old, never sooner: a commit may still be on its way. What
 * a capture rests on, also through a revisit, is no garbage.
 */

import { DiskShelf } from './shelf.ts';
import { inspectWarcs } from './verify.ts';
import { type Archived, type ArchiveIndex, placeOf, withIndex } from './verify-archive.ts';
import { Inspection } from './verify-report.ts';
import type { StoreView } from './verify-store.ts';
import type { WarcFiles } from './verify-warcs.ts';

export interface Garbage {
  readonly location: string;
  readonly offset: number;
  readonly length: number;
  readonly url: string;
  /** RFC 3339, null where the record does not say. */
  readonly answeredAt: string | null;
  readonly isOldEnough: boolean;
  readonly isErased: boolean;
}

export interface GarbageOptions {
  readonly warcs: WarcFiles;
  readonly view: Pick<StoreView, 'captures'>;
  readonly now: () => Date;
  /** Null only lists. */
  readonly erase:
    | ((place: Pick<Garbage, 'location' | 'offset' | 'length'>) => Promise<void>)
    | null;
}

const WEEK_MS = 7 * 24 * 3_600_000;

export async function collectGarbage(options: GarbageOptions): Promise<Garbage[]> {
  const { warcs, view, now, erase } = options;
  // The archive first: a capture committed meanwhile is then among the captures, never the other way round.
  const orphans = await withIndex(async (index) => {
    await inspectWarcs(warcs, { inspection: new Inspection(), index });
    return await orphansIn(index, view);
  });
  const garbage: Garbage[] = [];
  for (const { file: location, offset, length, url, answeredAt } of orphans) {
    const isOldEnough = answeredAt !== null && now().getTime() - answeredAt >= WEEK_MS;
    const isErased = isOldEnough && erase !== null;
    if (isErased) await erase({ location, offset, length });
    const at = answeredAt === null ? null : new Date(answeredAt).toISOString();
    garbage.push({ location, offset, length, url, answeredAt: at, isOldEnough, isErased });
  }
  return garbage;
}

async function orphansIn(
  { records }: ArchiveIndex,
  view: Pick<StoreView, 'captures'>,
): Promise<Archived[]> {
  const named = new DiskShelf<true>();
  const needed = new DiskShelf<true>();
  try {
    for await (const { stored } of view.captures())
      named.add(placeOf(stored.location, stored.offset), true);
    for (const [place, { refersTo }] of records.entries())
      if (refersTo !== null && named.has(place)) needed.add(refersTo, true);
    const orphans: Archived[] = [];
    for (const [place, one] of records.entries()) {
      if (isUnnamed(one) && !named.has(place) && !needed.has(one.id)) orphans.push(one);
    }
    return orphans;
  } finally {
    named.close();
    needed.close();
  }
}

/** Redirects on the way belong to the capture that they led to; a revisit has no body. */
const isUnnamed = (record: Archived): boolean =>
  record.type === 'response' && record.captureUrl !== null && record.removedAt === null;
