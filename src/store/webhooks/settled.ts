/**
 * How far an endpoint has been told, written down for a rebuild: rows of deliveries are not in the journal, so a store made
 * anew makes those again that were not settled, under their old ids. And the log is kept in bounds.
 */
import { sql } from 'kysely';
import { appendLink } from '../event-chain.ts';
import type { StoreWorld } from '../tables.ts';

const KEEP_DELIVERED_MS = 30 * 24 * 3_600_000;

export async function settle(world: StoreWorld): Promise<void> {
  await prune(world);
  const { db, journal } = world;
  if (!journal) return;
  const { rows } = await sql<{ id: string; up_to: number }>`
    select e.id, m.up_to from embedkeep.webhook_endpoints e, lateral (
      select max(d.event) as up_to from embedkeep.webhook_deliveries d
      where d.endpoint_id = e.id and d.event > e.marked and d.state <> 'waiting'
        and d.event < coalesce((
          select min(w.event) from embedkeep.webhook_deliveries w
          where w.endpoint_id = e.id and w.state = 'waiting'), e.cursor + 1)
    ) m where m.up_to is not null`.execute(db);
  for (const { id, up_to: upTo } of rows) {
    await db.transaction().execute(async (trx) => {
      const { numUpdatedRows } = await trx
        .updateTable('webhook_endpoints')
        .set({ marked: upTo })
        .where('id', '=', id)
        .where('marked', '<', upTo)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) return;
      const events = [
        { kind: 'webhook' as const, detail: { action: 'notified', endpoint: id, upTo } },
      ];
      const deed = { op: 'notified' as const, id, upTo };
      await appendLink(trx, { events, now: world.now(), deed }, journal);
    });
  }
}

async function prune({ db, now }: StoreWorld): Promise<void> {
  const before = new Date(now().getTime() - KEEP_DELIVERED_MS).toISOString();
  await db
    .deleteFrom('webhook_deliveries')
    .where('state', 'in', ['delivered', 'withheld'])
    .where('last_attempt_at', '<', before)
    .execute();
}
