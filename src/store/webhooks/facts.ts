/** What is done to endpoints, as functions of facts alone: the live path and the journal's replay both end here. */
import { sql } from 'kysely';
import type { Deed } from '../journal-entry.ts';
import type { Trx } from '../tables.ts';
import { toJson } from '../well-formed.ts';

type DeedOf<Op extends Deed['op']> = Extract<Deed, { op: Op }>;

export async function putEndpoint(
  trx: Trx,
  { endpoint, after }: Pick<DeedOf<'webhook'>, 'endpoint' | 'after'>,
): Promise<void> {
  const { id, createdAt, disabledReason, secrets, types, ...plain } = endpoint;
  const values = {
    ...plain,
    types: [...types],
    disabled_reason: disabledReason,
    secrets: sql<never>`${toJson(secrets)}::text::json`,
  };
  // A new start: what was wrong before is no longer counted.
  const health = { failures: 0, failing_since: null, not_before: null };
  await trx
    .insertInto('webhook_endpoints')
    .values({ id, created_at: createdAt, ...values, cursor: after ?? 0 })
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet({
        ...values,
        ...health,
        ...(after !== null && { cursor: after }),
      }),
    )
    .execute();
}

export async function dropEndpoint(trx: Trx, { id }: Pick<DeedOf<'unhook'>, 'id'>): Promise<void> {
  await trx.deleteFrom('webhook_endpoints').where('id', '=', id).execute();
}

/** Of a store made anew: what was settled is not told again. */
export async function goOnAfter(
  trx: Trx,
  { id, upTo }: Pick<DeedOf<'notified'>, 'id' | 'upTo'>,
): Promise<void> {
  await sql`
    update embedkeep.webhook_endpoints
    set cursor = greatest(cursor, ${upTo}), marked = greatest(marked, ${upTo})
    where id = ${id}`.execute(trx);
  await trx
    .deleteFrom('webhook_deliveries')
    .where('endpoint_id', '=', id)
    .where('event', '<=', upTo)
    .where('state', '=', 'waiting')
    .execute();
}
