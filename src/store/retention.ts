/**
 * Retention: captures whose time has come lose bytes and words as by a takedown; digests, events and a tombstone with the rule
 * stay. Captures that rest on the same bytes go together, when the time of each has come, or not at all; what a legal hold
 * names stays. Each such group is a transaction of its own, decided and written under its locks, so a sweep that ends anywhere
 * is gone on with by the next one, and several at once do no harm.
 */
import { sql } from 'kysely';
import { expiredOf, type RetentionRule, shortestAge } from '../retention-rules.ts';
import { appendLink, type NewEvent } from './event-chain.ts';
import { type Expiry, expire } from './expire.ts';
import { type EraseWorld, finishRemovals } from './finish-removals.ts';
import { type HoldTarget, holdsOn, lockHolds } from './holds.ts';
import { REMOVED_FORM } from './redact.ts';
import type { Db, Trx } from './tables.ts';

export interface Retained {
  readonly captureId: string;
  readonly articleId: string;
  readonly url: string;
  readonly fetchedAt: string;
  /** As it is written. */
  readonly rule: string;
  readonly outcome: 'expired' | 'would expire' | 'held';
  /** Why it is held; else empty. */
  readonly holds: readonly HoldTarget[];
}

interface Candidate {
  readonly id: string;
  readonly articleId: string;
  readonly runId: string;
  readonly url: string;
  readonly fetchedAt: string;
  readonly sha256: string;
  readonly size: number;
  readonly isRead: boolean;
  /** A takedown took its bytes; what the page showed of other posts is still here. */
  readonly isGone: boolean;
  readonly tags: readonly string[];
}

const PAGE = 500;

/** A takedown of one post takes the bytes of its page, not what the page showed of the others. */
const hasWords = sql<boolean>`(c.removed_at is null or exists (
  select from embedkeep.sightings s where s.capture_id = c.id and s.embed->>'form' <> ${sql.lit(REMOVED_FORM)}))`;

/** What has expired, oldest article first. Bytes are gone when the iteration has ended. */
export async function* retain(
  { rules, dryRun = false }: { rules: readonly RetentionRule[]; dryRun?: boolean },
  world: EraseWorld,
): AsyncGenerator<Retained> {
  const sweep: Sweep = { rules, dryRun, world, now: world.now(), told: new Set() };
  let isChanged = false;
  try {
    for await (const articleId of articlesWithOld(sweep)) {
      const captures = await capturesOf(world.db, articleId);
      for (const { capture } of expiredOf(captures, sweep)) {
        const told = await decide(capture, sweep);
        isChanged ||= told.some(({ outcome }) => outcome === 'expired');
        yield* told;
      }
    }
  } finally {
    // Once, and also where the caller has seen enough: the journal is done over as a whole.
    if (isChanged) await finishRemovals(world);
  }
}

interface Sweep {
  readonly rules: readonly RetentionRule[];
  readonly dryRun: boolean;
  readonly world: EraseWorld;
  readonly now: Date;
  /** Bytes of several captures that were decided on already. */
  readonly told: Set<string>;
}

/** Those that have a capture older than the shortest age. */
async function* articlesWithOld({ rules, world: { db }, now }: Sweep): AsyncGenerator<string> {
  const age = shortestAge(rules);
  if (!Number.isFinite(age)) return;
  const before = new Date(now.getTime() - age).toISOString();
  for (let above = 0; ; ) {
    const { rows } = await sql<{ id: string; seq: number }>`
      select a.id, a.seq from embedkeep.articles a
      where a.seq > ${above} and exists (
        select from embedkeep.captures c where c.article_id = a.id
          and ${hasWords} and c.fetched_at <= ${before}::timestamptz)
      order by a.seq limit ${PAGE}`.execute(db);
    for (const { id } of rows) yield id;
    const last = rows.at(-1);
    if (!last) return;
    above = last.seq;
  }
}

