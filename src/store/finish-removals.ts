/**
 * What a takedown or a retention rule has marked as gone is made to go: first the bytes, then the journal's old lines, and only
 * then the mark that it is done. Each step can be done again, so whoever was killed in the middle is completed by the next
 * removal or the next start. One at a time: two that erased the same record at once could tear it.
 */
import { sql } from 'kysely';
import type { BodyPlace, StoredBody } from '../capture.ts';
import { toCapture } from './article-reader.ts';
import { redactEntry, type Takedown } from './redact.ts';
import type { Db, StoreWorld } from './tables.ts';

export interface EraseWorld extends StoreWorld {
  /** Makes the body's bytes unreadable for good; durable when it resolves. Doing it twice is fine. */
  readonly erase: (stored: BodyPlace) => Promise<void>;
}

const PAGE = 500;

/**
 * Answers how many captures are done now.
 * @throws what the first that could not be erased threw; the others are done all the same, and it is tried again next time
 */
export function finishRemovals(world: EraseWorld): Promise<number> {
  const pending = () => erasePending(world);
  return world.journal ? afterOthers(world, pending) : alone(world, pending);
}

/**
 * The bytes of captures that show what was taken down before: their words are in no line of the journal. What cannot be erased
 * now is tried again by the next removal or start.
 */
export function eraseMarked(world: EraseWorld, captures: readonly string[]): Promise<unknown> {
  const marked = () => eraseSome(world, captures);
  return world.journal ? afterOthers(world, marked) : alone(world, marked);
}

const turns = new WeakMap<Db, Promise<unknown>>();

/** The embedded store has one process, and one session that a lock would keep from everybody else. */
function afterOthers(world: EraseWorld, work: () => Promise<number>): Promise<number> {
  const before = turns.get(world.db) ?? Promise.resolve();
  const mine = before.then(work, work);
  turns.set(world.db, mine);
  return mine;
}

/** Across processes: the lock is this transaction's, the work is done outside of it. */
function alone(world: EraseWorld, work: () => Promise<number>): Promise<number> {
  return world.db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(hashtext('embedkeep removals'))`.execute(trx);
    return await work();
  });
}

async function eraseSome(world: EraseWorld, captures: readonly string[]): Promise<number> {
  const { erased, failed } = await eraseBodies(world, captures);
  await markErased(world, erased);
  if (failed.length > 0) throw failed[0];
  return erased.length;
}

async function markErased({ db, now }: EraseWorld, erased: readonly string[]): Promise<void> {
  for (let at = 0; at < erased.length; at += PAGE) {
    await db
      .updateTable('captures')
      .set({ erased_at: now().toISOString() })
      .where('id', '=', sql<string>`any(${erased.slice(at, at + PAGE)}::text[])`)
      .execute();
  }
}

async function erasePending(world: EraseWorld): Promise<number> {
  const { erased, failed } = await eraseBodies(world);
  if (erased.length > 0) {
    if (world.journal) {
      const takedowns = await takedownsOf(world.db);
      await world.journal.rewrite((entry) => takedowns.reduce(redactEntry, entry));
    }
    await markErased(world, erased);
  }
  if (failed.length > 0) throw failed[0];
  return erased.length;
}

/** All that are pending, or these. */
async function eraseBodies(
  { db, erase }: EraseWorld,
  only?: readonly string[],
): Promise<{ erased: string[]; failed: unknown[] }> {
  const erased: string[] = [];
  const failed: unknown[] = [];
  for (let above = 0; ; ) {
    let query = db
      .selectFrom('captures')
      .selectAll()
      .where('removed_at', 'is not', null)
      .where('erased_at', 'is', null)
      .where('seq', '>', above);
    if (only) query = query.where('id', '=', sql<string>`any(${only}::text[])`);
    const rows = await query.orderBy('seq').limit(PAGE).execute();
    for (const row of rows) {
      try {
        for (const place of bodiesOf(toCapture(row).stored)) await erase(place);
        erased.push(row.id);
      } catch (thrown) {
        failed.push(thrown);
      }
    }
    const last = rows.at(-1);
    if (!last) return { erased, failed };
    above = last.seq;
  }
}

/** A revisit's body is another capture's, but for one of an import, which may be no capture's. */
function* bodiesOf(stored: StoredBody): Generator<BodyPlace> {
  if (!stored.revisit) yield stored;
  if (stored.body) yield stored.body;
}

/** All there ever were: the chain knows them. Captures that went altogether are one, however many they are. */
async function takedownsOf(db: Db): Promise<Takedown[]> {
  const rows = await db
    .selectFrom('events')
    .select('body')
    .where('kind', 'in', ['removed', 'expired'])
    .execute();
  const gone = new Set<string>();
  const posts: Takedown[] = [];
  for (const { body } of rows) {
    const { platform, postId, detail } = JSON.parse(body);
    // Seen again after it: the words were never written.
    if (detail.standing) continue;
    const captures: string[] = detail.captures;
    if (typeof platform === 'string') {
      const post = { platform, postId, aliases: detail.aliases };
      posts.push({ captures: new Set(captures), post });
    } else for (const id of captures) gone.add(id);
  }
  return [{ captures: gone, post: null }, ...posts];
}
