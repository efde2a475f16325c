/**
 * Intake: many orders in one transaction of a few statements, whatever their number.
 */
import { sql } from 'kysely';
import { DEFAULT_CALLER, DEFAULT_PRIORITY, type Order } from '../article-job.ts';
import type { CaptureReason } from '../capture.ts';
import type { Answer, Checked } from '../ledger.ts';
import { appendLink, type NewEvent } from './event-chain.ts';
import { newRunId } from './ids.ts';
import { eventsOf, replacePlans, type Wanted } from './plan-rows.ts';
import { OPEN_STATES } from './run-row.ts';
import { insertArticles, startRuns } from './start-runs.ts';
import { newRunDigest, runDigest } from './stated.ts';
import type { StoreWorld, Trx } from './tables.ts';

export interface AcceptWorld extends StoreWorld {
  readonly windowHours: number;
}

type Accepted = Extract<Checked, { articleId: string }>;

interface NewRun {
  readonly id: string;
  readonly articleId: string;
  readonly url: string;
  readonly reason: CaptureReason;
  readonly caller: string;
  priority: number;
  readonly tags: Set<string>;
  readonly refs: Set<string>;
}
/** Tags and references that an order adds to a run of someone else. */
type Join = Pick<NewRun, 'id' | 'tags' | 'refs' | 'priority'> & { readonly articleId: string };

interface Plan {
  readonly runs: Map<string, NewRun>;
  readonly joins: Map<string, Join>;
  readonly answers: Answer[];
}

/** What the ledger knows of an article before this call. */
interface Known {
  readonly id: string;
  readonly last_captured_at: string | null;
  readonly run_id: string | null;
  readonly state: string | null;
}

export async function accept(orders: readonly Checked[], world: AcceptWorld): Promise<Answer[]> {
  const good = orders.filter((one): one is Accepted => 'articleId' in one);
  if (good.length === 0) {
    return decide(orders, { known: new Map(), proposed: new Map() }, world).answers;
  }
  return await world.db.transaction().execute(async (trx) => {
    await lockIntake(trx);
    const now = world.now();
    const proposed = new Map(
      good.map(({ articleId, url }) => [articleId, { id: newRunId(now), articleId, url }]),
    );
    const fresh = await insertArticles(trx, [...proposed.values()], now);
    const others = [...proposed.keys()].filter((id) => !fresh.has(id));
    const known = await readKnown(trx, others);
    const plan = decide(orders, { known, proposed }, world);
    const runs = [...plan.runs.values()].map(listed);
    const joins = [...plan.joins.values()].map(listed);
    const joined = await startRuns(trx, { runs, joins }, { now, fresh });
    const at = now.toISOString();
    const plans = await replacePlans(trx, plansOf(good), now);
    const events: NewEvent[] = [
      ...runs.map((run): NewEvent => {
        const detail = { reason: run.reason, run: newRunDigest(run, at) };
        return { kind: 'accepted', articleId: run.articleId, runId: run.id, detail };
      }),
      ...joined.map((run): NewEvent => {
        const detail = { run: runDigest(run) };
        return { kind: 'joined', articleId: run.article_id, runId: run.id, detail };
      }),
      ...eventsOf(plans),
    ];
    const deed = { op: 'runs' as const, runs, joins, ...(plans.length > 0 && { plans }) };
    await appendLink(trx, { events, now, deed }, world.journal);
    return plan.answers;
  });
}

/** One call at a time: two with the same URLs in another order would deadlock, and both end in the chain anyway. */
export const lockIntake = (trx: Trx): Promise<unknown> =>
  sql`select pg_advisory_xact_lock(hashtext('embedkeep intake'))`.execute(trx);

/** The last order of an article says which plan it has. */
function plansOf(orders: readonly Accepted[]): Wanted[] {
  const wanted = orders.flatMap(({ order, url, articleId }): [string, Wanted][] => {
    const { plan: spec, priority, caller, tags } = order;
    if (spec === undefined) return [];
    return [[articleId, { kind: 'article', target: articleId, url, spec, priority, caller, tags }]];
  });
  return [...new Map(wanted).values()];
}

