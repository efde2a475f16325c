/** A queue or a store that is down, or answers no more, holds no shutdown for ever; nothing that was accepted is lost by it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Embedkeep, startEmbedkeep } from '../support/embedkeep.ts';
import {
  describeWith,
  type Postgres,
  type Redis,
  startPostgres,
  startRedis,
} from '../support/services.ts';
import { type Site, startSite } from '../support/site.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });
const PATIENCE = { timeout: 60_000, interval: 100 };
const GRACE_MS = 500;
/** The grace, what closing may take, and a slow machine. */
const BOUND_MS = 60_000;

describeWith(['redis', 'postgres'], 'stopping while something is down', () => {
  let redis: Redis;
  let postgres: Postgres;
  let site: Site;
  let dir: string;
  let settings: Record<string, string>;
  beforeAll(async () => {
    [redis, postgres, site, dir] = await Promise.all([
      startRedis({ appendonly: true }),
      startPostgres(),
      startSite(),
      mkdtemp(join(tmpdir(), 'embedkeep-shutdown-')),
    ]);
    settings = {
      DATA_DIR: dir,
      REDIS_URL: redis.url,
      DATABASE_URL: await postgres.createDatabase(),
      ALLOW_PRIVATE_HOSTS: site.host,
      SHUTDOWN_GRACE_MS: String(GRACE_MS),
      QUEUE_LOCK_MS: '3000',
      QUEUE_STALLED_MS: '1000',
      RECONCILE_MS: '1000',
      FETCH_TIMEOUT_MS: '10000',
      PARSE_TIMEOUT_MS: '10000',
    };
  });
  afterAll(async () => {
    redis.thaw();
    postgres.thaw();
    await Promise.all([redis.stop(), postgres.stop(), site.close()]);
    await rm(dir, { recursive: true, force: true });
  });

  /** In the middle of a fetch. */
  async function busy(path: string): Promise<Embedkeep> {
    site.delayMs = 700;
    const server = await startEmbedkeep(settings);
    await server.enqueue([`${site.origin}/${path}`]);
    await expect.poll(() => site.asked.includes(`/${path}`), PATIENCE).toBe(true);
    return server;
  }
  async function stopped(server: Embedkeep): Promise<number> {
    const began = performance.now();
    const { code, signal } = await server.end('SIGTERM');
    expect([signal, typeof code]).toEqual([null, 'number']);
    return performance.now() - began;
  }

  const FAULTS: [string, () => void | Promise<void>][] = [
    ['redis-down', () => redis.kill()],
    ['postgres-silent', () => postgres.freeze()],
    ['redis-silent', () => redis.freeze()],
    ['postgres-down', () => postgres.kill()],
  ];
  // Two of them in the short form: each waits for what does not answer.
  const faults = process.env['SHUTDOWN_ALL'] ? FAULTS : FAULTS.slice(0, 2);
  test.each(faults)('%s', async (name, fault) => {
    const server = await busy(name);
    await fault();
    expect(await stopped(server)).toBeLessThan(BOUND_MS);
    redis.thaw();
    postgres.thaw();
    if (name === 'redis-down') await redis.restart();
    if (name === 'postgres-down') await postgres.restart();
  });

  test('and what was accepted is done by the next process', async () => {
    site.delayMs = 0;
    const server = await startEmbedkeep(settings);
    await expect.poll(async () => (await server.counts())['done'], PATIENCE).toBe(faults.length);
    await server.end('SIGTERM');
  });
});
