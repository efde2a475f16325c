/** Webhooks wired: how endpoints are asked, the pump that sends, and what the API may do. */
import type { Config } from '../src/config.ts';
import { EmbedkeepError } from '../src/errors.ts';
import { createPoster, type Poster } from '../src/fetch/post.ts';
import { createWebhookBook, createWebhookOutbox, type Store } from '../src/store/index.ts';
import type { WebhookDesk, WebhookOutbox } from '../src/webhook.ts';
import { signed, testMessage } from '../src/webhooks/message.ts';
import { attempt, createPump, type Send } from '../src/webhooks/pump.ts';
import { now, type World } from './world.ts';

/** What a sender touches the world with; the crash tests die in it. */
export interface WebhookHands {
  readonly outbox: WebhookOutbox;
  readonly send: Send;
}

type Settings = Pick<
  Config,
  'ALLOW_PRIVATE_HOSTS' | 'FETCH_PROXY' | 'USER_AGENT' | 'WEBHOOK_TIMEOUT_MS'
>;

const posterOf = (config: Settings): Poster =>
  createPoster({
    userAgent: config.USER_AGENT,
    allowPrivate: config.ALLOW_PRIVATE_HOSTS,
    timeoutMs: config.WEBHOOK_TIMEOUT_MS,
    proxy: config.FETCH_PROXY,
  });

/** Longer than any attempt with what is written before and after it. */
const leaseOf = ({ WEBHOOK_TIMEOUT_MS: ms }: Settings): number => 2 * ms;

export async function startWebhooks(
  {
    config,
    log,
    store,
    metrics,
    lock,
  }: Pick<World, 'config' | 'log' | 'store' | 'metrics' | 'lock'>,
  around: (hands: WebhookHands) => WebhookHands = (hands) => hands,
): Promise<{ stop(graceMs: number): Promise<void> }> {
  const poster = posterOf(config);
  const hands = around({
    outbox: createWebhookOutbox(store.world, { leaseMs: leaseOf(config) }),
    send: poster.post,
  });
  // Whoever holds the data directory is alone: what was taken is a dead process's.
  const deliveries = lock ? await hands.outbox.takeBack() : 0;
  if (deliveries > 0) log.warn({ deliveries }, 'webhooks of a dead process put back');
  const pump = createPump({
    ...hands,
    baseMs: config.WEBHOOK_RETRY_BASE_MS,
    random: Math.random,
    now,
    log,
    onOutcome: metrics.webhook,
  });
  pump.start();
  return {
    async stop(graceMs) {
      await pump.stop(graceMs);
      await poster.close();
    },
  };
}

export function webhookDesk({
  config,
  store,
}: {
  readonly config: Settings;
  readonly store: Pick<Store, 'world'>;
}): WebhookDesk {
  const { target, ...book } = createWebhookBook(store.world);
  const poster = posterOf(config);
  const check = (url: string): void => {
    const { username, password } = new URL(url);
    if (username !== '' || password !== '') {
      const said =
        'Credentials in the address would be shown in lists; the signature proves who sends.';
      throw new EmbedkeepError('URL_INVALID', said);
    }
    poster.check(url);
  };
  return {
    ...book,
    async add(order) {
      check(order.url);
      return await book.add(order);
    },
    async change(id, change) {
      if (change.url !== undefined) check(change.url);
      return await book.change(id, change);
    },
    async test(id) {
      const { url, secrets } = await target(id);
      const message = signed(`msg_test_${crypto.randomUUID()}`, testMessage(now()), {
        secrets,
        now: now(),
      });
      return (await attempt(url, message, poster.post)).receipt;
    },
  };
}
