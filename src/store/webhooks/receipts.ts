/** What came of an attempt, written down; an endpoint that nothing reaches any more is disabled, with an event. */
import { sql } from 'kysely';
import type { ClaimedDelivery, Receipt, Setback } from '../../webhook.ts';
import type { StoreWorld, Trx } from '../tables.ts';
import { wellFormed } from '../well-formed.ts';
import { factsOf, rowOf, write } from './endpoint-row.ts';

/** No attempt has succeeded for so long: nobody is listening. The schedule of one delivery takes a little over three days. */
const DISABLE_AFTER_MS = 5 * 24 * 3_600_000;

const columns = ({ status, code, message, response, durationMs }: Receipt) => ({
  status,
  code,
  message: message === null ? null : wellFormed(message).slice(0, 500),
  response: response === null ? null : wellFormed(response).slice(0, 1000),
  duration_ms: Math.round(durationMs),
});

/** Whoever holds it by now: it has arrived. */
export function delivered(
  { claimed, receipt }: { claimed: ClaimedDelivery; receipt: Receipt },
  { db }: StoreWorld,
): Promise<void> {
  return db.transaction().execute(async (trx) => {
    // The endpoint first, as whoever changes it does.
    await trx
      .updateTable('webhook_endpoints')
      .set({ failures: 0, failing_since: null, not_before: null })
      .where('id', '=', claimed.endpointId)
      .where((eb) => eb.or([eb('failures', '>', 0), eb('failing_since', 'is not', null)]))
      .execute();
    await trx
      .updateTable('webhook_deliveries')
      .set({ ...columns(receipt), state: 'delivered', token: null, leased_until: null })
      .where('id', '=', claimed.id)
      .execute();
  });
}

export function notDelivered(
  { claimed, setback }: { claimed: ClaimedDelivery; setback: Setback },
  world: StoreWorld,
): Promise<string | null> {
  const { receipt, nextAt, pauseUntil, isGone } = setback;
  return world.db.transaction().execute(async (trx) => {
    const now = world.now();
    const { rows } = await sql<{ failures: number; failing_since: string }>`
      update embedkeep.webhook_endpoints
      set failures = failures + 1,
        failing_since = coalesce(failing_since, ${now.toISOString()}::timestamptz)
      where id = ${claimed.endpointId} returning failures, failing_since`.execute(trx);
    const written = await trx
      .updateTable('webhook_deliveries')
      .set({
        ...columns(receipt),
        token: null,
        leased_until: null,
        ...(nextAt ? { next_at: nextAt.toISOString() } : { state: 'failed' }),
      })
      .where('id', '=', claimed.id)
      .where('token', '=', claimed.token)
      .where('state', '=', 'waiting')
      .executeTakeFirst();
    const [health] = rows;
    // Removed meanwhile, or taken by another: nothing to conclude.
    if (!health || written.numUpdatedRows === 0n) return null;
    const pause = pauseUntil(health.failures);
    await sql`update embedkeep.webhook_endpoints
      set not_before = greatest(not_before, ${pause?.toISOString() ?? null}::timestamptz)
      where id = ${claimed.endpointId}`.execute(trx);
    const failingMs = now.getTime() - Date.parse(health.failing_since);
    if (isGone) return await disable(trx, { claimed, why: 'it answered 410 Gone', world });
    if (failingMs < DISABLE_AFTER_MS) return null;
    const why = `nothing has arrived since ${health.failing_since}`;
    return await disable(trx, { claimed, why, world });
  });
}

/** With its event; what waits goes on when somebody enables it again. */
async function disable(
  trx: Trx,
  { claimed, why, world }: { claimed: ClaimedDelivery; why: string; world: StoreWorld },
): Promise<string | null> {
  const facts = factsOf(await rowOf(trx, claimed.endpointId, 'to change it'));
  if (facts.state === 'disabled') return null;
  const disabled = { ...facts, state: 'disabled' as const, disabledReason: why };
  await write(trx, { facts: disabled, after: null, action: 'disabled', world });
  return why;
}