/** Newest first. */
function capturesOf(db: Db | Trx, articleId: string): Promise<Candidate[]> {
  return db
    .selectFrom('captures as c')
    .innerJoin('runs as r', 'r.id', 'c.run_id')
    .select(['c.id', 'c.article_id as articleId', 'c.run_id as runId', 'c.url'])
    .select(['c.fetched_at as fetchedAt', 'c.sha256', 'c.size', 'r.tags'])
    .select(sql<boolean>`c.parser is not null`.as('isRead'))
    .select(sql<boolean>`c.removed_at is not null`.as('isGone'))
    .where('c.article_id', '=', articleId)
    .where(hasWords)
    .orderBy('c.seq', 'desc')
    .execute();
}

/** The capture with all that rest on the same bytes. Empty where the time of one of them has not come. */
function decide(capture: Candidate, sweep: Sweep): Promise<Retained[]> {
  const { world, dryRun, told } = sweep;
  if (capture.size > 0) {
    if (told.has(capture.sha256)) return Promise.resolve([]);
  }
  return world.db.transaction().execute(async (trx) => {
    const members = await lockGroup(trx, capture);
    if (members.length > 1) told.add(capture.sha256);
    const expired = await expiredAmong(trx, { members, sweep });
    if (members.length === 0 || expired.length < members.length) return [];
    const holds = await holdsOn(trx, members);
    const outcome = holds.length > 0 ? 'held' : dryRun ? 'would expire' : 'expired';
    if (outcome === 'expired') {
      const captures = expired.map(({ capture: { id }, rule }) => ({ id, rule: rule.text }));
      const deed: Expiry & { op: 'expire' } = { op: 'expire', captures };
      const at = world.now();
      const digests = await expire(trx, deed, at);
      const events = expired.map((one) => eventOf(one, digests.get(one.capture.id) ?? []));
      await appendLink(trx, { events, now: at, deed }, world.journal);
    }
    return expired.map(({ capture: { id, articleId, url, fetchedAt }, rule }) => {
      return { captureId: id, articleId, url, fetchedAt, rule: rule.text, outcome, holds };
    });
  });
}

/**
 * Articles before captures, as whoever finishes a run takes them. The rows of the captures too: a run that rests on these
 * bytes, and is being finished just now, comes before (then the group has a young member) or finds them gone.
 */
async function lockGroup(trx: Trx, { id, sha256, size }: Candidate): Promise<string[]> {
  await lockHolds(trx);
  // Nothing rests on an empty body: each capture of one is for itself.
  const same = size > 0 ? sql`c.sha256 = ${sha256}` : sql`c.id = ${id}`;
  await sql`
    select a.id from embedkeep.articles a
    where a.id in (select c.article_id from embedkeep.captures c where ${same})
    order by a.id for no key update`.execute(trx);
  const { rows } = await sql<{ id: string }>`
    select c.id from embedkeep.captures c
    where ${same} and ${hasWords} order by c.id for update`.execute(trx);
  return rows.map((row) => row.id);
}

/** Judged anew under the locks: tags may have joined, captures may have come. Ends at the first that stays. */
async function expiredAmong(
  trx: Trx,
  { members, sweep }: { members: readonly string[]; sweep: Sweep },
): Promise<{ capture: Candidate; rule: RetentionRule }[]> {
  const wanted = new Set(members);
  const found: { capture: Candidate; rule: RetentionRule }[] = [];
  const { rows } = await sql<{ article_id: string; count: number }>`
    select article_id, count(*)::integer as count from embedkeep.captures
    where id = any(${members}::text[]) group by article_id order by article_id`.execute(trx);
  for (const { article_id, count } of rows) {
    const expired = expiredOf(await capturesOf(trx, article_id), sweep);
    const mine = expired.filter(({ capture }) => wanted.has(capture.id));
    if (mine.length < count) return [];
    found.push(...mine);
  }
  return found;
}

function eventOf(
  { capture: { id, articleId, runId }, rule }: { capture: Candidate; rule: RetentionRule },
  sightings: readonly string[],
): NewEvent {
  const detail = { rule: rule.text, captures: [id], sightings };
  return { kind: 'expired', articleId, runId, captureId: id, detail };
}
