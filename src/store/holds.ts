/** Legal holds: what they name can neither be removed nor fall to a retention rule until they are released. */
import { sql } from 'kysely';
import { EmbedkeepError } from '../errors.ts';
import { appendLink } from './event-chain.ts';
import type { StoreWorld, Trx } from './tables.ts';
import { wellFormed } from './well-formed.ts';

export interface HoldTarget {
  readonly kind: 'article' | 'capture' | 'post' | 'tag';
  /** Article or capture id, `platform/id` of a post, a tag. */
  readonly target: string;
}

export interface Hold extends HoldTarget {
  readonly reason: string;
  readonly heldAt: string;
  readonly releasedAt: string | null;
}

export function hold(
  { kind, target, reason }: HoldTarget & { reason: string },
  world: StoreWorld,
): Promise<void> {
  const deed = {
    op: 'hold' as const,
    kind,
    target: wellFormed(target),
    reason: wellFormed(reason),
  };
  return world.db.transaction().execute(async (trx) => {
    await lockHolds(trx);
    const now = world.now();
    if (!(await putHold(trx, deed, now))) return;
    const events = [{ kind: 'held' as const, detail: { kind, target, reason } }];
    await appendLink(trx, { events, now, deed }, world.journal);
  });
}

/** @throws EmbedkeepError NOT_FOUND where nothing holds it */
export function release({ kind, target }: HoldTarget, world: StoreWorld): Promise<void> {
  const deed = { op: 'release' as const, kind, target };
  return world.db.transaction().execute(async (trx) => {
    const now = world.now();
    if (!(await liftHold(trx, deed, now))) throw new EmbedkeepError('NOT_FOUND');
    const events = [{ kind: 'released' as const, detail: { kind, target } }];
    await appendLink(trx, { events, now, deed }, world.journal);
  });
}

/** A hold waits for a removal that is being decided, and the other way round: what was held before is never taken after. */
export const lockHolds = (trx: Trx): Promise<unknown> =>
  sql`select pg_advisory_xact_lock(hashtext('embedkeep holds'))`.execute(trx);

/** False where it is held already. */
export async function putHold(
  trx: Trx,
  { kind, target, reason }: HoldTarget & { reason: string },
  now: Date,
): Promise<boolean> {
  const { rows } = await sql`
    insert into embedkeep.holds (kind, target, reason, held_at)
    values (${kind}, ${target}, ${reason}, ${now.toISOString()}::timestamptz)
    on conflict do nothing returning id`.execute(trx);
  return rows.length > 0;
}

export async function liftHold(
  trx: Trx,
  { kind, target }: HoldTarget,
  now: Date,
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('holds')
    .set({ released_at: now.toISOString() })
    .where('kind', '=', kind)
    .where('target', '=', target)
    .where('released_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export async function listHolds({ db }: Pick<StoreWorld, 'db'>): Promise<Hold[]> {
  const rows = await db.selectFrom('holds').selectAll().orderBy('id').execute();
  return rows.map(({ kind, target, reason, held_at, released_at }) => {
    return { kind, target, reason, heldAt: held_at, releasedAt: released_at };
  });
}

/** Standing holds on these captures: by themselves, by their article, its tags, or a post they show. */
export async function holdsOn(trx: Trx, captures: readonly string[]): Promise<HoldTarget[]> {
  const { rows } = await sql<HoldTarget>`
    with meant as (
      select id, article_id from embedkeep.captures where id = any(${captures}::text[])
    ), names as (
      select 'capture' as kind, id as target from meant
      union select 'article', article_id from meant
      union select 'tag', unnest(r.tags) from embedkeep.runs r join meant m on m.article_id = r.article_id
      union select 'post', p.platform || '/' || p.post_id from embedkeep.posts p
        join embedkeep.sightings s on s.post_id = p.id join meant m on m.id = s.capture_id
    )
    select h.kind, h.target from embedkeep.holds h
    join names n on n.kind = h.kind and n.target = h.target
    where h.released_at is null
    order by h.id`.execute(trx);
  return rows;
}
