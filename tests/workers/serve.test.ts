import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ArticleDetail, Page } from '../../src/reader.ts';
import { type Embedkeep, runToEnd, startEmbedkeep } from '../support/embedkeep.ts';
import { preparePGlite } from '../support/pglite-template.ts';
import { startReceiver } from '../support/receiver.ts';
import { type Site, startSite } from '../support/site.ts';

const PATIENCE = { timeout: 60_000, interval: 100 };

// Each test starts real processes, on a machine that may be busy with other things.
vi.setConfig({ testTimeout: 120_000 });

let dir: string;
let site: Site;
const processes: Embedkeep[] = [];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'embedkeep-serve-'));
  site = await startSite();
  await preparePGlite(dir);
});
afterEach(async () => {
  for (const { child } of processes.splice(0)) child.kill('SIGKILL');
  await site.close();
  await rm(dir, { recursive: true, force: true });
});

async function start(settings: Record<string, string> = {}): Promise<Embedkeep> {
  const started = await startEmbedkeep({
    DATA_DIR: dir,
    ALLOW_PRIVATE_HOSTS: site.host,
    ...settings,
  });
  processes.push(started);
  return started;
}

const allDone = async (server: Embedkeep, total: number) =>
  expect.poll(async () => (await server.counts())['done'], PATIENCE).toBe(total);

/** Name → labels → value, of the Prometheus text. */
async function metricsOf({ address }: Embedkeep): Promise<Map<string, Map<string, number>>> {
  const text = await (await fetch(`${address}/metrics`)).text();
  const metrics = new Map<string, Map<string, number>>();
  for (const line of text.split('\n')) {
    const name = NAMED.exec(line)?.groups?.['name'];
    if (name) metrics.set(name, metrics.get(name) ?? new Map());
    const { series = '', labels = '', value } = SAMPLE.exec(line)?.groups ?? {};
    if (value === undefined) continue;
    metrics.set(series, (metrics.get(series) ?? new Map()).set(labels, Number(value)));
  }
  return metrics;
}
const NAMED = /^# TYPE (?<name>\S+) /;
const SAMPLE = /^(?<series>[a-z0-9_]+)(?:\{(?<labels>[^}]*)\})? (?<value>\S+)$/;
const PROMISED = [
  'embedkeep_queue_jobs',
  'embedkeep_runs',
  'embedkeep_oldest_unfinished_seconds',
  'embedkeep_runs_ended_total',
  'embedkeep_phase_seconds',
  'embedkeep_waits_total',
  'embedkeep_embeds_total',
  'embedkeep_reconciler_runs_seen_total',
  'embedkeep_reconciler_jobs_restored_total',
  'nodejs_eventloop_lag_seconds',
  'nodejs_eventloop_lag_p99_seconds',
];

