/**
 * A WACZ of ours into a store. Into an empty one the whole store comes again, its chain link by link; an import that was
 * interrupted goes on where the chain ends. Into any other the captures that are not here are joined, each told by an
 * `imported` event. Everything is checked before anything is written.
 */
import { EmbedkeepError } from '../../errors.ts';
import type { ImportAnswer } from '../../upkeep.ts';
import type { Repository } from '../archive/place.ts';
import { readChainHead, restoreLinks } from '../event-chain.ts';
import type { EraseWorld } from '../finish-removals.ts';
import { DiskShelf } from '../shelf.ts';
import { Inspection, type Report } from '../verify-report.ts';
import { openFile } from '../verify-source.ts';
import { inspectWacz } from '../verify-wacz.ts';
import { type Entries, linesOf, parsed, warcsIn } from '../wacz-entries.ts';
import { RECORDS } from '../wacz-records.ts';
import type { WaczManifest } from '../wacz-schema.ts';
import { applyImport } from './apply.ts';
import { type Bodies, type BytesWorld, placeCapture, remember } from './bytes.ts';
import { type Joined, joinRows, type TakenNames } from './join.ts';
import { knownCaptures } from './known.ts';
import { refuse } from './records.ts';
import { noRows, together } from './rows.ts';
import { keysOf, only, type Places, rowsOf } from './unit-rows.ts';
import { type Context, checkAll, type Source } from './wacz-check.ts';
import { batches, type Unit, unitsOf } from './wacz-units.ts';

export interface ImportWorld extends EraseWorld {
  readonly repository: Pick<Repository, 'append'>;
}

/** @throws EmbedkeepError IMPORT_REFUSED with the report as `cause.report`, CONFLICT, SCHEMA_NEWER */
export async function importWacz(path: string, world: ImportWorld): Promise<ImportAnswer> {
  const file = await openFile(path);
  try {
    const inspection = new Inspection();
    const found = await inspectWacz(file, inspection);
    const report = inspection.report(path);
    if (!report.ok) throw refused(report);
    if (found.isLater) throw new EmbedkeepError('SCHEMA_NEWER');
    if (!found.manifest) throw refuse(`${path} was not made by embedkeep.`);
    return await importChecked({ entries: found.entries, manifest: found.manifest }, world);
  } finally {
    await file.close();
  }
}

function refused(report: Report): EmbedkeepError {
  const { damages, findings } = report;
  const first = findings.find(({ severity }) => severity === 'damage');
  const said = `${damages} ${damages === 1 ? 'place' : 'places'} of the file are not sound; first: ${first?.where} ${first?.what} [${first?.code}]`;
  return new EmbedkeepError('IMPORT_REFUSED', said, { detail: { findings } });
}

async function importChecked(
  { entries, manifest }: Source,
  world: ImportWorld,
): Promise<ImportAnswer> {
  if (manifest.schema === 1) {
    throw refuse(
      'The export is of an older embedkeep and lacks records; export again with this one.',
    );
  }
  const { isWhole } = manifest;
  const from = isWhole ? await startOf({ entries, manifest }, world) : null;
  const bodies: Bodies = { wanted: new DiskShelf(), places: new DiskShelf() };
  const taken: TakenNames = new DiskShelf();
  const context = { db: world.db, from, bodies, taken };
  try {
    await checkAll({ entries, manifest }, context);
    return await importAll({ entries, manifest }, context, world);
  } finally {
    for (const shelf of [bodies.wanted, bodies.places, taken]) shelf.close();
  }
}

async function importAll(
  { entries, manifest }: Source,
  { from, bodies, taken }: Context,
  world: ImportWorld,
): Promise<ImportAnswer> {
  const bytes = { warcs: warcsIn(entries), repository: world.repository, bodies };
  const totals = { captures: 0, sightings: 0, posts: 0, known: 0, withheld: 0 };
  for await (const batch of batches(unitsOf(entries, manifest.isWhole))) {
    const todo = from === null ? batch : batch.filter(({ link }) => (link?.n ?? 0) > from);
    const isWhole = from !== null;
    const counts = await importBatch(batch, { world, bytes, isWhole, manifest, todo, taken });
    for (const name of ['captures', 'sightings', 'posts', 'known', 'withheld'] as const) {
      totals[name] += counts[name];
    }
  }
  return { format: 'wacz', kind: from === null ? 'joined' : 'whole', ...totals };
}

