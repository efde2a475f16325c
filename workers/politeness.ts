/** How this process asks hosts, from Config: the client, and the pace it shares with the other processes. */
import { createFetcher } from '../src/fetch/fetcher.ts';
import { openPace } from '../src/fetch/pace/index.ts';
import { createPoliteness, type Politeness } from '../src/fetch/politeness.ts';
import type { World } from './world.ts';

/** A slot whose process was killed is free again soon after no fetch of it could still run. */
const LEASE_SLACK_MS = 10_000;

export function openPoliteness({ config, log, store }: Pick<World, 'config' | 'log' | 'store'>): {
  politeness: Politeness;
  close(): Promise<unknown>;
} {
  const fetcher = createFetcher({
    userAgent: config.USER_AGENT,
    allowPrivate: config.ALLOW_PRIVATE_HOSTS,
    timeoutMs: config.FETCH_TIMEOUT_MS,
    maxBodyBytes: config.MAX_BODY_BYTES,
    proxy: config.FETCH_PROXY,
  });
  const pace = openPace({
    redisUrl: config.REDIS_URL,
    db: store.db,
    onError: (err) => log.warn({ err }, 'pace connection'),
  });
  const politeness = createPoliteness({
    store: pace,
    fetcher,
    userAgent: config.USER_AGENT,
    intervalMs: config.HOST_INTERVAL_MS,
    concurrency: config.HOST_CONCURRENCY,
    ignoreRobotsHosts: config.IGNORE_ROBOTS_HOSTS,
    leaseMs: config.FETCH_TIMEOUT_MS + LEASE_SLACK_MS,
  });
  return { politeness, close: () => Promise.all([fetcher.close(), pace.close()]) };
}
