/** What is due: each plan's latest due time becomes runs, and the plan moves on to its next. One transaction, idempotent. */
import { sql } from 'kysely';
import type { Plan } from '../plan.ts';
import { dueAround, parsePlan } from '../plan-spec.ts';
import { lockIntake } from './accept.ts';
import { appendLink, type NewEvent } from './event-chain.ts';
import { newRunId } from './ids.ts';
import type { RunFacts } from './journal-entry.ts';
import { closed, eventsOf, isoOrNull, type PlanRow, putPlans, toPlan } from './plan-rows.ts';
import { startRuns } from './start-runs.ts';
import { newRunDigest } from './stated.ts';
import type { StoreWorld, Trx } from './tables.ts';

const PLANS_AT_ONCE = 200;
const ARTICLES_AT_ONCE = 5000;
/** Answers "not there" in a row that stop an article's plan. */
const GONE_IN_A_ROW = 3;

/** An article as a plan must see it. */
interface Target {
  readonly id: string;
  readonly url: string;
  readonly captured: boolean;
  /** A run of it has no final state yet: that one counts. */
  readonly open: boolean;
  readonly gone: boolean;
  readonly removed: boolean;
}

interface Due {
  readonly plan: Plan;
  readonly due: string;
  readonly next: string | null;
}

export function tick(world: StoreWorld): Promise<{ runs: number; more: boolean }> {
  return world.db.transaction().execute(async (trx) => {
    const now = world.now();
    const rows = await duePlans(trx, now);
    if (rows.length === 0) return { runs: 0, more: false };
    // As intake does: articles are locked in its order.
    await lockIntake(trx);
    const runs = new Map<string, RunFacts>();
    const plans: Plan[] = [];
    for (const row of rows) plans.push(...(await deal(trx, { row, runs, now })));
    await startRuns(trx, { runs: [...runs.values()], joins: [] }, { now, fresh: new Set() });
    await putPlans(trx, plans);
    const started = [...runs.values()];
    const at = now.toISOString();
    const events: NewEvent[] = [
      ...started.map((run): NewEvent => {
        const { id: runId, articleId, reason, plan } = run;
        const detail = { reason, plan, run: newRunDigest(run, at) };
        return { kind: 'accepted', articleId, runId, detail };
      }),
      ...eventsOf(plans.filter((plan) => plan.state !== 'active')),
    ];
    await appendLink(
      trx,
      { events, now, deed: { op: 'plans', plans, runs: started } },
      world.journal,
    );
    const more = rows.length === PLANS_AT_ONCE || plans.some((plan) => isStillDue(plan, now));
    return { runs: started.length, more };
  });
}

const isStillDue = ({ state, nextAt }: Plan, now: Date): boolean =>
  state === 'active' && nextAt !== null && Date.parse(nextAt) <= now.getTime();

/** Those that another process deals with at this moment are left to it. */
async function duePlans(trx: Trx, now: Date): Promise<PlanRow[]> {
  return await trx
    .selectFrom('plans')
    .selectAll()
    .where('state', '=', 'active')
    .where('next_at', '<=', now.toISOString())
    .orderBy('next_at')
    .orderBy('seq')
    .limit(PLANS_AT_ONCE)
    .forUpdate()
    .skipLocked()
    .execute();
}

interface Dealing {
  readonly row: PlanRow;
  /** By article: two plans that are due at once make one run. */
  readonly runs: Map<string, RunFacts>;
  readonly now: Date;
}

async function deal(trx: Trx, { row, runs, now }: Dealing): Promise<Plan[]> {
  const plan = toPlan(row);
  const dues = dueAround(parsePlan(plan.spec), Date.parse(plan.startsAt), now.getTime());
  // Before its first due time although next_at has passed: the clock went back. It comes again.
  if (dues.last === null) return [];
  const due: Due = { plan, due: new Date(dues.last).toISOString(), next: isoOrNull(dues.next) };
  const targets = await targetsOf(trx, due);
  const stop = plan.kind === 'article' ? stopReason(targets[0]) : null;
  if (stop) return [closed(plan, { state: 'stopped', reason: stop }, now)];
  const fresh = targets.filter(
    (target) => !(target.open || target.gone || target.removed || runs.has(target.id)),
  );
  for (const target of fresh) runs.set(target.id, runOf(target, due, now));
  const moved = {
    ...plan,
    runs: plan.runs + fresh.length,
    lastDueAt: due.due,
    changedAt: now.toISOString(),
  };
  // A tag of more articles than one transaction takes: the rest at once, at this same due time.
  if (targets.length === ARTICLES_AT_ONCE && fresh.length > 0) return [moved];
  if (due.next === null)
    return [closed(moved, { state: 'ended', reason: 'its last capture is ordered' }, now)];
  return [{ ...moved, nextAt: due.next }];
}

function stopReason(target: Target | undefined): string | null {
  if (!target) return 'the article is not there';
  if (target.removed) return 'the article was taken down';
  return target.gone ? `the article is gone: ${GONE_IN_A_ROW} times in a row not found` : null;
}

const runOf = (target: Target, { plan, due }: Due, now: Date): RunFacts => ({
  id: newRunId(now),
  articleId: target.id,
  url: target.url,
  reason: target.captured ? 'recapture' : 'first',
  priority: plan.priority,
  caller: plan.caller,
  tags: plan.tags,
  refs: [],
  plan: { id: plan.id, due },
});

async function targetsOf(trx: Trx, { plan, due }: Due): Promise<Target[]> {
  const which =
    plan.kind === 'article'
      ? sql`a.id = ${plan.target}`
      : sql`a.id in (select article_id from embedkeep.runs
          where tags @> array[${plan.target}]::text[] and tags <> '{}')`;
  const { rows } = await sql<Target>`
    select a.id, a.url, a.last_captured_at is not null as captured,
      coalesce(r.state in ('accepted', 'running', 'waiting'), false) as open,
      (select count(*) = ${GONE_IN_A_ROW} and bool_and(coalesce(l.error_code = 'GONE', false)) from (
        select error_code from embedkeep.runs
        where article_id = a.id and state in ('done', 'failed', 'dropped')
        order by seq desc limit ${GONE_IN_A_ROW}) l) as gone,
      exists (select from embedkeep.captures c
        where c.article_id = a.id and c.removed_at is not null and c.expired_by is null) as removed
    from embedkeep.articles a left join embedkeep.runs r on r.id = a.last_run_id
    where ${which} and not exists (
      select from embedkeep.runs p
      where p.plan_id = ${plan.id} and p.plan_due = ${due}::timestamptz and p.article_id = a.id)
    order by a.seq limit ${ARTICLES_AT_ONCE}
    for no key update of a`.execute(trx);
  return rows;
}
