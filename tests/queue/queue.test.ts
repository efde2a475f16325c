import { Queue } from 'bullmq';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { INTAKE_QUEUE } from '../../src/article-job.ts';
import { checkOrders } from '../../src/article-url.ts';
import { EmbedkeepError } from '../../src/errors.ts';
import { PLAN_QUEUE } from '../../src/plan.ts';
import { jobIdOf } from '../../src/queue/backend.ts';
import { keepScheduler, planHandler } from '../../src/queue/plan-worker.ts';
import {
  describeWith,
  type Postgres,
  type Redis,
  startPostgres,
  startRedis,
} from '../support/services.ts';
import { emptyPage, type Newsroom, openNewsroom, type Where } from './newsroom.ts';

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);
const quiet = () => {};
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
const PATIENCE = { timeout: 20_000, interval: 20 };

function queueSuite(where: () => Promise<Where>): void {
  let room: Newsroom;
  beforeEach(async () => {
    room = await openNewsroom(await where());
    await room.articles.obliterate({ force: true });
    await room.raw.obliterate({ force: true });
  });
  afterEach(() => room.close());

  const enter = async (...urls: string[]): Promise<string[]> => {
    const answers = await room.intake(urls);
    return answers.map((a) => a.runId ?? `refused: ${a.reason?.message}`);
  };
  const stateOf = async (id: string | undefined) => (await room.run(id)).state;
  const until = async (id: string | undefined, state: string) =>
    expect.poll(() => stateOf(id), PATIENCE).toBe(state);

  test('an accepted URL is fetched, stored and done, and its job with it', async () => {
    const [id] = await enter('https://news.example/a');
    room.work({});
    await until(id, 'done');
    expect(await room.run(id)).toMatchObject({ attempts: 1, waits: 0, failure: null });
    await expect
      .poll(() => room.articles.getJobState(jobIdOf(id ?? '')), PATIENCE)
      .toBe('completed');
  });

  test('a raw job becomes a row and is answered; a bad one fails with its reason', async () => {
    room.work({});
    const good = await room.raw.add('order', {
      v: 1,
      url: 'https://news.example/raw',
      tags: ['t'],
    });
    const bad = await room.raw.add('order', { v: 1, url: 'ftp://news.example/' });
    const odd = await room.raw.add('order', { v: 1, address: 'https://news.example/' });
    await expect.poll(() => good.getState(), PATIENCE).toBe('completed');
    await expect.poll(() => bad.getState(), PATIENCE).toBe('failed');
    await expect.poll(() => odd.getState(), PATIENCE).toBe('failed');
    const answer = (await room.raw.getJob(good.id ?? ''))?.returnvalue;
    expect(answer).toMatchObject({ status: 'accepted' });
    await until(answer.runId, 'done');
    expect((await room.run(answer.runId)).tags).toEqual(['t']);
    expect((await room.raw.getJob(bad.id ?? ''))?.failedReason).toMatch(/^URL_INVALID/);
    expect((await room.raw.getJob(odd.id ?? ''))?.failedReason).toMatch(/^PAYLOAD_INVALID.*url/);
  });

  test('what another process has accepted is found without being told', async () => {
    room.feeder.start();
    room.work({});
    const [answer] = await room.store.ledger.accept(
      checkOrders(['https://news.example/elsewhere']),
    );
    await until(answer?.runId ?? undefined, 'done');
    // The first look may have been after it was accepted.
    const [later] = await room.store.ledger.accept(checkOrders(['https://news.example/later']));
    await until(later?.runId ?? undefined, 'done');
  });

  test('a raw job of a later version is left for a worker that knows it', async () => {
    room.work({});
    const job = await room.raw.add('order', { v: 2, url: 'https://news.example/' });
    await expect.poll(() => job.getState(), PATIENCE).toBe('delayed');
  });

  test('a polite wait costs no attempt and holds no slot', async () => {
    let asked = 0;
    const [slow, other] = await enter('https://slow.example/', 'https://other.example/');
    room.work({
      concurrency: 1,
      ask: (url) => {
        if (!url.includes('slow'))
          return Promise.resolve({ kind: 'slot', release: async () => {} });
        asked += 1;
        return Promise.resolve(
          asked > 3
            ? { kind: 'slot', release: async () => {} }
            : { kind: 'wait', until: new Date(Date.now() + 300), reason: 'its pace' },
        );
      },
    });
    await until(other, 'done');
    expect(await stateOf(slow)).not.toBe('done');
    await until(slow, 'done');
    expect(await room.run(slow)).toMatchObject({ attempts: 1, waits: 3 });
  });

  test('a senseless wait neither spins nor parks for ever', async () => {
    let asked = 0;
    const [id] = await enter('https://odd.example/');
    room.work({
      ask: () => {
        asked += 1;
        return Promise.resolve({
          kind: 'wait',
          until: new Date(Date.now() - 5000),
          reason: 'past',
        });
      },
    });
    await expect.poll(() => asked, PATIENCE).toBeGreaterThan(0);
    const [first, since] = [asked, performance.now()];
    await expect.poll(() => asked - first, PATIENCE).toBeGreaterThan(20);
    // At least 20 ms lie between two; what a slow machine adds makes them fewer.
    expect(asked - first).toBeLessThan(5 + (performance.now() - since) / 18);
    await expect.poll(async () => (await room.run(id)).attempts, PATIENCE).toBe(0);
  });

  test('a failure that may pass is tried again, and over after its tries', async () => {
    const tries: number[] = [];
    const [id] = await enter('https://down.example/');
    room.work({
      maxAttempts: 3,
      fetch: (run) => {
        tries.push(run.attempts);
        return Promise.reject(new EmbedkeepError('CONNECT_FAIL'));
      },
    });
    await until(id, 'failed');
    expect(tries).toEqual([1, 2, 3]);
    expect(await room.run(id)).toMatchObject({ attempts: 3, failure: { code: 'CONNECT_FAIL' } });
  });

  test('what waits for its next try is no job; it comes back in its time, and once', async () => {
    const ids = await enter(...Array.from({ length: 25 }, (_, i) => `https://dead.example/${i}`));
    const tries: string[] = [];
    let isUp = false;
    room.work({
      retryBaseMs: 600_000,
      fetch: (run) => {
        tries.push(run.id);
        return isUp ? emptyPage(run) : Promise.reject(new EmbedkeepError('CONNECT_FAIL'));
      },
    });
    const jobs = () => room.articles.getJobCounts().then((counts) => sum(Object.values(counts)));
    for (const id of ids) await until(id, 'waiting');
    await expect.poll(jobs, PATIENCE).toBe(0);
    await room.feeder.feed();
    expect([await jobs(), await room.reconciler.sweep()]).toEqual([0, 0]);
    isUp = true;
    await sql`update embedkeep.runs set wake_at = now() where wake_at is not null`.execute(
      room.store.db,
    );
    // As it may be where a worker died between the ledger's word and the queue's: what is left swallows no new job.
    const leftover = jobIdOf(ids[0] ?? '');
    await room.articles.add('capture', { runId: 'none' }, { jobId: leftover });
    await expect.poll(() => room.articles.getJobState(leftover), PATIENCE).toBe('failed');
    await room.feeder.feed();
    for (const id of ids) await until(id, 'done');
    expect(tries.toSorted()).toEqual([...ids, ...ids].toSorted());
  });

  test('a permanent failure is tried once; "retry" on the dashboard makes a new run', async () => {
    let gone = true;
    const [id] = await enter('https://gone.example/');
    room.work({
      fetch: (run) => (gone ? Promise.reject(new EmbedkeepError('GONE')) : emptyPage(run)),
    });
    await until(id, 'failed');
    expect((await room.run(id)).attempts).toBe(1);
    const job = await room.articles.getJob(jobIdOf(id ?? ''));
    await expect.poll(() => job?.getState(), PATIENCE).toBe('failed');
    gone = false;
    await job?.retry();
    await expect.poll(() => job?.getState(), PATIENCE).toBe('completed');
    const { retriedAs } = (await room.articles.getJob(jobIdOf(id ?? '')))?.returnvalue ?? {};
    await until(retriedAs[0], 'done');
    expect(await stateOf(id)).toBe('failed');
  });

  test('a queue that was emptied gets its jobs back from the ledger', async () => {
    const ids = await enter(...Array.from({ length: 30 }, (_, i) => `https://n.example/${i}`));
    await room.articles.obliterate({ force: true });
    room.work({});
    expect(await room.reconciler.sweep()).toBe(30);
    expect(await room.metrics.text()).toContain('embedkeep_reconciler_jobs_restored_total 30\n');
    for (const id of ids) await until(id, 'done');
    expect(await room.reconciler.sweep()).toBe(0);
  });

  test('a job that was "completed" without a row is run again', async () => {
    const [id] = await enter('https://news.example/lost');
    const jobId = jobIdOf(id ?? '');
    const thief = room.backend.worker('embedkeep-article', async () => 'done, says the queue', {
      concurrency: 1,
      pace: { lockMs: 30_000, stalledMs: 5000 },
    });
    void thief.run();
    await expect.poll(() => room.articles.getJobState(jobId), PATIENCE).toBe('completed');
    await thief.close();
    expect(await stateOf(id)).toBe('accepted');
    room.work({});
    expect(await room.reconciler.sweep()).toBe(1);
    await until(id, 'done');
  });

  test('a payload that lost its content fails and never counts as done', async () => {
    room.work({});
    const job = await room.articles.add('capture', {});
    await expect.poll(() => job.getState(), PATIENCE).toBe('failed');
    expect((await room.articles.getJob(job.id ?? ''))?.failedReason).toMatch(/^PAYLOAD_INVALID/);
  });

  test('a worker that lost its run cannot write any more, and the first result counts', async () => {
    const [id] = await enter('https://news.example/zombie');
    let release = (): void => {};
    const blocked = new Promise<void>((resolve) => {
      release = resolve;
    });
    let fetches = 0;
    room.work({
      fetch: async (run) => {
        fetches += 1;
        if (fetches === 1) await blocked;
        return emptyPage(run);
      },
    });
    await expect.poll(() => fetches, PATIENCE).toBe(1);
    // Another worker takes the run over and finishes it while the first still holds its page.
    const claim = await room.store.ledger.claim(id ?? '', new Date());
    expect(claim?.run.attempts).toBe(2);
    if (claim) await room.store.ledger.postpone(claim, new Date(), 'handed back');
    release();
    await until(id, 'done');
    const detail = await room.store.reader.article((await room.run(id)).articleId);
    expect(detail?.captures).toHaveLength(1);
  });

  test('copies of a job leave the run to the one that has it', async () => {
    let release = (): void => {};
    const blocked = new Promise<void>((resolve) => {
      release = resolve;
    });
    const [id] = await enter('https://news.example/copied');
    for (let n = 0; n < 5; n += 1) {
      await room.articles.add('capture', { runId: id }, { jobId: `copy-${n}` });
    }
    room.work({
      concurrency: 6,
      fetch: async (run) => {
        await blocked;
        return emptyPage(run);
      },
    });
    const put = () => room.articles.getJobCounts('active', 'delayed');
    await expect.poll(put, PATIENCE).toEqual({ active: 1, delayed: 5 });
    release();
    await until(id, 'done');
    expect(await room.run(id)).toMatchObject({ attempts: 1 });
  });

  test('a plan is looked at by schedule, also after its scheduler was flushed away', async () => {
    const queue = room.backend.queue(PLAN_QUEUE);
    let ticks = 0;
    const tick = () => {
      ticks += 1;
      return Promise.resolve({ runs: 1, more: ticks === 1 });
    };
    const plans = { tick };
    const handler = planHandler({ plans, feeder: room.feeder, log });
    const choice = { concurrency: 1, pace: { lockMs: 30_000, stalledMs: 5000 } };
    const worker = room.backend.worker(PLAN_QUEUE, handler, choice);
    void worker.run();
    await keepScheduler(queue, 200);
    await keepScheduler(queue, 200);
    expect(await queue.getJobSchedulersCount()).toBe(1);
    await expect.poll(() => ticks, PATIENCE).toBeGreaterThan(3);
    await queue.obliterate({ force: true });
    await queue.removeJobScheduler('plans');
    expect(await queue.getJobSchedulersCount()).toBe(0);
    const before = ticks;
    await keepScheduler(queue, 200);
    await expect.poll(() => ticks, PATIENCE).toBeGreaterThan(before + 1);
    await worker.close();
    await queue.removeJobScheduler('plans');
    await queue.close();
  });

  test('urgent work passes a backlog, which follows as runs end though nobody looks by the clock', async () => {
    const backlog = await room.intake(
      Array.from({ length: 40 }, (_, i) => ({ url: `https://old-${i}.example/`, priority: 100 })),
    );
    const [urgent] = await room.intake([{ url: 'https://now.example/', priority: 1 }]);
    const order: string[] = [];
    room.work({
      concurrency: 1,
      fetch: (run) => {
        order.push(run.url);
        return emptyPage(run);
      },
    });
    await until(urgent?.runId ?? '', 'done');
    expect(order.indexOf('https://now.example/')).toBeLessThan(3);
    for (const { runId } of backlog) await until(runId ?? '', 'done');
  });
}

