/**
 * Today's parser over stored captures, without fetching: one capture in memory at a time, each its own transaction.
 * A capture that today's parser has read is not read again, so an interrupted run goes on where it was.
 * Old sightings stay under their parser version; what the store shows of a post follows the newest reading of each capture.
 */
import { type Selectable, sql } from 'kysely';
import type { Embed, Extraction, ExtractOptions } from '../embed.ts';
import { type Failure, toFailure } from '../errors.ts';
import type { Archive } from '../ledger.ts';
import { inPresentShape } from '../post-key.ts';
import { toCapture } from './article-reader.ts';
import { readAgain } from './deeds.ts';
import { appendLink } from './event-chain.ts';
import { type EraseWorld, eraseMarked } from './finish-removals.ts';
import { diffReadings, type FieldDiff } from './reading-diff.ts';
import { giveUpBytes, withoutTaken } from './standing.ts';
import type { CaptureTable, Db, StoreWorld } from './tables.ts';
import { cleaned } from './well-formed.ts';

export interface ReparseWorld extends StoreWorld {
  readonly archive: Pick<Archive, 'read'>;
  readonly extract: (bytes: Uint8Array, options: ExtractOptions) => Promise<Extraction>;
  /** Version of `extract`. */
  readonly parser: string;
  /** For pages that turn out to show a post that was taken down; without it the next removal or start does it. */
  readonly erase?: EraseWorld['erase'];
}

export interface ReparseFilter {
  readonly host?: string;
  /** RFC 3339: captures fetched at or after. */
  readonly since?: string;
  /** Only captures last read by an older parser than this. */
  readonly parserBelow?: string;
  /** Says what would change and writes nothing. */
  readonly dryRun?: boolean;
}

export interface Reparsed {
  readonly captureId: string;
  readonly url: string;
  readonly from: string;
  readonly to: string;
  readonly diffs: readonly FieldDiff[];
  /** The bytes could not be read or parsed: the old reading stays. */
  readonly failure: Failure | null;
}

type CaptureRecord = Selectable<CaptureTable>;
const BATCH = 50;

export async function* reparse(
  filter: ReparseFilter,
  world: ReparseWorld,
): AsyncGenerator<Reparsed> {
  const versions = await olderVersions(filter, world);
  let above = 0;
  for (;;) {
    const batch = await nextBatch(world.db, { filter, versions, above });
    for (const capture of batch) yield await reparseOne(capture, { filter, world });
    const last = batch.at(-1);
    if (!last || batch.length < BATCH) return;
    above = last.seq;
  }
}

async function olderVersions(
  filter: ReparseFilter,
  { db, parser }: ReparseWorld,
): Promise<string[]> {
  const rows = await db
    .selectFrom('captures')
    .select('parser')
    .distinct()
    .where('parser', 'is not', null)
    .execute();
  const { parserBelow } = filter;
  return rows
    .flatMap((row) => row.parser ?? [])
    .filter((version) => version !== parser)
    .filter((version) => parserBelow === undefined || isOlder(version, parserBelow));
}

const isOlder = (version: string, than: string): boolean =>
  version.localeCompare(than, 'en', { numeric: true }) < 0;

function nextBatch(
  db: Db,
  { filter, versions, above }: { filter: ReparseFilter; versions: string[]; above: number },
): Promise<CaptureRecord[]> {
  let query = db
    .selectFrom('captures as c')
    .selectAll('c')
    .where('c.seq', '>', above)
    .where('c.removed_at', 'is', null)
    .where('c.parser', '=', sql<string>`any(${versions}::text[])`);
  if (filter.since !== undefined) query = query.where('c.fetched_at', '>=', filter.since);
  if (filter.host !== undefined) {
    query = query
      .innerJoin('articles as a', 'a.id', 'c.article_id')
      .where('a.host', '=', filter.host.toLowerCase());
  }
  return query.orderBy('c.seq').limit(BATCH).execute();
}

async function reparseOne(
  row: CaptureRecord,
  { filter, world }: { filter: ReparseFilter; world: ReparseWorld },
): Promise<Reparsed> {
  const about = {
    captureId: row.id,
    url: row.url,
    from: row.parser ?? '',
    to: world.parser,
  };
  try {
    const extraction = await parseAgain(row, world);
    const old = await sightingsOf(world.db, row);
    const before = { articleId: row.article_id, article: row.article, embeds: old };
    const diffs = diffReadings(before, { ...extraction, articleId: row.article_id });
    if (!filter.dryRun) await write(row, { extraction, world });
    return { ...about, diffs, failure: null };
  } catch (thrown) {
    return { ...about, diffs: [], failure: toFailure(thrown) };
  }
}

async function parseAgain(row: CaptureRecord, world: ReparseWorld): Promise<Extraction> {
  const bytes = await world.archive.read(toCapture(row).stored);
  const options = { url: row.final_url, charset: row.charset, capturedAt: row.fetched_at };
  return cleaned(await world.extract(bytes, options));
}

async function sightingsOf(db: Db, row: CaptureRecord): Promise<Embed[]> {
  const rows = await db
    .selectFrom('sightings')
    .select('embed')
    .where('capture_id', '=', row.id)
    .where('parser', '=', row.parser ?? '')
    .orderBy('ordinal')
    .execute();
  return rows.map((one) => inPresentShape(one.embed));
}

async function write(
  row: CaptureRecord,
  { extraction, world }: { extraction: Extraction; world: ReparseWorld },
): Promise<void> {
  const { parser, article, embeds, suspected, truncated } = extraction;
  const about = { articleId: row.article_id, runId: row.run_id, captureId: row.id };
  const { erase } = world;
  const gone = await world.db.transaction().execute(async (trx) => {
    const read = { parser, article, embeds, suspected, truncated };
    const { reading, taken } = await withoutTaken(trx, read, row.article_id);
    const deed = { op: 'reparse' as const, ...about, reading };
    const events = await readAgain(trx, deed);
    if (!events) return [];
    const now = world.now();
    const { withheld, ...more } = await giveUpBytes(trx, { ...about, taken }, now);
    const link = { events: [...events, ...more.events], now, deed: { ...deed, withheld } };
    await appendLink(trx, link, world.journal);
    return withheld;
  });
  if (gone.length > 0 && erase) await eraseMarked({ ...world, erase }, gone);
}
