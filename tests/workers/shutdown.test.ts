/** A queue or a store that is down, or answers no more, holds no shutdown for ever; nothing that was accepted is lost by it. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Embedkeep, startEmbedkeep } from '../support/embedkeep.ts';
import { describeWith } from '../support/services.ts';
import { type Shared, startShared } from '../support/shared.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 120_000 });
const PATIENCE = { timeout: 60_000, interval: 100 };
const GRACE_MS = 500;
/** The grace, what closing may take, and a slow machine. */
const BOUND_MS = 60_000;

describeWith(['redis', 'postgres'], 'stopping while something is down', () => {
  let shared: Shared;
  beforeAll(async () => {
    shared = await startShared({
      SHUTDOWN_GRACE_MS: String(GRACE_MS),
      QUEUE_LOCK_MS: '3000',
      QUEUE_STALLED_MS: '1000',
      RECONCILE_MS: '1000',
      FETCH_TIMEOUT_MS: '10000',
      PARSE_TIMEOUT_MS: '10000',
    });
  });
  afterAll(() => shared.stop());

  /** In the middle of a fetch. */
  async function busy(path: string): Promise<Embedkeep> {
    shared.site.delayMs = 700;
    const server = await startEmbedkeep(shared.settings);
    await server.enqueue([`${shared.site.origin}/${path}`]);
    await expect.poll(() => shared.site.asked.includes(`/${path}`), PATIENCE).toBe(true);
    return server;
  }
  async function stopped(server: Embedkeep): Promise<number> {
    const began = performance.now();
    // 0: nothing had to be torn down by the limit of the whole.
    expect(await server.end('SIGTERM')).toEqual({ code: 0, signal: null });
    return performance.now() - began;
  }

  const FAULTS: [string, () => void | Promise<void>][] = [
    ['redis-down', () => shared.redis.kill()],
    ['postgres-silent', () => shared.postgres.freeze()],
    ['redis-silent', () => shared.redis.freeze()],
    ['postgres-down', () => shared.postgres.kill()],
  ];
  // Two of them in the short form: each waits for what does not answer.
  const faults = process.env['SHUTDOWN_ALL'] ? FAULTS : FAULTS.slice(0, 2);
  test.each(faults)('%s', async (name, fault) => {
    const server = await busy(name);
    await fault();
    expect(await stopped(server)).toBeLessThan(BOUND_MS);
    shared.redis.thaw();
    shared.postgres.thaw();
    if (name === 'redis-down') await shared.redis.restart();
    if (name === 'postgres-down') await shared.postgres.restart();
  });

  test('and what was accepted is done by the next process', async () => {
    shared.site.delayMs = 0;
    const server = await startEmbedkeep(shared.settings);
    await expect.poll(async () => (await server.counts())['done'], PATIENCE).toBe(faults.length);
    await server.end('SIGTERM');
  });
});
