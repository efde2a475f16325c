/** Opens the pace of hosts where all worker processes share it: on Redis where that is there, else in the store's database. */
import type { Kysely } from 'kysely';
import type { PaceStore } from './pace-store.ts';
import { redisPace } from './redis.ts';
import { sqlPace } from './sql.ts';

export interface OpenPace extends PaceStore {
  close(): Promise<void>;
}

export interface PacePlace {
  /** REDIS_URL */
  readonly redisUrl?: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: any store handle will do; sql.ts names its tables itself
  readonly db: Kysely<any>;
  readonly onError?: (error: Error) => void;
}

export function openPace({ redisUrl, db, onError }: PacePlace): OpenPace {
  if (redisUrl) return redisPace({ url: redisUrl, ...(onError && { onError }) });
  // The handle is the store's to close.
  return { ...sqlPace(db), close: () => Promise.resolve() };
}
