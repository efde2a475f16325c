/** Answers given under an `Idempotency-Key`, held for a day. The first answer stays. */
import { sql } from 'kysely';
import type { IdempotencyKeys } from '../ledger.ts';
import type { Db } from './tables.ts';

const HELD_MS = 24 * 3_600_000;

export function createIdempotencyKeys(db: Db, now: () => Date): IdempotencyKeys {
  const oldest = () => new Date(now().getTime() - HELD_MS).toISOString();
  return {
    get: async (key) => {
      const row = await db
        .selectFrom('idempotency_keys')
        .select(['request_hash', 'status', 'body'])
        .where('key', '=', key)
        .where('created_at', '>', oldest())
        .executeTakeFirst();
      return row ? { requestHash: row.request_hash, status: row.status, body: row.body } : null;
    },
    put: async (key, { requestHash, status, body }) => {
      await db.deleteFrom('idempotency_keys').where('created_at', '<=', oldest()).execute();
      await sql`
        insert into embedkeep.idempotency_keys (key, request_hash, status, body, created_at)
        values (${key}, ${requestHash}, ${status}, ${body}, ${now().toISOString()}::timestamptz)
        on conflict (key) do nothing`.execute(db);
    },
  };
}