/** The link after which the chain goes on; null where this store has another one. */
async function startOf({ entries, manifest }: Source, { db }: ImportWorld): Promise<number | null> {
  const head = await readChainHead(db);
  if (head.links === 0) return 0;
  const isLonger = head.links > manifest.chain.links;
  const mine = isLonger ? await hashOfLink(db, manifest.chain.links) : head.hash;
  const theirs = isLonger ? manifest.chain.hash : await hashInExport(entries, head.links);
  return mine === theirs ? head.links : null;
}

async function hashOfLink(db: ImportWorld['db'], n: number): Promise<string | undefined> {
  const query = db.selectFrom('chain_links').select('hash').where('n', '=', n);
  return (await query.executeTakeFirst())?.hash;
}

async function hashInExport(entries: Entries, n: number): Promise<unknown> {
  for await (const line of linesOf(entries, RECORDS.events)) {
    const link = parsed(line);
    if (link?.['n'] === n) return link['hash'];
  }
  return undefined;
}

const AT_ONCE = 8;

interface Batch {
  readonly world: ImportWorld;
  readonly bytes: BytesWorld;
  readonly isWhole: boolean;
  readonly manifest: WaczManifest;
  /** What of the batch is not here yet. */
  readonly todo: readonly Unit[];
  readonly taken: TakenNames;
}

type Counts = Omit<ImportAnswer, 'format' | 'kind'>;

async function importBatch(all: readonly Unit[], batch: Batch): Promise<Counts> {
  const { world, bytes, isWhole, todo } = batch;
  const known = await knownCaptures(world.db, keysOf(all));
  for (const capture of all.flatMap(({ captures }) => captures)) {
    const place = known.get(capture.id);
    if (place) remember(capture.stored, { place, bodies: bytes.bodies });
  }
  const fresh = todo.flatMap(({ captures }) => captures).filter(({ id }) => !known.has(id));
  const placed: Places = new Map();
  // Originals first; some at a time, so that they share the disk's syncs.
  for (const isRevisit of [false, true]) {
    const some = fresh.filter(({ stored }) => stored.revisit === isRevisit);
    for (let at = 0; at < some.length; at += AT_ONCE) {
      const placing = some.slice(at, at + AT_ONCE).map(async (capture) => {
        placed.set(capture.id, await placeCapture(capture, bytes));
      });
      await Promise.all(placing);
    }
  }
  const counts = await (isWhole ? goOn(batch, placed) : join(batch, placed));
  return {
    captures: counts.captures.size,
    sightings: counts.sightings.length,
    posts: counts.posts,
    known: known.size,
    withheld: counts.withheld,
  };
}

function join({ world, manifest, todo, taken }: Batch, placed: Places): Promise<Joined> {
  const rows = together(
    todo.map((unit) => rowsOf(only(unit, placed), placed)),
    true,
  );
  const records = new Map([...placed].map(([id, { place }]) => [id, place?.records]));
  return joinRows(rows, { world, from: manifest.chain, taken, records });
}

/** The links of the export, one after the other. */
function goOn({ world, todo }: Batch, placed: Places): Promise<Joined> {
  return world.db.transaction().execute(async (trx) => {
    const perUnit = todo.map((unit) => rowsOf(unit, placed));
    const applied = await applyImport(trx, together(perUnit, false));
    const links = todo.map(({ link }, index) => {
      if (!link) throw new Error('a whole export has links');
      const { n, at, hash, bodies } = link;
      const deed = { op: 'import' as const, ...(perUnit[index] ?? noRows) };
      return { n, at, hash, bodies, deed };
    });
    await restoreLinks(
      trx,
      links.map(({ deed: { names }, ...link }) => ({ ...link, names })),
    );
    for (const link of links) await world.journal?.append(link);
    return { ...applied, withheld: 0 };
  });
}
