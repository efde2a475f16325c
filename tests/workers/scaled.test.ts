import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Embedkeep, runToEnd, startEmbedkeep } from '../support/embedkeep.ts';
import { describeWith, startRedis } from '../support/services.ts';
import { type Shared, startShared } from '../support/shared.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 120_000 });

async function ask(databaseUrl: string, statement: string): Promise<void> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  await client.query(statement);
  await client.end();
}

describeWith(['redis', 'postgres'], 'an API and two article workers on Redis + Postgres', () => {
  let shared: Shared;
  const processes: Embedkeep[] = [];
  beforeAll(async () => {
    shared = await startShared({
      QUEUE_LOCK_MS: '3000',
      QUEUE_STALLED_MS: '1000',
      FETCH_TIMEOUT_MS: '3000',
      RECONCILE_MS: '2000',
    });
  });
  afterAll(async () => {
    for (const { child } of processes.splice(0)) child.kill('SIGKILL');
    await shared.stop();
  });
  const start = async (script: string): Promise<Embedkeep> => {
    const started = await startEmbedkeep(shared.settings, script);
    processes.push(started);
    return started;
  };

  test('share the work; one killed, the other does the rest; then readiness names what is gone', async () => {
    const [api, one, two] = await Promise.all([
      start('workers/api.ts'),
      start('workers/article.ts'),
      start('workers/article.ts'),
    ]);
    for (const part of [api, one, two]) {
      expect(await part.get('/healthz')).toMatchObject({ status: 'ok' });
      expect(await part.get('/readyz')).toEqual({ status: 'ready', problems: [] });
    }
    const { site, redis } = shared;
    site.delayMs = 50;
    await api.enqueue(site.urls(60));
    const doneBy = (part: Embedkeep) => part.lines.filter((line) => line['msg'] === 'done').length;
    await expect
      .poll(() => Math.min(doneBy(one), doneBy(two)), { timeout: 60_000 })
      .toBeGreaterThan(2);
    await one.end('SIGKILL');
    await expect.poll(async () => (await api.counts())['done'], { timeout: 90_000 }).toBe(60);
    expect(new Set(site.asked).size).toBe(60);

    await redis.kill();
    const notReady = await fetch(`${two.address}/readyz`);
    expect(notReady.status).toBe(503);
    expect(JSON.stringify(await notReady.json())).toContain('the queue');
    expect((await fetch(`${two.address}/healthz`)).status).toBe(200);
    // Accepted all the same: the row is committed, the job follows when the queue is back.
    site.delayMs = 0;
    const [late] = await api.enqueue([`${site.origin}/while-redis-was-down`]);
    expect(late?.status).toBe('accepted');
    await redis.restart();
    await expect
      .poll(async () => (await api.runs([late?.runId ?? '']))[0]?.state, { timeout: 90_000 })
      .toBe('done');
    expect((await two.end('SIGTERM')).code).toBe(0);
    expect((await api.end('SIGTERM')).code).toBe(0);
  });

  test('a process leaves the work to newer ones once the store is of a newer version', async () => {
    const migration = (statement: string) => ask(shared.settings['DATABASE_URL'] ?? '', statement);
    const older = await start('workers/serve.ts');
    await migration(`insert into embedkeep.schema_migrations values ('9999-newer', now())`);
    const problems = async () => JSON.stringify(await older.get('/readyz'));
    await expect.poll(problems, { timeout: 60_000 }).toMatch(/not ready.*a newer embedkeep/);
    const [left] = await older.enqueue([`${shared.site.origin}/left-to-the-newer`]);
    const refused = await runToEnd('workers/article.ts', shared.settings);
    expect([refused.code, refused.stderr]).toEqual([78, expect.stringMatching(/^SCHEMA_NEWER/)]);
    const stateOf = async () => (await older.runs([left?.runId ?? '']))[0]?.state;
    expect(await stateOf()).toBe('accepted');
    await migration(`delete from embedkeep.schema_migrations where name = '9999-newer'`);
    const newer = await start('workers/article.ts');
    await expect.poll(stateOf, { timeout: 90_000 }).toBe('done');
    for (const part of [older, newer]) expect((await part.end('SIGTERM')).code).toBe(0);
  });

  test('a Redis that may evict jobs is refused with the line to change, unless told otherwise', async () => {
    const unsafe = await startRedis({ flags: ['--maxmemory-policy', 'allkeys-lru'] });
    const { code, stderr } = await runToEnd('workers/article.ts', {
      ...shared.settings,
      REDIS_URL: unsafe.url,
    });
    expect(code).toBe(78);
    expect(stderr).toContain('maxmemory-policy noeviction');
    const told = await startEmbedkeep(
      { ...shared.settings, REDIS_URL: unsafe.url, ALLOW_UNSAFE_REDIS: 'true' },
      'workers/article.ts',
    );
    expect(JSON.stringify(told.lines)).toContain('ALLOW_UNSAFE_REDIS is set');
    await told.end('SIGTERM');
    await unsafe.stop();
  });
});
