/** Everything that an import can refuse in a WACZ whose digests hold, before anything is written. */
import { postKey } from '../../post-key.ts';
import { DiskShelf } from '../shelf.ts';
import type { Db } from '../tables.ts';
import { placeOf } from '../verify-archive.ts';
import type { Entries } from '../wacz-entries.ts';
import type { WaczManifest } from '../wacz-schema.ts';
import { type Bodies, extentOf } from './bytes.ts';
import { noteTaken, type TakenNames } from './join.ts';
import { checkRuns, checkShape, checkUnchanged, columnsOf, knownCaptures } from './known.ts';
import { refuse } from './records.ts';
import { type ImportedRows, together } from './rows.ts';
import { keysOf, rowsOf } from './unit-rows.ts';
import { batches, type Unit, unitsOf } from './wacz-units.ts';

export interface Source {
  readonly entries: Entries;
  readonly manifest: WaczManifest;
}

export interface Context {
  readonly db: Db;
  /** The link after which the chain goes on; null where captures are joined. */
  readonly from: number | null;
  readonly bodies: Bodies;
  readonly taken: TakenNames;
}

/** Puts the places of bodies that revisits stand for on their shelf, and on another what was taken down here. */
export async function checkAll(source: Source, context: Context): Promise<void> {
  const posts: Seen['posts'] = new DiskShelf();
  try {
    await checkUnits(source, context, { bodies: context.bodies.wanted, posts });
  } finally {
    posts.close();
  }
}

interface Seen {
  readonly bodies: DiskShelf<true>;
  readonly posts: DiskShelf<true>;
}

async function checkUnits(
  { entries, manifest }: Source,
  { db, from, taken }: Context,
  seen: Seen,
): Promise<void> {
  const columns = await columnsOf(db);
  for await (const batch of batches(unitsOf(entries, manifest.isWhole))) {
    const rows = together(
      batch.map((unit) => rowsOf(unit, new Map())),
      false,
    );
    await checkShape(db, rows, columns);
    await checkRuns(db, rows.runs);
    await knownCaptures(db, keysOf(batch));
    if (from === null) await noteTaken(db, { sightings: rows.sightings, taken });
    else await checkUnchanged(db, rowsBefore(batch, from));
    for (const unit of batch) checkUnit(unit, seen);
  }
}

/** Of the links that are here. */
const rowsBefore = (batch: readonly Unit[], from: number): ImportedRows => {
  const before = batch.filter(({ link }) => (link?.n ?? 0) <= from);
  return together(
    before.map((unit) => rowsOf(unit, new Map())),
    false,
  );
};

function checkUnit(unit: Unit, seen: Seen): void {
  for (const { post } of unit.posts) seen.posts.add(`${post.platform}/${postKey(post)}`, true);
  for (const capture of unit.captures) {
    extentOf(capture);
    const { body } = capture.stored;
    if (body) seen.bodies.add(placeOf(body.location, body.offset), true);
  }
  const lost = unit.sightings.find((one) => !seen.posts.has(`${one.platform}/${one.postId}`));
  if (lost) throw refuse(`The post ${lost.platform}/${lost.postId} is not in the export.`);
}
