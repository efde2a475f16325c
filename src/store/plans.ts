/** The book of plans: ordered, shown, paused, removed, and made into runs when they are due. */
import { sql } from 'kysely';
import { EmbedkeepError } from '../errors.ts';
import type { Plan, PlanBook, PlanFilter } from '../plan.ts';
import { dueAround, parsePlan } from '../plan-spec.ts';
import type { Page } from '../reader.ts';
import { pageOf, sliceOf } from './cursor.ts';
import { appendLink, type NewEvent } from './event-chain.ts';
import { closed, eventsOf, isoOrNull, putPlans, replacePlans, toPlan } from './plan-rows.ts';
import { tick } from './plan-tick.ts';
import type { Db, StoreWorld } from './tables.ts';
import { wellFormed } from './well-formed.ts';

export function createPlanBook(world: StoreWorld): PlanBook {
  const { db } = world;
  return {
    add: (order) => addToTag({ ...order, tag: wellFormed(order.tag) }, world),
    list: (filter) => list(db, filter),
    show: (id) => show(db, id),
    ofArticle: (articleId) => plansOf(db, articleId),
    change: (id, to) => change({ id, to }, world),
    tick: () => tick(world),
  };
}

function addToTag(
  { tag, spec, priority, caller }: Parameters<PlanBook['add']>[0],
  world: StoreWorld,
): Promise<Plan> {
  return world.db.transaction().execute(async (trx) => {
    const now = world.now();
    const wanted = { kind: 'tag' as const, target: tag, url: null, spec, priority, caller };
    const plans = await replacePlans(trx, [wanted], now);
    await appendLink(
      trx,
      { events: eventsOf(plans), now, deed: { op: 'plans', plans, runs: [] } },
      world.journal,
    );
    const row = await trx
      .selectFrom('plans')
      .selectAll()
      .where('kind', '=', 'tag')
      .where('target', '=', tag)
      .where('state', 'in', ['active', 'paused'])
      .executeTakeFirstOrThrow();
    return toPlan(row);
  });
}

async function list(db: Db, filter: PlanFilter): Promise<Page<Plan>> {
  const slice = sliceOf(filter);
  let query = db.selectFrom('plans').selectAll().select('seq as n').where('seq', '<', slice.below);
  if (filter.state !== undefined) query = query.where('state', '=', filter.state);
  if (filter.tag !== undefined) {
    query = query.where('kind', '=', 'tag').where('target', '=', filter.tag);
  }
  if (filter.articleId !== undefined) {
    query = query.where('kind', '=', 'article').where('target', '=', filter.articleId);
  }
  const rows = await query
    .orderBy('seq', 'desc')
    .limit(slice.limit + 1)
    .execute();
  return pageOf(rows, slice, toPlan);
}

async function show(db: Db, id: string): Promise<Plan | null> {
  const row = await db.selectFrom('plans').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? toPlan(row) : null;
}

export async function plansOf(db: Db, articleId: string): Promise<Plan[]> {
  const rows = await db
    .selectFrom('plans')
    .selectAll()
    .where('state', 'in', ['active', 'paused'])
    .where(sql<boolean>`kind = 'article' and target = ${articleId}
      or kind = 'tag' and target in (select unnest(tags) from embedkeep.runs where article_id = ${articleId})`)
    .orderBy('next_at')
    .execute();
  return rows.map(toPlan);
}

function change(
  { id, to }: { id: string; to: Parameters<PlanBook['change']>[1] },
  world: StoreWorld,
): Promise<Plan> {
  return world.db.transaction().execute(async (trx) => {
    const row = await trx
      .selectFrom('plans')
      .selectAll()
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    if (!row) throw new EmbedkeepError('NOT_FOUND', 'No plan is kept under this id.');
    const before = toPlan(row);
    const now = world.now();
    const plan = changed(before, to, now);
    if (plan === before) return before;
    await putPlans(trx, [plan]);
    const events: NewEvent[] =
      to === 'remove'
        ? eventsOf([plan])
        : eventsOf([plan]).map((event) => ({ ...event, kind: 'replanned' }));
    await appendLink(
      trx,
      { events, now, deed: { op: 'plans', plans: [plan], runs: [] } },
      world.journal,
    );
    return plan;
  });
}

function changed(plan: Plan, to: 'pause' | 'resume' | 'remove', now: Date): Plan {
  if (plan.state !== 'active' && plan.state !== 'paused') {
    throw new EmbedkeepError('CONFLICT', `The plan is over: ${plan.reason ?? plan.state}.`);
  }
  const changedAt = now.toISOString();
  if (to === 'remove') return closed(plan, { state: 'ended', reason: 'removed by hand' }, now);
  if (to === 'pause') {
    if (plan.state === 'paused') return plan;
    return { ...plan, state: 'paused', nextAt: null, reason: 'paused by hand', changedAt };
  }
  if (plan.state === 'active') return plan;
  // What was due in the pause is not made up for.
  const { next } = dueAround(parsePlan(plan.spec), Date.parse(plan.startsAt), now.getTime());
  if (next === null)
    return closed(plan, { state: 'ended', reason: 'its time passed while it was paused' }, now);
  return { ...plan, state: 'active', nextAt: isoOrNull(next), reason: null, changedAt };
}