const listed = <T extends Pick<NewRun, 'tags' | 'refs'>>(run: T) => ({
  ...run,
  tags: [...run.tags],
  refs: [...run.refs],
});

interface Facts {
  readonly known: ReadonlyMap<string, Known>;
  /** The run that a new article is written with at once. */
  readonly proposed: ReadonlyMap<string, Pick<NewRun, 'id' | 'articleId' | 'url'>>;
}

/** Locks the articles, so that none is finished between being read and being answered. */
async function readKnown(trx: Trx, ids: readonly string[]): Promise<Map<string, Known>> {
  if (ids.length === 0) return new Map();
  await sql`
    select id from embedkeep.articles where id = any(${ids}::text[])
    order by id for no key update`.execute(trx);
  const { rows } = await sql<Known>`
    select a.id, a.last_captured_at, r.id as run_id, r.state
    from embedkeep.articles a left join embedkeep.runs r on r.id = a.last_run_id
    where a.id = any(${ids}::text[])`.execute(trx);
  return new Map(rows.map((row) => [row.id, row]));
}

/** Pure: which orders start a run, which join one, which are refused. */
function decide(orders: readonly Checked[], { known, proposed }: Facts, world: AcceptWorld): Plan {
  const plan: Plan = { runs: new Map(), joins: new Map(), answers: [] };
  orders.forEach((one, index) => {
    const { url } = one.order;
    if (!('articleId' in one)) {
      const { refused: reason } = one;
      const nothing = { articleId: null, runId: null };
      plan.answers.push({ index, url, status: 'refused', ...nothing, reason });
      return;
    }
    const { articleId } = one;
    const mine = plan.runs.get(articleId);
    const theirs = mine || one.order.force ? null : runToJoin(known.get(articleId), world);
    const runId = mine?.id ?? theirs ?? startRun(plan, one, { known, proposed });
    if (mine) addTo(mine, one.order);
    if (theirs) addTo(joinOf(plan, theirs, articleId), one.order);
    const status = mine || theirs ? 'known' : 'accepted';
    plan.answers.push({ index, url, status, articleId, runId });
  });
  return plan;
}

function runToJoin(known: Known | undefined, { now, windowHours }: AcceptWorld): string | null {
  if (!known?.run_id || !known.state) return null;
  if ((OPEN_STATES as readonly string[]).includes(known.state)) return known.run_id;
  if (known.state !== 'done' || !known.last_captured_at) return null;
  const age = now().getTime() - Date.parse(known.last_captured_at);
  return age < windowHours * 3_600_000 ? known.run_id : null;
}

function startRun(plan: Plan, one: Accepted, { known, proposed }: Facts): string {
  const proposal = proposed.get(one.articleId);
  if (!proposal) throw new Error('every good order has a proposed run');
  const again = known.get(one.articleId)?.last_captured_at ? 'recapture' : 'first';
  plan.runs.set(one.articleId, {
    ...proposal,
    reason: one.order.force ? 'manual' : again,
    caller: one.order.caller ?? DEFAULT_CALLER,
    priority: one.order.priority ?? DEFAULT_PRIORITY,
    tags: new Set(one.order.tags),
    refs: new Set(one.order.reference === undefined ? [] : [one.order.reference]),
  });
  return proposal.id;
}

function joinOf(plan: Plan, id: string, articleId: string): Join {
  const nothing = { tags: new Set<string>(), refs: new Set<string>(), priority: LEAST_URGENT };
  const join = plan.joins.get(id) ?? { id, articleId, ...nothing };
  plan.joins.set(id, join);
  return join;
}
const LEAST_URGENT = 1000;

function addTo(run: Pick<Join, 'tags' | 'refs' | 'priority'>, order: Order): void {
  run.priority = Math.min(run.priority, order.priority ?? DEFAULT_PRIORITY);
  for (const tag of order.tags ?? []) run.tags.add(tag);
  if (order.reference !== undefined) run.refs.add(order.reference);
}
