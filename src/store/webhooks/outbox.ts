/** The sender's side: what is due is taken under a lease, and what came of it is written down. Safe for several processes. */
import { sql } from 'kysely';
import {
  type ClaimedDelivery,
  WEBHOOK_VERSION,
  type WebhookOutbox,
  type WebhookType,
} from '../../webhook.ts';
import { newToken } from '../ids.ts';
import { withStoreErrors } from '../store-errors.ts';
import type { StoreWorld } from '../tables.ts';
import { derive, isOurs, TOLD } from './derive.ts';
import { validAt } from './endpoint-row.ts';
import { delivered, notDelivered } from './receipts.ts';
import { settle } from './settled.ts';
import type { WebhookSecret } from './tables.ts';

export interface OutboxOptions {
  /** How long a delivery is its sender's; longer than any attempt. */
  readonly leaseMs: number;
}

/** Attempts that fail in a row before an endpoint is asked with one delivery at a time. */
const PROBE_AFTER = 5;

export function createWebhookOutbox(world: StoreWorld, { leaseMs }: OutboxOptions): WebhookOutbox {
  return withStoreErrors({
    busy: () => busy(world, leaseMs),
    derive: (id) => derive(id, world),
    claim: (id, limit) => claim({ id, limit, leaseMs }, world),
    delivered: (claimed, receipt) => delivered({ claimed, receipt }, world),
    notDelivered: (claimed, setback) => notDelivered({ claimed, setback }, world),
    withheld: async ({ id }) => {
      await world.db
        .updateTable('webhook_deliveries')
        .set({ state: 'withheld', token: null, leased_until: null })
        .where('id', '=', id)
        .execute();
    },
    settle: () => settle(world),
    takeBack: async () => {
      const { numUpdatedRows } = await world.db
        .updateTable('webhook_deliveries')
        .set({ leased_until: null })
        .where('leased_until', 'is not', null)
        .where('state', '=', 'waiting')
        .executeTakeFirst();
      return Number(numUpdatedRows);
    },
    oldest: () => oldest(world),
  } satisfies WebhookOutbox);
}

/**
 * What was written by a clock that ran ahead and was put right must not wait for that hour: what was never tried is due
 * whatever it says, and so are an attempt of the future and a lease that ends later than any can. `skew` is what clocks of
 * several processes may differ by.
 */
const isDue = (at: Date, leaseMs: number) => {
  const now = sql`${at.toISOString()}::timestamptz`;
  const skew = sql`${new Date(at.getTime() + leaseMs).toISOString()}::timestamptz`;
  const longest = sql`${new Date(at.getTime() + 2 * leaseMs).toISOString()}::timestamptz`;
  return sql`d.state = 'waiting' and d.v <= ${WEBHOOK_VERSION}
    and (d.attempts = 0 or d.next_at <= ${now} or d.last_attempt_at > ${skew})
    and (d.leased_until is null or d.leased_until not between ${now} and ${longest})`;
};
/** Nor may the pause of an endpoint that began to fail in the future. */
const isAwake = (at: Date, leaseMs: number) => sql`(not_before is null
  or not_before <= ${at.toISOString()}::timestamptz
  or failing_since > ${new Date(at.getTime() + leaseMs).toISOString()}::timestamptz)`;

async function busy({ db, now }: StoreWorld, leaseMs: number): Promise<string[]> {
  const at = now();
  const { rows } = await sql<{ id: string }>`
    select e.id from embedkeep.webhook_endpoints e
    where ${isOurs} and (
      e.cursor < (select events from embedkeep.chain_head where id = 1)
      or ${isAwake(at, leaseMs)} and exists (
        select from embedkeep.webhook_deliveries d
        where d.endpoint_id = e.id and ${isDue(at, leaseMs)}))
    order by e.seq`.execute(db);
  return rows.map((row) => row.id);
}

interface ClaimRow {
  readonly id: string;
  readonly endpoint_id: string;
  readonly attempts: number;
  readonly type: string;
  readonly url: string;
  readonly secrets: readonly WebhookSecret[];
  readonly body: string;
  readonly article_url: string | null;
  readonly post_url: string | null;
  readonly is_removed: boolean;
}

/**
 * The attempt is counted here, before the work, so that the count survives a kill. It is due from now on whatever clock
 * planned it: where this sender dies too, the next one must not wait for the hour of a clock that ran ahead.
 */
async function claim(
  { id, limit, leaseMs }: { id: string; limit: number; leaseMs: number },
  { db, now }: StoreWorld,
): Promise<ClaimedDelivery[]> {
  const at = now();
  const token = newToken();
  const until = new Date(at.getTime() + leaseMs).toISOString();
  const { rows } = await sql<ClaimRow>`
    with endpoint as (
      select id, url, secrets, case when failures >= ${PROBE_AFTER} then 1 else ${limit}::int end as most
      from embedkeep.webhook_endpoints
      where id = ${id} and ${isOurs}
        and ${isAwake(at, leaseMs)}
    ), due as (
      select d.id from embedkeep.webhook_deliveries d
      where d.endpoint_id = (select id from endpoint) and ${isDue(at, leaseMs)}
      order by d.next_at, d.event
      limit (select most from endpoint) for update of d skip locked
    ), taken as (
      update embedkeep.webhook_deliveries d
      set attempts = d.attempts + 1, token = ${token}, leased_until = ${until}::timestamptz,
        last_attempt_at = ${at.toISOString()}::timestamptz,
        next_at = least(d.next_at, ${at.toISOString()}::timestamptz)
      from due where d.id = due.id
      returning d.*
    )
    select t.id, t.endpoint_id, t.attempts, t.type, endpoint.url, endpoint.secrets, ev.body,
      a.url as article_url, p.url as post_url,
      p.removed_at is not null or exists (
        select from embedkeep.sightings s where s.capture_id = ev.capture_id and s.post_id = ev.post_id
          and s.embed->>'form' = 'removed') as is_removed
    from taken t cross join endpoint
    join embedkeep.events ev on ev.seq = t.event
    left join embedkeep.articles a on a.id = ev.article_id
    left join embedkeep.posts p on p.id = ev.post_id
    order by t.event`.execute(db);
  return rows.map((row) => ({
    id: row.id,
    endpointId: row.endpoint_id,
    token,
    attempts: row.attempts,
    type: row.type as WebhookType,
    url: row.url,
    secrets: validAt(row.secrets, at).map(({ key }) => key),
    body: row.body,
    articleUrl: row.article_url,
    postUrl: row.post_url,
    isRemoved: row.is_removed,
  }));
}

/** Of deliveries that wait, and of events that no delivery was made of yet. */
async function oldest({ db }: StoreWorld): Promise<Date | null> {
  const { rows } = await sql<{ at: string | null }>`
    select least(
      (select min(d.at) from embedkeep.webhook_deliveries d
        where d.state = 'waiting' and exists (
          select from embedkeep.webhook_endpoints e where e.id = d.endpoint_id and e.state = 'enabled')),
      (select min(next.at) from embedkeep.webhook_endpoints e, lateral (
        select ev.at from embedkeep.events ev
        where ev.seq > e.cursor and ev.kind = any(${TOLD}::text[]) order by ev.seq limit 1) next
        where e.state = 'enabled')
    ) as at`.execute(db);
  return rows[0]?.at ? new Date(rows[0].at) : null;
}
