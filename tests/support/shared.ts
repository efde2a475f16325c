/** What several processes share, for tests: Redis that keeps what it acknowledged, an empty Postgres, a news site, a folder. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Settings } from './embedkeep.ts';
import { type Postgres, type Redis, startPostgres, startRedis } from './services.ts';
import { type Site, startSite } from './site.ts';

export interface Shared {
  readonly redis: Redis;
  readonly postgres: Postgres;
  readonly site: Site;
  /** Of every process that works with them. */
  readonly settings: Settings;
  stop(): Promise<void>;
}

/** `flags` are Redis's. */
export async function startShared(
  more: Settings = {},
  flags: readonly string[] = [],
): Promise<Shared> {
  const [redis, postgres, site, dir] = await Promise.all([
    startRedis({ appendonly: true, flags }),
    startPostgres(),
    startSite(),
    mkdtemp(join(tmpdir(), 'embedkeep-shared-')),
  ]);
  const settings = {
    DATA_DIR: dir,
    REDIS_URL: redis.url,
    DATABASE_URL: await postgres.createDatabase(),
    ALLOW_PRIVATE_HOSTS: site.host,
    ...more,
  };
  return {
    redis,
    postgres,
    site,
    settings,
    async stop() {
      redis.thaw();
      postgres.thaw();
      await Promise.all([redis.stop(), postgres.stop(), site.close()]);
      await rm(dir, { recursive: true, force: true });
    },
  };
}
