/**
 * From the backlog to the queue: a backlog of a million stays rows, and only a window of it has jobs. It is filled by
 * urgency, within one priority in turn over the callers, within a caller in turn over the hosts. So a new order
 * waits for at most a window of others, and a host that is asked slowly does not fill the queue with jobs that wait for it.
 */
import { sql } from 'kysely';
import type { Offered, OfferedRun } from '../ledger.ts';
import { wake } from './parking.ts';
import type { StoreWorld, Trx } from './tables.ts';
import { toJson } from './well-formed.ts';

/** Jobs that wait for one host's pace, of one caller and priority: more would only stand in a new order's way. */
export const MOST_WAITING_PER_HOST = 20;
/** Of ten rows handed over one is of a less urgent kind, so that nothing starves for ever. */
const AGED_SHARE = 10;
/** More levels of urgency than this are left to the next turn. */
const MOST_LEVELS = 20;
const MOST_LANES = 500;
const HOSTS_A_TURN = 256;

const BACKLOG = sql`state = 'accepted' and due_at = 'infinity'`;

export interface OfferWorld extends Pick<StoreWorld, 'db' | 'now'> {
  /** In [0, 1): who comes first among equals. */
  readonly random: () => number;
}

interface Lane {
  readonly priority: number;
  readonly caller: string;
}
interface Row extends Lane {
  readonly id: string;
}

/** `offer` remembers at which host each lane stopped, so that the next turn goes on there. */
export function createOffer(world: OfferWorld): (window: number) => Promise<Offered> {
  const stops = new Map<string, string>();
  return (window) =>
    world.db.transaction().execute(async (trx) => {
      // Two at once would choose the same rows, and one of them come back with nothing. Without sorts: of a table that was
      // not analysed yet the planner expects one row in the backlog, and read all of it to sort it, three times a look
      // (60,000 index entries at 20,000 rows; now 230).
      await sql`
        select pg_advisory_xact_lock(hashtext('embedkeep offer')), set_config('enable_sort', 'off', true)
      `.execute(trx);
      await wake(trx, world.now());
      const ready = await readyByPriority(trx, world.now());
      const few = await wholeBacklog(trx, window - sum([...ready.values()]));
      if (few) return { runs: await handOver(trx, few, world), left: false };
      const lanes = await lanesOf(trx);
      const rows = await fill({ trx, lanes, ready, window, stops, random: world.random });
      return { runs: await handOver(trx, rows, world), left: true };
    });
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);

/** Runs with a job that could be taken now. */
async function readyByPriority(trx: Trx, now: Date): Promise<Map<number, number>> {
  const { rows } = await sql<{ priority: number; count: number }>`
    select priority, count(*)::integer as count from (
      select priority from embedkeep.runs where state = 'accepted' and due_at < 'infinity'
      union all
      select priority from embedkeep.runs where state = 'waiting' and due_at <= ${now.toISOString()}::timestamptz
    ) r group by priority`.execute(trx);
  return new Map(rows.map(({ priority, count }) => [priority, count]));
}

/** All of it where it fits, which is the ordinary case and needs no choice; null where it does not. */
async function wholeBacklog(trx: Trx, room: number): Promise<OfferRow[] | null> {
  const limit = Math.max(0, room) + 1;
  // In the order of the index: any other would read a backlog of a million to its end.
  const { rows } = await sql<Row & { seq: number }>`
    select id, priority, caller, seq from embedkeep.runs where ${BACKLOG}
    order by priority, caller, host, seq limit ${limit}
  `.execute(trx);
  if (rows.length > 0 && rows.length >= limit) return null;
  const ordered = rows.toSorted((a, b) => a.seq - b.seq);
  return inTurn(ordered, ({ caller }) => caller).map((row) => ({ ...row, as: row.priority }));
}

interface OfferRow {
  readonly id: string;
  /** The priority of its job. */
  readonly as: number;
}

/** A loose index scan: one step a lane, however long each is. */
async function lanesOf(trx: Trx): Promise<Lane[]> {
  const { rows } = await sql<Lane>`
    with recursive lanes as (
      (select priority, caller from embedkeep.runs where ${BACKLOG}
       order by priority, caller limit 1)
      union all
      select n.priority, n.caller from lanes l cross join lateral (
        select priority, caller from embedkeep.runs
        where ${BACKLOG} and (priority, caller) > (l.priority, l.caller)
        order by priority, caller limit 1) n
    ) select * from lanes limit ${MOST_LANES}`.execute(trx);
  return rows;
}

interface Filling {
  readonly trx: Trx;
  readonly lanes: readonly Lane[];
  readonly ready: ReadonlyMap<number, number>;
  readonly window: number;
  readonly stops: Map<string, string>;
  readonly random: () => number;
}

/** Each level has its own room: what is as urgent or more, and ready, counts; what is less urgent does not. */
async function fill(filling: Filling): Promise<OfferRow[]> {
  const { lanes, ready, window, random } = filling;
  const levels = [...new Set(lanes.map((lane) => lane.priority))].slice(0, MOST_LEVELS);
  const offered: OfferRow[] = [];
  const starved: Lane[] = [];
  for (const level of levels) {
    const ahead = sum([...ready].map(([priority, n]) => (priority <= level ? n : 0)));
    const room = window - ahead - offered.length;
    const mine = lanes.filter((lane) => lane.priority === level);
    if (room <= 0) starved.push(...mine);
    else offered.push(...(await take(mine, room, filling)).map((row) => ({ ...row, as: level })));
  }
  const aged = starved.length > 0 ? Math.floor(offered.length / AGED_SHARE + random()) : 0;
  const lane = starved[Math.floor(random() * starved.length)];
  const [first] = levels;
  if (aged === 0 || !lane || first === undefined) return offered;
  const old = await take([lane], aged, filling);
  return [...offered, ...old.map((row) => ({ ...row, as: first }))];
}

