/** The job dashboard in a real browser, on each of the three places where jobs may live. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ARTICLE_QUEUE, INTAKE_QUEUE } from '../../src/article-job.ts';
import type { QueueBackend } from '../../src/queue/backend.ts';
import { embeddedBackend } from '../../src/queue/embedded.ts';
import { postgresBackend } from '../../src/queue/postgres.ts';
import { redisBackend } from '../../src/queue/redis.ts';
import { describeStores, type TestStore } from '../store/stores.ts';
import { available, describeWith, type Redis, startRedis } from '../support/services.ts';
import { type Browser, openBrowser } from './browser.ts';
import { startApi, type World } from './world.ts';

// Chromium shares the machine with the other suites.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const TOKEN = 'dashboard-token';
const STORY = 'https://news.example/<img src=x onerror=__xss(1)>';
type OnError = (error: Error) => void;

describeWith(['chromium'], 'the dashboard in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  describeStores('the queue where the store is', (current) => {
    suite(current, ({ store, databaseUrl }, onError) =>
      store.pglite
        ? embeddedBackend(store.pglite, onError)
        : postgresBackend(databaseUrl ?? '', onError),
    );
  });

  describe.skipIf(!available('redis'))('the queue on Redis', () => {
    let redis: Redis;
    beforeAll(async () => {
      redis = await startRedis();
    });
    describeStores('beside the store', (current) => {
      suite(current, (_, onError) => Promise.resolve(redisBackend(redis.url, onError)));
    });
    afterAll(() => redis.stop());
  });

  function suite(
    current: () => TestStore,
    open: (where: TestStore, onError: OnError) => Promise<QueueBackend>,
  ): void {
    const errors: Error[] = [];
    let backend: QueueBackend;
    let world: World;
    let closeQueues: () => Promise<unknown>;
    beforeAll(async () => {
      backend = await open(current(), (error) => errors.push(error));
      const queues = [ARTICLE_QUEUE, INTAKE_QUEUE].map((name) => backend.queue(name));
      closeQueues = () => Promise.all(queues.map((queue) => queue.close()));
      const [articles] = queues;
      await articles?.add('capture', { runId: 'r1', url: STORY }, { jobId: 'run-one' });
      world = await startApi(current(), {
        queues,
        config: { HOST: '127.0.0.1', API_TOKENS: [TOKEN], ALLOWED_HOSTS: [] },
      });
    });
    afterAll(async () => {
      // Later ones are of the closing itself.
      expect(errors).toEqual([]);
      await world.close();
      await closeQueues();
      await backend.close();
    });

    test('shows both queues to whoever has the token, and asks nobody else', async () => {
      const { page, ...visit } = await browser.visit(`${world.origin}/dashboard`, {
        token: TOKEN,
        waitFor: `text=${ARTICLE_QUEUE}`,
      });
      await page.getByText(INTAKE_QUEUE).first().waitFor();
      expect(visit).toEqual({ status: 200, elsewhere: [], complaints: [], scriptsRun: [] });
      expect(await page.content()).not.toContain('googleapis');
      await page.context().close();
    });

    test('shows a job with its URL as text', async () => {
      const { page, ...visit } = await browser.visit(
        `${world.origin}/dashboard/queue/${ARTICLE_QUEUE}/run-one`,
        { token: TOKEN, waitFor: 'text=capture https://news.example' },
      );
      expect(visit).toMatchObject({ elsewhere: [], scriptsRun: [] });
      expect(visit.complaints.filter((text) => text.includes('Content Security'))).toEqual([]);
      await page.context().close();
    });

    test('pauses and resumes a queue', async () => {
      const headers = { authorization: `Bearer ${TOKEN}` };
      const path = `/dashboard/api/queues/${ARTICLE_QUEUE}`;
      const isPaused = async () => {
        const { json } = await world.call({ path: '/dashboard/api/queues', headers });
        return json.queues.find((q: { name: string }) => q.name === ARTICLE_QUEUE).isPaused;
      };
      expect((await world.call({ method: 'PUT', path: `${path}/pause`, headers })).status).toBe(
        200,
      );
      expect(await isPaused()).toBe(true);
      expect((await world.call({ method: 'PUT', path: `${path}/resume`, headers })).status).toBe(
        200,
      );
      expect(await isPaused()).toBe(false);
    });

    test('is closed without the token', async () => {
      const path = `/dashboard/api/queues/${ARTICLE_QUEUE}/pause`;
      expect((await world.call({ method: 'PUT', path })).status).toBe(401);
    });
  }
});
