/**
 * Intake: many orders in one transaction of a few statements, whatever their number.
 * One call at a time: two bulk calls with the same URLs in another order would deadlock, and both end in the chain anyway.
 */
import { sql } from 'kysely';
import { DEFAULT_PRIORITY, type Order } from '../article-job.ts';
import type { CaptureReason } from '../capture.ts';
import type { Answer, Checked } from '../ledger.ts';
import { appendEvents } from './event-chain.ts';
import { newRunId } from './ids.ts';
import { OPEN_STATES } from './run-row.ts';
import type { Db, Trx } from './tables.ts';
import { toJson } from './well-formed.ts';

export interface AcceptWorld {
  readonly db: Db;
  readonly now: () => Date;
  readonly windowHours: number;
}

type Accepted = Extract<Checked, { articleId: string }>;

interface NewRun {
  readonly id: string;
  readonly articleId: string;
  readonly reason: CaptureReason;
  priority: number;
  readonly tags: Set<string>;
  readonly refs: Set<string>;
}
/** Tags and references that an order adds to a run of someone else. */
type Join = Pick<NewRun, 'id' | 'tags' | 'refs' | 'priority'>;

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
  if (good.length === 0)
    return decide(orders, { known: new Map(), proposed: new Map() }, world).answers;
  return await world.db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(hashtext('embedkeep intake'))`.execute(trx);
    const proposed = new Map(good.map((one) => [one.articleId, newRunId(world.now())]));
    const fresh = await insertArticles(trx, { good, proposed }, world.now());
    const known = await readKnown(
      trx,
      [...proposed.keys()].filter((id) => !fresh.has(id)),
    );
    const plan = decide(orders, { known, proposed }, world);
    const runs = [...plan.runs.values()];
    await insertRuns(trx, { runs, fresh }, world.now());
    await joinRuns(trx, [...plan.joins.values()]);
    const events = runs.map((run) => ({
      kind: 'accepted' as const,
      articleId: run.articleId,
      runId: run.id,
      detail: { reason: run.reason },
    }));
    await appendEvents(trx, events, world.now());
    return plan.answers;
  });
}

interface Facts {
  readonly known: ReadonlyMap<string, Known>;
  /** The id a new run of the article would get: a new article is written with it at once. */
  readonly proposed: ReadonlyMap<string, string>;
}

/** Answers the articles that are new; the others are untouched. */
async function insertArticles(
  trx: Trx,
  { good, proposed }: { good: readonly Accepted[]; proposed: Facts['proposed'] },
  now: Date,
): Promise<Set<string>> {
  const rows = new Map(
    good.map(({ articleId: id, url }) => [
      id,
      { id, url, host: new URL(url).hostname, run: proposed.get(id) },
    ]),
  );
  const { rows: inserted } = await sql<{ id: string }>`
    insert into embedkeep.articles (id, url, host, accepted_at, last_run_id)
    select id, url, host, ${now.toISOString()}::timestamptz, run
    from json_to_recordset(${toJson(numbered([...rows.values()]))}::text::json)
      as x(id text, url text, host text, run text, n integer)
    where not exists (select from embedkeep.articles a where a.id = x.id)
    order by n
    on conflict (id) do nothing
    returning id`.execute(trx);
  return new Set(inserted.map((row) => row.id));
}

/** With its place, so that rows are numbered in the order given. */
const numbered = <T extends object>(rows: readonly T[]) => rows.map((row, n) => ({ ...row, n }));

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
    if (theirs) addTo(joinOf(plan, theirs), one.order);
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
  const id = proposed.get(one.articleId);
  if (!id) throw new Error('every good order has a proposed run');
  const again = known.get(one.articleId)?.last_captured_at ? 'recapture' : 'first';
  const run: NewRun = {
    id,
    articleId: one.articleId,
    reason: one.order.force ? 'manual' : again,
    priority: one.order.priority ?? DEFAULT_PRIORITY,
    tags: new Set(one.order.tags),
    refs: new Set(one.order.reference === undefined ? [] : [one.order.reference]),
  };
  plan.runs.set(one.articleId, run);
  return run.id;
}

function joinOf(plan: Plan, runId: string): Join {
  const fresh = { id: runId, tags: new Set<string>(), refs: new Set<string>(), priority: 1000 };
  const join = plan.joins.get(runId) ?? fresh;
  plan.joins.set(runId, join);
  return join;
}

function addTo(run: Join, order: Order): void {
  run.priority = Math.min(run.priority, order.priority ?? DEFAULT_PRIORITY);
  for (const tag of order.tags ?? []) run.tags.add(tag);
  if (order.reference !== undefined) run.refs.add(order.reference);
}

async function insertRuns(
  trx: Trx,
  { runs, fresh }: { runs: readonly NewRun[]; fresh: ReadonlySet<string> },
  now: Date,
): Promise<void> {
  if (runs.length === 0) return;
  const rows = runs.map((run) => ({
    id: run.id,
    article_id: run.articleId,
    reason: run.reason,
    priority: run.priority,
    tags: [...run.tags],
    refs: [...run.refs],
  }));
  await sql`
    insert into embedkeep.runs
      (id, article_id, state, reason, priority, tags, refs, due_at, accepted_at)
    select id, article_id, 'accepted', reason, priority, tags, refs, t.now, t.now
    from json_to_recordset(${toJson(numbered(rows))}::text::json) as x(
        id text, article_id text, reason text, priority integer, tags text[], refs text[], n integer),
      (select ${now.toISOString()}::timestamptz as now) t
    order by n`.execute(trx);
  const again = rows.filter((row) => !fresh.has(row.article_id));
  if (again.length === 0) return;
  await sql`
    update embedkeep.articles a set last_run_id = x.id
    from json_to_recordset(${toJson(again)}::text::json) as x(id text, article_id text)
    where a.id = x.article_id`.execute(trx);
}

/** Tags keep their order and are listed once; a more urgent order makes the open run more urgent. */
async function joinRuns(trx: Trx, joins: readonly Join[]): Promise<void> {
  if (joins.length === 0) return;
  const rows = joins.map((join) => ({ ...join, tags: [...join.tags], refs: [...join.refs] }));
  await sql`
    update embedkeep.runs r set
      priority = case when r.finished_at is null then least(r.priority, x.priority) else r.priority end,
      tags = r.tags || array(select t from unnest(x.tags) t where t <> all (r.tags)),
      refs = r.refs || array(select t from unnest(x.refs) t where t <> all (r.refs))
    from json_to_recordset(${toJson(rows)}::text::json) as x(
      id text, priority integer, tags text[], refs text[])
    where r.id = x.id`.execute(trx);
}
