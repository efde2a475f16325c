/** Intake says no before disk, queue memory or backlog run out: each for real, on every door; and a caller over its limit. */
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue } from 'bullmq';
import { Redis as Client } from 'ioredis';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { INTAKE_QUEUE } from '../../src/article-job.ts';
import { createProducer } from '../../src/producer.ts';
import { type Embedkeep, startEmbedkeep } from '../support/embedkeep.ts';
import { describeWith } from '../support/services.ts';
import { type Shared, startShared } from '../support/shared.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });
const bin = join(import.meta.dirname, '../../bin/embedkeep.mjs');
const MAX_MEMORY = 32 * 1024 * 1024;
const PATIENCE = { timeout: 60_000, interval: 100 };

describeWith(['redis', 'postgres'], 'intake on Redis + Postgres', () => {
  let shared: Shared;
  let server: Embedkeep;
  beforeAll(async () => {
    const settings = {
      API_TOKENS: 'desk:desk-secret,backfill:backfill-secret',
      INTAKE_RATE: '1000',
      MAX_BACKLOG: '6',
    };
    shared = await startShared(settings, ['--maxmemory', String(MAX_MEMORY)]);
    server = await startEmbedkeep(shared.settings);
  });
  afterAll(async () => {
    server.child.kill('SIGKILL');
    await shared.stop();
  });

  const post = (urls: readonly string[], token = 'desk-secret') =>
    fetch(`${server.address}/v1/articles`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(urls),
    });
  const get = async (path: string) =>
    (
      await fetch(server.address + path, { headers: { authorization: 'Bearer desk-secret' } })
    ).json() as Promise<{ state: string; caller: string }>;
  let page = 0;
  const newUrl = () => `${shared.site.origin}/pressed-${++page}`;

  test('a full Redis stops intake at every door before it is full, and lets the queue drain', async () => {
    const client = new Client(shared.redis.url);
    for (let n = 0; (await usedMemory(client)) < 0.85 * MAX_MEMORY; n += 1) {
      await client.set(`filler-${n}`, Buffer.alloc(100_000));
    }
    await expect.poll(async () => (await post([newUrl()])).status, PATIENCE).toBe(503);
    const refused = await post([newUrl()]);
    expect(refused.headers.get('retry-after')).toBe('30');
    expect(await refused.json()).toMatchObject({
      code: 'INTAKE_PAUSED',
      detail: expect.stringContaining('maxmemory'),
    });
    expect((await fetch(`${server.address}/readyz`)).status).toBe(503);
    const producer = createProducer({ server: server.address, token: 'desk-secret' });
    await expect(producer.enqueue([newUrl()])).rejects.toMatchObject({
      code: 'INTAKE_PAUSED',
      detail: { retryAfterSeconds: 30 },
    });
    // What is queued already is worked on, and a raw job waits: it is the only record of its order.
    const raw = new Queue(INTAKE_QUEUE, { connection: { url: shared.redis.url } });
    const job = await raw.add('order', { v: 1, url: newUrl(), caller: 'raw' });
    await expect.poll(() => job.getState(), PATIENCE).toBe('delayed');

    await client.flushall();
    client.disconnect();
    await expect.poll(async () => (await post([newUrl()])).status, PATIENCE).toBe(202);
    await raw.close();
  });

  test('a backlog at its limit stops intake until it is worked off', async () => {
    shared.site.delayMs = 4000;
    expect((await post(Array.from({ length: 8 }, newUrl))).status).toBe(202);
    await expect.poll(async () => (await post([newUrl()])).status, PATIENCE).toBe(503);
    expect(await (await post([newUrl()])).json()).toMatchObject({
      detail: expect.stringContaining('MAX_BACKLOG'),
    });
    shared.site.delayMs = 0;
    await expect.poll(async () => (await post([newUrl()])).status, PATIENCE).toBe(202);
  });

  test('a caller over its limit waits; another, by its own token, does not', async () => {
    const first = await post([newUrl()], 'backfill-secret');
    expect(first.headers.get('ratelimit-limit')).toBe('1000');
    expect(first.headers.get('ratelimit-remaining')).toBe('999');
    expect(Number(first.headers.get('ratelimit-reset'))).toBeGreaterThan(0);
    const { items } = (await first.json()) as { items: { runId: string }[] };
    expect((await get(`/v1/runs/${items[0]?.runId}`)).caller).toBe('backfill');

    // Bad URLs count too: they are read and answered like any other, and fill no backlog.
    const many = Array.from({ length: 1000 }, (_, n) => `nonsense ${n}`);
    expect((await post(many.slice(0, 900), 'backfill-secret')).status).toBe(422);
    const over = await post(many, 'backfill-secret');
    expect(over.status).toBe(429);
    expect(Number(over.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await over.json()).toMatchObject({ code: 'RATE_LIMITED_INTAKE' });
    expect((await post(many.slice(0, 500))).status).toBe(422);
  });

  test('less free disk than the floor: nothing is taken, and the command ends with 69', () => {
    const { status, stderr } = spawnSync(process.execPath, [bin, 'add', newUrl(), '--json'], {
      cwd: tmpdir(),
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], ...shared.settings, MIN_FREE_MB: '999999999' },
    });
    expect(JSON.parse(stderr.trim().split('\n').at(-1) ?? '')).toMatchObject({
      error: {
        code: 'INTAKE_PAUSED',
        message: expect.stringContaining('MB are free on the disk'),
        retryAfterSeconds: 30,
      },
    });
    expect(status).toBe(69);
  });
});

async function usedMemory(client: Client): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]);
}