/** Rows of lanes of one level, in turn over the callers. */
async function take(lanes: readonly Lane[], room: number, filling: Filling): Promise<Row[]> {
  const each = lanes.length <= 8 ? room : Math.ceil((4 * room) / lanes.length);
  const hosts = await hostsOf(lanes, each, filling);
  if (hosts.length === 0) return [];
  // One limit for all, cut to each one's own below: of a limit that differs by row the planner expects thousands, and sorts.
  const most = Math.max(...hosts.map((host) => host.most));
  const { rows } = await sql<Row & { host: string; most: number }>`
    select r.id, x.priority, x.caller, x.host, x.most
    from json_to_recordset(${toJson(hosts)}::text::json) as x(priority integer, caller text, host text, most integer)
    cross join lateral (
      select id, seq from embedkeep.runs
      where ${BACKLOG} and priority = x.priority and caller = x.caller and host = x.host
      order by seq limit ${most}) r
    order by r.seq`.execute(filling.trx);
  const order = new Map(lanes.map(({ caller }) => [caller, filling.random()]));
  const byLane = Map.groupBy(rows, ({ caller }) => caller);
  const spread = [...byLane.entries()]
    .toSorted(([a], [b]) => (order.get(a) ?? 0) - (order.get(b) ?? 0))
    .flatMap(([, own]) => inTurn(ownShare(own), ({ host }) => host).slice(0, each));
  return inTurn(spread, ({ caller }) => caller).slice(0, room);
}

/** Of each host the first few that it may give. */
function ownShare<T extends { host: string; most: number }>(rows: readonly T[]): T[] {
  return [...Map.groupBy(rows, ({ host }) => host).values()].flatMap((own) =>
    own.slice(0, own[0]?.most ?? 0),
  );
}

/** First of each, then second of each …; within one, as given. */
export function inTurn<T>(rows: readonly T[], keyOf: (row: T) => string): T[] {
  const seen = new Map<string, number>();
  return rows
    .map((row) => {
      const nth = seen.get(keyOf(row)) ?? 0;
      seen.set(keyOf(row), nth + 1);
      return { row, nth };
    })
    .toSorted((a, b) => a.nth - b.nth)
    .map(({ row }) => row);
}

interface HostShare extends Lane {
  readonly host: string;
  readonly most: number;
}

/** The next hosts of each lane, with how many rows each may give: few where some wait for its pace already. */
async function hostsOf(
  lanes: readonly Lane[],
  each: number,
  { trx, stops }: Filling,
): Promise<HostShare[]> {
  const steps = Math.max(4, Math.floor(HOSTS_A_TURN / lanes.length));
  const asked = lanes.map((lane) => ({ ...lane, after: stops.get(keyOf(lane)) ?? '' }));
  const { rows } = await sql<Lane & { host: string; waiting: number }>`
    select x.priority, x.caller, h.host, w.waiting
    from json_to_recordset(${toJson(asked)}::text::json) as x(priority integer, caller text, after text)
    cross join lateral (
      with recursive hosts(host, n) as (
        (select host, 1 from embedkeep.runs
         where ${BACKLOG} and priority = x.priority and caller = x.caller and host > x.after
         order by host limit 1)
        union all
        select next.host, h.n + 1 from hosts h cross join lateral (
          select host from embedkeep.runs
          where ${BACKLOG} and priority = x.priority and caller = x.caller and host > h.host
          order by host limit 1) next
        where h.n < ${steps}
      ) select host from hosts
    ) h
    cross join lateral (
      select count(*)::integer as waiting from (
        select 1 from embedkeep.runs
        where state = 'waiting' and wait_reason is distinct from error_code
          and host = h.host and priority = x.priority and caller = x.caller
        limit ${MOST_WAITING_PER_HOST}) waits
    ) w`.execute(trx);
  const byLane = Map.groupBy(rows, keyOf);
  for (const lane of lanes) {
    const own = byLane.get(keyOf(lane)) ?? [];
    stops.set(keyOf(lane), own.length < steps ? '' : (own.at(-1)?.host ?? ''));
  }
  return rows.flatMap(({ waiting, ...row }) => {
    const count = byLane.get(keyOf(row))?.length ?? 1;
    const share = count <= 8 ? each : Math.ceil((4 * each) / count);
    const most = waiting === 0 ? share : Math.min(share, MOST_WAITING_PER_HOST - waiting);
    return most > 0 ? [{ ...row, most }] : [];
  });
}

const keyOf = ({ priority, caller }: Lane): string => `${priority} ${caller}`;

/** Committed before the jobs are added: a crash in between leaves rows that the reconciler finds without a job. */
async function handOver(
  trx: Trx,
  rows: readonly OfferRow[],
  { now }: OfferWorld,
): Promise<OfferedRun[]> {
  if (rows.length === 0) return [];
  const ids = rows.map((row) => row.id);
  const { rows: urls } = await sql<Pick<OfferedRun, 'id' | 'url' | 'again'>>`
    update embedkeep.runs r set due_at = ${now().toISOString()}::timestamptz
    from embedkeep.articles a
    where a.id = r.article_id and r.id = any(${ids}::text[]) and ${sql.raw(`r.state = 'accepted' and r.due_at = 'infinity'`)}
    returning r.id, a.url, r.attempts + r.waits > 0 as again`.execute(trx);
  const found = new Map(urls.map((row) => [row.id, row]));
  return rows.flatMap(({ id, as }) => {
    const row = found.get(id);
    return row ? [{ ...row, priority: as }] : [];
  });
}
