/**
 * kill -9 between an event's commit, its delivery, the POST and its receipt: at the receiver every event has exactly one id
 * and none is missing. Short by default; CRASH_ROUNDS=n kills n times at every step.
 */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { launch, type Settings, startEmbedkeep } from '../support/embedkeep.ts';
import { preparePGlite } from '../support/pglite-template.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import {
  describeWith,
  type Postgres,
  type Redis,
  startPostgres,
  startRedis,
} from '../support/services.ts';
import { type Site, startSite } from '../support/site.ts';
import {
  allTold,
  eventBodies,
  judgeWebhooks,
  registerReceiver,
} from '../support/webhook-oracle.ts';
import { until } from './sender.ts';

const ROUNDS = Number(process.env['CRASH_ROUNDS'] ?? 0);
vi.setConfig({ testTimeout: ROUNDS > 0 ? 3_600_000 : 600_000 });

const STEPS = ['derive', 'claim', 'send', 'delivered'].flatMap((step) => [
  `${step}:before`,
  `${step}:after`,
]);
/** Where a row, a POST or a receipt may be lost or doubled. */
const SHORT = ['derive:after', 'send:after'];
const kills = ROUNDS > 0 ? Array.from({ length: ROUNDS }, () => STEPS).flat() : SHORT;

function suite(place: () => Promise<{ settings: Settings; databaseUrl: string | null }>): void {
  let dir: string;
  let site: Site;
  let receiver: Receiver;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'embedkeep-webhook-kill-'));
    site = await startSite();
    receiver = await startReceiver();
  });
  afterEach(async () => {
    await Promise.all([site.close(), receiver.close()]);
    await rm(dir, { recursive: true, force: true });
  });

  test(`of ${kills.length} kills none costs an event or gives one a second id`, async () => {
    const { settings: given, databaseUrl } = await place();
    if (!databaseUrl) await preparePGlite(dir);
    const settings = {
      DATA_DIR: dir,
      ALLOW_PRIVATE_HOSTS: `${site.host},${receiver.host}`,
      WEBHOOK_TIMEOUT_MS: '3000',
      WEBHOOK_RETRY_BASE_MS: '200',
      QUEUE_LOCK_MS: '2000',
      QUEUE_STALLED_MS: '500',
      RECONCILE_MS: '500',
      MAX_ATTEMPTS: '100',
      ...given,
    };
    const first = await startEmbedkeep(settings);
    const { secret } = await registerReceiver(first, `${receiver.origin}/hook`);
    await first.end('SIGTERM');
    for (const [index, at] of kills.entries()) {
      const child = launch('tests/webhooks/victim.ts', {
        ...settings,
        CRASH_AT: at,
        CRASH_NTH: String(1 + (index % 3)),
      });
      const exited = once(child, 'exit');
      let said = '';
      child.stderr?.on('data', (chunk) => {
        said += chunk;
      });
      const address = await new Promise<string>((resolve) => {
        child.stdout?.on('data', (chunk) => {
          const found = /"address":"([^"]+)"/.exec(String(chunk))?.[1];
          if (found) resolve(found);
        });
        // A backlog of the kill before may bring it to its step before it listens.
        void exited.then(() => resolve(''));
      });
      const body = JSON.stringify(
        Array.from({ length: 6 }, (_, i) => `${site.origin}/${index}-${i}`),
      );
      const headers = { 'content-type': 'application/json' };
      if (address)
        await fetch(`${address}/v1/articles`, { method: 'POST', headers, body }).catch(() => {});
      const [, signal] = await exited;
      expect([at, signal, said]).toEqual([at, 'SIGKILL', '']);
    }
    const last = await startEmbedkeep(settings);
    await until(async () => {
      const { accepted = 0, running = 0, waiting = 0 } = await last.counts();
      return accepted + running + waiting === 0 && (await allTold(last));
    });
    const counts = await last.counts();
    await last.end('SIGTERM');
    const bodies = await eventBodies(databaseUrl ? { databaseUrl } : { dataDir: dir });
    const verdict = judgeWebhooks(bodies, receiver.at('/hook'), secret);
    process.stdout.write(`${JSON.stringify({ kills: kills.length, ...counts, ...verdict })}\n`);
    expect(verdict).toMatchObject({ missing: 0, doubled: 0, unsigned: 0 });
    // A capture and a post seen of every article.
    expect(verdict.expected).toBe(2 * Number(counts['done']));
    expect(verdict.expected).toBeGreaterThan(0);
  });
}

describe('killed while sending, on the embedded default', () => {
  suite(() => Promise.resolve({ settings: {}, databaseUrl: null }));
});

describeWith(['redis', 'postgres'], 'killed while sending, on Redis + Postgres', () => {
  let redis: Redis;
  let postgres: Postgres;
  beforeAll(async () => {
    [redis, postgres] = await Promise.all([startRedis({ appendonly: true }), startPostgres()]);
  });
  afterAll(() => Promise.all([redis.stop(), postgres.stop()]));
  suite(async () => {
    const databaseUrl = await postgres.createDatabase();
    return { settings: { REDIS_URL: redis.url, DATABASE_URL: databaseUrl }, databaseUrl };
  });
});
