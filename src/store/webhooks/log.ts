/** The log of deliveries, and their replay. */
import { sql } from 'kysely';
import { EmbedkeepError } from '../../errors.ts';
import type { DeliveryFilter, ReplayOrder, WebhookDelivery } from '../../webhook.ts';
import { pageOf, sliceOf } from '../cursor.ts';
import { appendLink } from '../event-chain.ts';
import type { Db, StoreWorld, Trx } from '../tables.ts';
import { rowOf } from './endpoint-row.ts';
import type { WebhookDeliveryTable } from './tables.ts';

/** Newest first. */
export async function deliveries(
  db: Db,
  { id, filter }: { id: string; filter: DeliveryFilter },
): Promise<{ items: readonly WebhookDelivery[]; next: string | null }> {
  await rowOf(db, id);
  const slice = sliceOf(filter);
  let query = db
    .selectFrom('webhook_deliveries')
    .selectAll()
    .select('seq as n')
    .where('endpoint_id', '=', id)
    .where('seq', '<', slice.below);
  if (filter.state) query = query.where('state', '=', filter.state);
  const rows = await query
    .orderBy('seq', 'desc')
    .limit(slice.limit + 1)
    .execute();
  return pageOf(rows, slice, toDelivery);
}

const toDelivery = (
  row: Omit<WebhookDeliveryTable, 'seq' | 'v' | 'attempts'> & { attempts: number },
): WebhookDelivery => ({
  id: row.id,
  endpointId: row.endpoint_id,
  event: row.event,
  type: row.type,
  at: row.at,
  state: row.state,
  attempts: row.attempts,
  nextAt: row.state === 'waiting' ? row.next_at : null,
  lastAttemptAt: row.last_attempt_at,
  status: row.status,
  code: row.code,
  message: row.message,
  response: row.response,
  durationMs: row.duration_ms,
});

/**
 * Again from the first attempt, under the same id. What a takedown has taken stays withheld: it is looked at when it is sent.
 * In the chain as a note: an unfinished replay survives a kill, and has to be ordered again after a rebuild.
 */
export function replay(
  { id, order }: { id: string; order: ReplayOrder },
  world: StoreWorld,
): Promise<number> {
  return world.db.transaction().execute(async (trx) => {
    await rowOf(trx, id, 'to change it');
    const now = world.now();
    const count = await again(trx, { id, order, now });
    if (count === 0) return 0;
    const events = [
      { kind: 'webhook' as const, detail: { action: 'replayed', endpoint: id, deliveries: count } },
    ];
    await appendLink(trx, { events, now, deed: { op: 'note' } }, world.journal);
    return count;
  });
}

async function again(
  trx: Trx,
  { id, order, now }: { id: string; order: ReplayOrder; now: Date },
): Promise<number> {
  const chosen =
    'deliveryId' in order
      ? sql`id = ${order.deliveryId} and state <> 'withheld'`
      : sql`at >= ${order.since}::timestamptz
          and (state = 'failed' or state = 'waiting' and attempts > 0)`;
  const { numAffectedRows = 0n } = await sql`
    update embedkeep.webhook_deliveries
    set state = 'waiting', attempts = 0, next_at = ${now.toISOString()}::timestamptz
    where endpoint_id = ${id} and ${chosen}`.execute(trx);
  if (numAffectedRows === 0n && 'deliveryId' in order) throw await whyNot(trx, order.deliveryId);
  // Whoever asks for it says that the endpoint is well again.
  await sql`update embedkeep.webhook_endpoints set not_before = null where id = ${id}`.execute(trx);
  return Number(numAffectedRows);
}

async function whyNot(trx: Trx, id: string): Promise<EmbedkeepError> {
  const row = await trx
    .selectFrom('webhook_deliveries')
    .select('state')
    .where('id', '=', id)
    .executeTakeFirst();
  if (row?.state === 'withheld') {
    return new EmbedkeepError('CONFLICT', 'A takedown took what this delivery is about.');
  }
  return new EmbedkeepError('NOT_FOUND', `The log of this endpoint has no delivery ${id}.`);
}