describe('the queue on the embedded database', () => {
  queueSuite(() => Promise.resolve({}));

  test('a job of a dead process moves at once when its successor says so', async () => {
    const room = await openNewsroom();
    const answers = await room.intake(['https://news.example/active']);
    const id = answers[0]?.runId ?? '';
    const dead = room.backend.worker('embedkeep-article', () => new Promise(() => {}), {
      concurrency: 1,
      pace: { lockMs: 600_000, stalledMs: 600_000 },
    });
    void dead.run();
    await expect.poll(() => room.articles.getJobState(jobIdOf(id)), PATIENCE).toBe('active');
    expect(await room.backend.release('embedkeep-article')).toBe(1);
    room.work({});
    await expect.poll(async () => (await room.run(id)).state, PATIENCE).toBe('done');
    await room.close();
  });
});

describeWith(['postgres'], 'the queue on Postgres', () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());
  queueSuite(async () => ({ databaseUrl: await postgres.createDatabase() }));
});

describeWith(['redis', 'postgres'], 'the queue on Redis', () => {
  let redis: Redis;
  let postgres: Postgres;
  beforeAll(async () => {
    [redis, postgres] = await Promise.all([startRedis({ appendonly: true }), startPostgres()]);
  });
  afterAll(() => Promise.all([redis.stop(), postgres.stop()]));
  queueSuite(async () => ({ redisUrl: redis.url, databaseUrl: await postgres.createDatabase() }));

  test('takes orders from a bare BullMQ producer', async () => {
    const room = await openNewsroom({
      redisUrl: redis.url,
      databaseUrl: await postgres.createDatabase(),
    });
    const bare = new Queue(INTAKE_QUEUE, { connection: { url: redis.url } });
    const job = await bare.add('x', { v: 1, url: 'https://news.example/bare' });
    room.work({});
    await expect.poll(() => job.getState(), PATIENCE).toBe('completed');
    await bare.close();
    await room.close();
  });
});