describe('workers/serve.ts', () => {
  test('kill -9 in the middle and a restart: every URL is done exactly once', async () => {
    site.delayMs = 30;
    const urls = site.urls(40);
    const first = await start();
    await first.enqueue(urls);
    await expect.poll(async () => (await first.counts())['done'], PATIENCE).toBeGreaterThan(4);
    expect((await first.end('SIGKILL')).signal).toBe('SIGKILL');

    const second = await start();
    await allDone(second, urls.length);
    const page = await second.get<Page<{ id: string }>>('/v1/articles?limit=100');
    const details = await Promise.all(
      page.items.map(({ id }) => second.get<ArticleDetail>(`/v1/articles/${id}`)),
    );
    expect(details.map((d) => d.captures.length)).toEqual(urls.map(() => 1));
    expect(details.map((d) => d.runs.length)).toEqual(urls.map(() => 1));
    expect(new Set(details.map((d) => d.article.url))).toEqual(new Set(urls));
    await second.end('SIGTERM');
  });

  test('a page and a webhook that were on their way at a kill -9 are taken up at once, before lock, slot and lease run out', async () => {
    const receiver = await startReceiver();
    receiver.answer('/hook', () => null);
    const settings = {
      HOST_CONCURRENCY: '1',
      WEBHOOK_TIMEOUT_MS: '60000',
      ALLOW_PRIVATE_HOSTS: `${site.host},${receiver.host}`,
    };
    const first = await start(settings);
    const hook = { url: `${receiver.origin}/hook`, types: ['article.done'] };
    await fetch(`${first.address}/v1/webhooks`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(hook),
    });
    const [told = '', held = ''] = site.urls(2);
    await first.enqueue([told]);
    await expect.poll(() => receiver.at('/hook').length, PATIENCE).toBe(1);
    site.delayMs = 300_000;
    const [answer] = await first.enqueue([held]);
    await expect.poll(() => site.asked.length, PATIENCE).toBe(2);
    await first.end('SIGKILL');
    site.delayMs = 0;
    receiver.answer('/hook', () => ({ status: 204 }));
    // Lock and lease last two minutes, the slot three; PATIENCE is one.
    const second = await start(settings);
    await allDone(second, 2);
    expect(await second.runs([answer?.runId ?? null])).toMatchObject([{ attempts: 2 }]);
    await expect.poll(() => receiver.at('/hook').length, PATIENCE).toBe(3);
    expect(new Set(receiver.at('/hook').map(({ id }) => id)).size).toBe(2);
    const said = second.lines.find(({ msg }) => msg === 'webhooks of a dead process put back');
    expect(said).toMatchObject({ deliveries: 1 });
    await second.end('SIGTERM');
    await receiver.close();
  });

  test('SIGTERM hands back what does not end in time, unspent; nothing is lost', async () => {
    site.delayMs = 5000;
    const first = await start({ SHUTDOWN_GRACE_MS: '200' });
    const orders = await first.enqueue(site.urls(3));
    await expect.poll(() => site.asked.length, PATIENCE).toBeGreaterThan(0);
    const began = Date.now();
    expect(await first.end('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(Date.now() - began).toBeLessThan(15_000);

    site.delayMs = 0;
    const second = await start();
    await allDone(second, 3);
    const runs = await second.runs(orders.map((o) => o.runId));
    expect(runs.map((run) => run.attempts)).toEqual([1, 1, 1]);
    await second.end('SIGTERM');
  });

  test('SIGTERM lets what ends in time end', async () => {
    site.delayMs = 500;
    const server = await start();
    await server.enqueue(site.urls(1));
    await expect.poll(() => site.asked.length, PATIENCE).toBe(1);
    expect((await server.end('SIGTERM')).code).toBe(0);
    expect(server.lines.filter((line) => line['msg'] === 'done')).toHaveLength(1);
  });

  test('a second SIGTERM leaves at once', async () => {
    site.delayMs = 20_000;
    const server = await start();
    await server.enqueue(site.urls(1));
    await expect.poll(() => site.asked.length, PATIENCE).toBe(1);
    server.child.kill('SIGTERM');
    await sleep(200);
    expect((await server.end('SIGTERM')).code).toBe(143);
  });

  test('a second process on the same directory is told who has it, and ends with 75', async () => {
    const server = await start();
    const { code, stderr } = await runToEnd('workers/serve.ts', { DATA_DIR: dir });
    expect(code).toBe(75);
    expect(stderr).toContain('DATA_DIR_LOCKED');
    expect(stderr).toContain(`process ${server.child.pid}`);
    expect(stderr).toContain(server.address);
  });

  test('a worker that ends nothing while work is due is not ready, until it does', async () => {
    site.delayMs = 8000;
    const server = await start({ STUCK_MS: '1000' });
    await server.enqueue(site.urls(2));
    const problems = async () => JSON.stringify(await server.get('/readyz'));
    await expect.poll(problems, PATIENCE).toMatch(/not ready.*has been due for more than 1 s/);
    expect((await fetch(`${server.address}/healthz`)).status).toBe(200);
    site.delayMs = 0;
    await expect.poll(problems, PATIENCE).toBe('{"status":"ready","problems":[]}');
    await server.end('SIGTERM');
  });

  test('every metric that is promised is there and moves', async () => {
    const gone = await startSite();
    await gone.close();
    const server = await start({
      ALLOW_PRIVATE_HOSTS: `${site.host},${gone.host}`,
      HOST_INTERVAL_MS: '50',
      HOST_CONCURRENCY: '1',
      CONCURRENCY: '2', // one waits for the host
      RETRY_BASE_MS: '3600000',
      RECONCILE_MS: '100',
    });
    const before = await metricsOf(server);
    for (const name of PROMISED) expect([name, before.has(name)]).toEqual([name, true]);
    site.delayMs = 300;
    await server.enqueue([...site.urls(3), `${site.origin}/robots.txt`, `${gone.origin}/story`]);
    await allDone(server, 3);
    await expect.poll(async () => (await server.counts())['failed'], PATIENCE).toBe(1);
    await expect.poll(async () => (await server.counts())['waiting'], PATIENCE).toBe(1);
    const after = await metricsOf(server);
    const moved = (name: string, labels: string) =>
      (after.get(name)?.get(labels) ?? 0) - (before.get(name)?.get(labels) ?? 0);
    expect(moved('embedkeep_runs_ended_total', 'outcome="done",code=""')).toBe(3);
    expect(moved('embedkeep_runs_ended_total', 'outcome="failed",code="GONE"')).toBe(1);
    expect(moved('embedkeep_runs', 'state="done"')).toBe(3);
    for (const phase of ['ask', 'fetch', 'keep', 'parse', 'store']) {
      const labels = `phase="${phase}",ok="true"`;
      expect([phase, moved('embedkeep_phase_seconds_count', labels) >= 3]).toEqual([phase, true]);
    }
    expect(moved('embedkeep_waits_total', 'kind="politeness"')).toBeGreaterThan(0);
    expect(moved('embedkeep_waits_total', 'kind="retry"')).toBe(1);
    expect(moved('embedkeep_oldest_unfinished_seconds', '')).toBeGreaterThan(0);
    expect(after.get('nodejs_eventloop_lag_p99_seconds')?.get('')).toBeGreaterThan(0);
    const kinds = new Set(after.get('embedkeep_waits_total')?.keys());
    expect(kinds).toEqual(new Set(['kind="politeness"', 'kind="retry"']));
    // No page, host or run can multiply the series.
    const said = await (await fetch(`${server.address}/metrics`)).text();
    for (const name of [site.host, gone.host, 'story', 'miraholt'])
      expect(said).not.toContain(name);
    const form = 'platform="x",form="blockquote",role="embed"';
    expect(moved('embedkeep_embeds_total', form)).toBe(3);
    const completed = 'queue="embedkeep-article",state="completed"';
    await expect
      .poll(
        async () => (await metricsOf(server)).get('embedkeep_queue_jobs')?.get(completed),
        PATIENCE,
      )
      .toBe(3);
    // More than the two jobs have asked the host about by the reconciler's next look: those are due.
    await server.enqueue(site.urls(100).map((url) => `${url}?later`));
    const seen = 'embedkeep_reconciler_runs_seen_total';
    await expect
      .poll(async () => (await metricsOf(server)).get(seen)?.get(''), PATIENCE)
      .toBeGreaterThan(0);
    await server.end('SIGTERM');
  });

  test('is ready, says so, and logs no secret of a URL', async () => {
    const server = await start();
    expect(await server.get('/readyz')).toEqual({ status: 'ready', problems: [] });
    await server.enqueue([`${site.origin}/story?token=hunter2&page=1`]);
    await allDone(server, 1);
    await expect
      .poll(() => server.lines.some((line) => line['msg'] === 'done'), PATIENCE)
      .toBe(true);
    const done = server.lines.find((line) => line['msg'] === 'done');
    expect(done).toMatchObject({ embeds: 1, ms: expect.any(Number), job: expect.any(String) });
    expect(JSON.stringify(server.lines)).not.toContain('hunter2');
    const metrics = await (await fetch(`${server.address}/metrics`)).text();
    expect(metrics).toContain('embedkeep_runs_ended_total{outcome="done",code=""} 1');
    expect(metrics).toMatch(/embedkeep_embeds_total\{platform="x",.*\} 1/);
  });

  test('leaves no half-written file behind', async () => {
    const server = await start();
    await server.enqueue(site.urls(3));
    await allDone(server, 3);
    await server.end('SIGTERM');
    const files = await readdir(dir, { recursive: true });
    expect(files.filter((file) => /\.(open|tmp|part)$/.test(file))).toEqual([]);
    expect(files).not.toContain('embedkeep.lock');
  });
});

describe('a process that cannot start', () => {
  test('names every wrong setting at once and ends with 78', async () => {
    const { code, stderr } = await runToEnd('workers/serve.ts', {
      DATA_DIR: dir,
      PORT: 'eighty',
      CONCURRENCY: '0',
      REDIS_URL: 'http://x',
    });
    expect(code).toBe(78);
    for (const name of ['PORT', 'CONCURRENCY', 'REDIS_URL'])
      expect(stderr).toContain(`${name}: got`);
  });

  test('names the port that is taken and ends with 78', async () => {
    const taken = new URL(site.origin).port;
    const { code, stderr } = await runToEnd('workers/serve.ts', { DATA_DIR: dir, PORT: taken });
    expect(stderr).toMatch(/^CONFIG_INVALID: PORT: got \d+, accepted is .*EADDRINUSE.*\n$/);
    expect(code).toBe(78);
  });

  test.each(['workers/article.ts', 'workers/api.ts'])('%s needs DATABASE_URL', async (script) => {
    const { code, stderr } = await runToEnd(script, { DATA_DIR: dir });
    expect(code).toBe(78);
    expect(stderr).toContain('DATABASE_URL');
  });

  test('says that the database cannot be reached', async () => {
    const { code, stderr } = await runToEnd('workers/serve.ts', {
      DATA_DIR: dir,
      DATABASE_URL: 'postgres://x:secretword@127.0.0.1:1/x',
    });
    expect(code).toBe(69);
    expect(stderr).toContain('STORE_UNAVAILABLE');
    expect(stderr).not.toContain('secretword');
  });
});
