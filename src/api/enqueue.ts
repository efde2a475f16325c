/** From the ledger onto the queue. What is committed is accepted, whatever the queue says. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import type { ApiParts, Enqueued } from './parts.ts';

/** An answer does not wait longer for a queue that is away; the reconciler puts the runs there later. */
const PATIENCE_MS = 2000;
/** Of a bulk the queue takes a part at most: its answer does not wait for that. */
const BULK = 100;

export async function enqueueAccepted(
  runs: readonly Enqueued[],
  enqueue: ApiParts['enqueue'],
  log: FastifyBaseLogger,
): Promise<void> {
  if (runs.length === 0) return;
  const adding = (async () => enqueue(runs))().catch((err: unknown) => {
    log.warn({ err, runs: runs.length }, 'accepted, but not yet on the queue');
  });
  if (runs.length > BULK) return;
  const patience = new AbortController();
  const late = sleep(PATIENCE_MS, null, { signal: patience.signal }).catch(() => null);
  await Promise.race([adding, late]);
  patience.abort();
}
