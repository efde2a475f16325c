/** Where the gauges of /metrics come from. */
import type { Queue } from 'bullmq';
import { sql } from 'kysely';
import type { Sources } from '../src/metrics.ts';
import { held } from '../src/store/held.ts';
import { createWebhookOutbox, type Store } from '../src/store/index.ts';

export function sourcesOf(
  { reader, db, world }: Pick<Store, 'reader' | 'db' | 'world'>,
  queues: Readonly<Record<string, Queue>>,
): Sources {
  const webhooks = createWebhookOutbox(world, { leaseMs: 0 });
  return {
    undelivered: () => webhooks.oldest(),
    depths: async () => {
      const entries = Object.values(queues).map(async (queue) => [
        queue.name,
        await queue.getJobCounts(),
      ]);
      return Object.fromEntries(await Promise.all(entries));
    },
    runs: held(() => reader.counts()),
    oldest: async () => {
      const { rows } = await sql<{ at: string | null }>`
        select min(accepted_at) as at from embedkeep.runs
        where state in ('accepted', 'running', 'waiting')`.execute(db);
      return rows[0]?.at ? new Date(rows[0].at) : null;
    },
  };
}
