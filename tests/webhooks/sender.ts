/** A pump over a test's store and clock, and a real poster: everything but the process. */
import { vi } from 'vitest';
import { createPoster } from '../../src/fetch/post.ts';
import { createWebhookBook, createWebhookOutbox } from '../../src/store/index.ts';
import type { WebhookBook, WebhookOutbox } from '../../src/webhook.ts';
import { createPump, type DeliveryOutcome } from '../../src/webhooks/pump.ts';
import type { TestStore } from '../store/stores.ts';

export interface Sender {
  readonly book: WebhookBook;
  readonly outbox: WebhookOutbox;
  readonly outcomes: DeliveryOutcome[];
  /** Nothing is due, and nothing is on its way. */
  idle(): Promise<boolean>;
  stop(): Promise<void>;
}

export const LEASE_MS = 60_000;

export function startSender(
  { store, now }: Pick<TestStore, 'store' | 'now'>,
  allow: string,
  over: Partial<Parameters<typeof createPoster>[0]> = {},
): Sender {
  const poster = createPoster({
    userAgent: 'test',
    allowPrivate: allow === '' ? [] : [allow],
    // Long: the embedded database works in this thread, and the machine may be busy.
    timeoutMs: 20_000,
    ...over,
  });
  const outbox = createWebhookOutbox(store.world, { leaseMs: LEASE_MS });
  const outcomes: DeliveryOutcome[] = [];
  const quiet = () => {};
  const pump = createPump({
    outbox,
    everyMs: 25,
    send: poster.post,
    baseMs: 5000,
    random: () => 0.5,
    now,
    log: { info: quiet, warn: quiet },
    onOutcome: (outcome) => outcomes.push(outcome),
  });
  pump.start();
  return {
    book: createWebhookBook(store.world),
    outbox,
    outcomes,
    async idle() {
      if ((await outbox.busy()).length > 0) return false;
      const taken = await store.db
        .selectFrom('webhook_deliveries')
        .select('id')
        .where('token', 'is not', null)
        .limit(1)
        .execute();
      return taken.length === 0;
    },
    async stop() {
      await pump.stop(5000);
      await poster.close();
    },
  };
}

/** By condition, never by sleeping; the machine may be slow. */
export const until = (holds: () => unknown): Promise<void> =>
  vi.waitFor(
    async () => {
      if (!(await holds())) throw new Error(`not yet: ${holds}`);
    },
    { timeout: 150_000, interval: 50 },
  );
