/**
 * Rows of an import beside what is here, in one transaction, told to the chain. Takedowns of this store stand: what the file says of
 * such a post is written neither to the tables nor to the journal, and the bytes of the pages that show it go, unless a legal hold
 * keeps them. The post's name here is looked up under all names that the file has for it.
 */
import { sql } from 'kysely';
import type { Embed } from '../../embed.ts';
import { appendLink, type NewEvent } from '../event-chain.ts';
import { type EraseWorld, eraseMarked } from '../finish-removals.ts';
import { redactEmbed } from '../redact-embed.ts';
import type { DiskShelf } from '../shelf.ts';
import { giveUpBytes, idlessName, isNamed, type Taken, takenUnder } from '../standing.ts';
import type { Db, Trx } from '../tables.ts';
import { toJson } from '../well-formed.ts';
import { type Applied, applyImport } from './apply.ts';
import { type ImportSource, importedEvents, statedIn } from './events.ts';
import type { ImportedRows, ImportedSighting } from './rows.ts';

/** `platform/name` of posts in the file to what they are called here, where they were taken down. */
export type TakenNames = DiskShelf<string>;

export interface Joining {
  readonly world: EraseWorld;
  readonly from: ImportSource['from'];
  readonly taken: TakenNames;
  /** Capture to the digest of its records, where they came along. */
  readonly records?: ImportSource['records'];
}

export interface Joined extends Applied {
  /** Sightings whose words were left out. */
  readonly withheld: number;
}

export async function joinRows(rows: ImportedRows, joining: Joining): Promise<Joined> {
  const { world, from, taken, records = new Map() } = joining;
  const { joined, gone } = await world.db.transaction().execute(async (trx) => {
    await lockShared(trx, rows);
    await noteTaken(trx, { sightings: rows.sightings, taken });
    const kept = withoutTaken(rows, taken);
    const applied = await applyImport(trx, kept.rows);
    const now = world.now();
    const withheld: string[] = [];
    const stated = await statedIn(trx, applied);
    const events: NewEvent[] = importedEvents(kept.rows, { applied, from, records, stated });
    for (const seen of seenIn(kept.rows, kept.taken)) {
      const more = await giveUpBytes(trx, seen, now);
      withheld.push(...more.withheld);
      events.push(...more.events);
    }
    const deed = { op: 'import' as const, ...kept.rows, ...(withheld.length > 0 && { withheld }) };
    await appendLink(trx, { events, now, deed }, world.journal);
    return { joined: { ...applied, withheld: kept.count }, gone: withheld };
  });
  if (gone.length > 0) await eraseMarked(world, gone);
  return joined;
}

/** Articles, then posts, as whoever finishes a run takes them: a takedown comes before, or finds what was imported. */
async function lockShared(trx: Trx, { articles, sightings }: ImportedRows): Promise<void> {
  const ids = articles.map(({ id }) => String(id));
  await sql`select id from embedkeep.articles where id = any(${ids}::text[])
    order by id for no key update`.execute(trx);
  const names = sightings.map(({ platform, postId }) => ({ platform, postId }));
  await sql`select p.id from embedkeep.posts p
    join (select distinct platform, "postId" from json_to_recordset(${toJson(names)}::text::json)
      as x(platform text, "postId" text)) x on x.platform = p.platform and x."postId" = p.post_id
    order by p.platform, p.post_id for no key update of p`.execute(trx);
}

/** A post of which one sighting is known here as taken down is so in all that the file has of it. */
export async function noteTaken(
  db: Db | Trx,
  { sightings, taken }: { sightings: readonly SightedPost[]; taken: TakenNames },
): Promise<void> {
  const named = sightings.map(({ platform, postId, embed }) => {
    return { platform, own: postId, idless: idlessName(embed) };
  });
  const asked = [...new Set(named.flatMap(({ own, idless }) => [own, idless ?? own]))];
  const rows = await takenUnder(db, asked);
  if (rows.length === 0) return;
  for (const names of named) {
    const row = rows.find((one) => one.platform === names.platform && isNamed(one, names));
    if (row) taken.set(`${names.platform}/${names.own}`, row.post_id);
  }
}

export type SightedPost = Pick<ImportedSighting, 'platform' | 'postId'> & { readonly embed: Embed };

interface Kept {
  readonly rows: ImportedRows;
  /** By capture. */
  readonly taken: ReadonlyMap<string, readonly Taken[]>;
  readonly count: number;
}

function withoutTaken(rows: ImportedRows, names: TakenNames): Kept {
  const taken = new Map<string, Map<string, Taken>>();
  let count = 0;
  const sightings = rows.sightings.map((one): ImportedSighting => {
    const { platform, captureId, embed } = one;
    const postId = names.get(`${platform}/${one.postId}`);
    if (postId === undefined) return one;
    count += 1;
    const posts = taken.get(captureId) ?? new Map<string, Taken>();
    taken.set(captureId, posts.set(`${platform}/${postId}`, { platform, postId }));
    const { changes: _, ...others } = one;
    return { ...others, postId, embed: redactEmbed(embed, postId) };
  });
  // The post has its row here.
  const posts = rows.posts.filter(
    (row) => names.get(`${row['platform']}/${row['post_id']}`) === undefined,
  );
  const byCapture = new Map([...taken].map(([id, some]) => [id, [...some.values()]]));
  return { rows: { ...rows, sightings, posts }, taken: byCapture, count };
}

function* seenIn({ captures }: ImportedRows, taken: Kept['taken']) {
  for (const row of captures) {
    const captureId = String(row['id']);
    const posts = taken.get(captureId);
    if (posts === undefined) continue;
    const about = { articleId: String(row['article_id']), runId: String(row['run_id']) };
    yield { ...about, captureId, taken: posts };
  }
}
