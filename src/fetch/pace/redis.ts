/**
 * The pace of hosts on Redis: each call is one script, so all worker processes share it atomically, on the server's
 * clock (redis-scripts.ts).
 */
import { Redis } from 'ioredis';
import type { HostState, Turn, WaitReason } from './host-state.ts';
import type { PaceStore } from './pace-store.ts';
import { GIVE, LEARN, PEEK, TAKE } from './redis-scripts.ts';

export interface RedisPaceOptions {
  readonly url: string;
  readonly prefix?: string;
  /** Instead of the server's clock, for tests. */
  readonly clock?: () => number;
  readonly onError?: (error: Error) => void;
}

export interface RedisPace extends PaceStore {
  close(): Promise<void>;
}

interface Scripts {
  paceTake(key: string, ...args: (string | number)[]): Promise<[number, string, string]>;
  paceGive(key: string, ...args: (string | number)[]): Promise<number>;
  paceLearn(key: string, ...args: (string | number)[]): Promise<number>;
  pacePeek(key: string, clock: string | number): Promise<[string, string[]]>;
}

const RECONNECT_MAX_MS = 5000;

export function redisPace(options: RedisPaceOptions): RedisPace {
  const { prefix = 'embedkeep:', clock, onError = () => undefined } = options;
  const redis = new Redis(options.url, {
    maxRetriesPerRequest: null,
    retryStrategy: (tries) => Math.min(100 * 2 ** tries, RECONNECT_MAX_MS),
    scripts: {
      paceTake: { lua: TAKE, numberOfKeys: 1 },
      paceGive: { lua: GIVE, numberOfKeys: 1 },
      paceLearn: { lua: LEARN, numberOfKeys: 1 },
      pacePeek: { lua: PEEK, numberOfKeys: 1 },
    },
  });
  redis.on('error', onError);
  const scripts = redis as unknown as Scripts;
  const host = (key: string): string => `${prefix}pace:${key}`;
  const note = (key: string): string => `${prefix}note:${key}`;
  const now = (): string | number => clock?.() ?? '';

  return {
    take: async (key, order) => {
      const { slotId, intervalMs, concurrency, leaseMs, rank } = order;
      const [granted, waitMs, why] = await scripts.paceTake(
        host(key),
        ...[now(), slotId, intervalMs, concurrency, leaseMs, rank],
      );
      if (granted === 1) return { granted: true };
      return { granted: false, waitMs: Number(waitMs), why: why as WaitReason } satisfies Turn;
    },
    give: async (key, order) => {
      const { slotId, intervalMs, outcome, retryAfterMs, answeredAgoMs, heldMs } = order;
      await scripts.paceGive(
        host(key),
        ...[now(), slotId, intervalMs, outcome, retryAfterMs ?? '', answeredAgoMs, heldMs],
      );
    },
    learnCrawlDelay: async (key, crawlDelayMs) => {
      await scripts.paceLearn(host(key), now(), Math.round(crawlDelayMs));
    },
    peek: async (key) => {
      const [at, fields] = await scripts.pacePeek(host(key), now());
      return { state: toState(fields), now: Number(at) };
    },
    readNote: (key) => redis.get(note(key)),
    writeNote: async (key, text, ttlMs) => {
      await redis.set(note(key), text, 'PX', Math.max(1, Math.round(ttlMs)));
    },
    close: async () => {
      await redis.quit().catch(() => redis.disconnect());
    },
  };
}

function toState(fields: readonly string[]): HostState {
  const values = new Map<string, string>();
  const slots: Record<string, number> = {};
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const [name = '', value = ''] = [fields[i], fields[i + 1]];
    if (name.startsWith('slot:')) slots[name.slice('slot:'.length)] = Number(value);
    else values.set(name, value);
  }
  const number = (name: string, absent = 0): number => Number(values.get(name) ?? absent);
  return {
    nextAt: number('nextAt'),
    slots,
    crawlDelayMs: number('crawlDelayMs'),
    slowdownMs: number('slowdownMs'),
    blockedUntil: number('blockedUntil'),
    blockedBy: (values.get('blockedBy') ?? '') as HostState['blockedBy'],
    failures: number('failures'),
    hintAt: number('hintAt'),
    promisedAt: number('promisedAt', -1),
    promisedFor: number('promisedFor'),
    turnMs: number('turnMs'),
    writtenAt: number('writtenAt'),
    heldFor: number('heldFor'),
    heldUntil: number('heldUntil'),
    heldHintAt: number('heldHintAt'),
    rowFor: number('rowFor'),
    passed: number('passed'),
    agedUntil: number('agedUntil'),
  };
}
