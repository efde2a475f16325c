/** Rows of plans: a function of facts alone, for the live path and the journal's replay; and as the rest of the program sees them. */
import { type Selectable, sql } from 'kysely';
import { DEFAULT_CALLER, DEFAULT_PRIORITY } from '../article-job.ts';
import type { Plan } from '../plan.ts';
import { dueAround, endOf, parsePlan } from '../plan-spec.ts';
import type { NewEvent } from './event-chain.ts';
import { newPlanId } from './ids.ts';
import type { PlanTable, Trx } from './tables.ts';
import { toJson } from './well-formed.ts';

export type PlanRow = Selectable<PlanTable>;

/** Each becomes what it says, whatever was there before. */
export async function putPlans(trx: Trx, plans: readonly Plan[]): Promise<void> {
  if (plans.length === 0) return;
  await sql`
    insert into embedkeep.plans (id, kind, target, url, spec, state, priority, caller, tags, starts_at, ends_at,
      next_at, last_due_at, runs, reason, created_at, changed_at)
    select id, kind, target, url, spec, state, priority, caller, tags, starts_at, ends_at,
      next_at, last_due_at, runs, reason, created_at, changed_at
    from json_to_recordset(${toJson(plans.map(toRow))}::text::json) as x(
      n integer, id text, kind text, target text, url text, spec text, state text, priority integer, caller text,
      tags text[], starts_at timestamptz, ends_at timestamptz, next_at timestamptz, last_due_at timestamptz,
      runs integer, reason text, created_at timestamptz, changed_at timestamptz)
    order by n
    on conflict (id) do update set state = excluded.state, next_at = excluded.next_at,
      last_due_at = excluded.last_due_at, runs = excluded.runs, reason = excluded.reason,
      changed_at = excluded.changed_at`.execute(trx);
}

const toRow = (plan: Plan, n: number) => ({
  n,
  ...plan,
  starts_at: plan.startsAt,
  ends_at: plan.endsAt,
  next_at: plan.nextAt,
  last_due_at: plan.lastDueAt,
  created_at: plan.createdAt,
  changed_at: plan.changedAt,
});

export const toPlan = (row: PlanRow): Plan => ({
  id: row.id,
  kind: row.kind,
  target: row.target,
  url: row.url,
  spec: row.spec,
  state: row.state,
  priority: row.priority,
  caller: row.caller,
  tags: row.tags,
  startsAt: row.starts_at,
  endsAt: row.ends_at,
  nextAt: row.next_at,
  lastDueAt: row.last_due_at,
  runs: row.runs,
  reason: row.reason,
  createdAt: row.created_at,
  changedAt: row.changed_at,
});

export type Wanted = Pick<Plan, 'kind' | 'target' | 'url' | 'spec'> & {
  readonly priority?: number | undefined;
  readonly caller?: string | undefined;
  readonly tags?: readonly string[] | undefined;
};

/** @throws EmbedkeepError PLAN_INVALID */
export function newPlan(wanted: Wanted, now: Date): Plan {
  const {
    priority = DEFAULT_PRIORITY,
    caller = DEFAULT_CALLER,
    tags = [],
    spec,
    ...target
  } = wanted;
  const steps = parsePlan(spec);
  const startsAt = now.getTime();
  return {
    id: newPlanId(now),
    ...target,
    spec: spec.trim(),
    state: 'active',
    priority,
    caller,
    tags,
    startsAt: now.toISOString(),
    endsAt: isoOrNull(endOf(steps, startsAt)),
    nextAt: isoOrNull(dueAround(steps, startsAt, startsAt).next),
    lastDueAt: null,
    runs: 0,
    reason: null,
    createdAt: now.toISOString(),
    changedAt: now.toISOString(),
  };
}

export const isoOrNull = (ms: number | null): string | null =>
  ms === null ? null : new Date(ms).toISOString();

/**
 * One open plan a target: the same again changes nothing, another takes the place of the one before.
 * Answers all that are new or changed.
 */
export async function replacePlans(
  trx: Trx,
  wanted: readonly Wanted[],
  now: Date,
): Promise<Plan[]> {
  if (wanted.length === 0) return [];
  const [first] = wanted;
  const targets = wanted.map((one) => one.target);
  const rows = await trx
    .selectFrom('plans')
    .selectAll()
    .where('kind', '=', first?.kind ?? 'article')
    .where('target', '=', sql<string>`any(${targets}::text[])`)
    .where('state', 'in', ['active', 'paused'])
    .forUpdate()
    .execute();
  const open = new Map(rows.map((row) => [row.target, toPlan(row)]));
  const changed = wanted.flatMap((one): Plan[] => {
    const before = open.get(one.target);
    if (before?.spec === one.spec.trim()) return [];
    const plan = newPlan(one, now);
    return before
      ? [closed(before, { state: 'ended', reason: `replaced by ${plan.id}` }, now), plan]
      : [plan];
  });
  await putPlans(trx, changed);
  return changed;
}

export const closed = (
  plan: Plan,
  how: { state: 'ended' | 'stopped'; reason: string },
  now: Date,
): Plan => ({ ...plan, ...how, nextAt: null, changedAt: now.toISOString() });

export const eventsOf = (plans: readonly Plan[]): NewEvent[] =>
  plans.map((plan) => ({
    kind: plan.state === 'active' ? ('planned' as const) : ('unplanned' as const),
    ...(plan.kind === 'article' && { articleId: plan.target }),
    detail: {
      plan: plan.id,
      spec: plan.spec,
      ...(plan.kind === 'tag' && { tag: plan.target }),
      ...(plan.reason !== null && { reason: plan.reason }),
    },
  }));
