/**
 * The crash matrix. Short by default; `npm run test:crash` sets CRASH_ROUNDS for the long form.
 * The step at which a process dies comes from a printed seed, so a bad run can be had again.
 */
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis as Client } from 'ioredis';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Page, Run } from '../../src/ledger.ts';
import { type Embedkeep, launch, type Settings, startEmbedkeep } from '../support/embedkeep.ts';
import { preparePGlite } from '../support/pglite-template.ts';
import {
  describeWith,
  type Postgres,
  type Redis,
  startPostgres,
  startRedis,
} from '../support/services.ts';
import { type Site, startSite } from '../support/site.ts';
import { judge } from './oracle.ts';

const ROUNDS = Number(process.env['CRASH_ROUNDS'] ?? 0);
const SEED = Number(process.env['CRASH_SEED'] ?? Date.now() % 1_000_000);
vi.setConfig({ testTimeout: ROUNDS > 0 ? 3_600_000 : 180_000, hookTimeout: 120_000 });

/** Every step of a run and of intake; a test below finds that each of them is really passed. */
const STEPS = ['claim', 'ask', 'fetch', 'write', 'parse', 'finish', 'put', 'accept'];
const ALL = STEPS.flatMap((step) => [`${step}:before`, `${step}:after`]);
/** Steps of intake, passed once an order; the others are passed once a run. */
const INTAKE = /^(accept|put):/;
/** The short form kills where the order of writes matters most. */
const SHORT = ['write:after', 'finish:after', 'put:before'];

/** Mulberry32: a small generator whose numbers depend on the seed alone. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const report: Record<string, unknown>[] = [];
afterAll(() => {
  console.log(`seed ${SEED}`);
  console.table(report);
});

interface Place {
  readonly name: string;
  settings(): Promise<Settings>;
}

function crashSuite(place: Place): void {
  let dir: string;
  let site: Site;
  let settings: Settings;
  const started: Embedkeep[] = [];

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'embedkeep-crash-'));
    await preparePGlite(dir);
    site = await startSite();
    settings = {
      DATA_DIR: dir,
      ALLOW_PRIVATE_HOSTS: site.host,
      MAX_ATTEMPTS: '100',
      CONCURRENCY: '4',
      RECONCILE_MS: '500',
      QUEUE_LOCK_MS: '3000',
      QUEUE_STALLED_MS: '1000',
      FETCH_TIMEOUT_MS: '2000',
      LOG_LEVEL: 'warn',
      ...(await place.settings()),
    };
  });
  afterEach(async () => {
    for (const { child } of started.splice(0)) child.kill('SIGKILL');
    await site.close();
    await rm(dir, { recursive: true, force: true });
  });

  const start = async (): Promise<Embedkeep> => {
    const server = await startEmbedkeep({ ...settings, LOG_LEVEL: 'info' });
    started.push(server);
    return server;
  };

  /** A process that dies at the step; what it had accepted is told. */
  const killAt = async (at: string, nth: number, urls: readonly string[]): Promise<string[]> => {
    const child = launch('tests/crash/victim.ts', {
      ...settings,
      LOG_LEVEL: 'info',
      CRASH_AT: at,
      CRASH_NTH: String(nth),
    });
    const exited = once(child, 'exit');
    let said = '';
    child.stderr?.on('data', (chunk) => {
      said += chunk;
    });
    const address = await new Promise<string>((resolve, reject) => {
      child.stdout?.on('data', (chunk) => {
        if (String(chunk).includes('"level":60')) said += chunk;
        const found = /"address":"([^"]+)"/.exec(String(chunk))?.[1];
        if (found) resolve(found);
      });
      exited.then(() => resolve(''), reject);
    });
    const accepted = address ? await offer(address, urls) : [];
    const [, signal] = await Promise.race([
      exited,
      sleep(60_000).then(() => [null, 'never reached']),
    ]);
    child.kill('SIGKILL');
    expect(signal, `${at} was not reached: ${said}`).toBe('SIGKILL');
    return accepted;
  };

  const drained = async (server: Embedkeep, ids: readonly string[]): Promise<number> => {
    const began = performance.now();
    const open = new Set(ids);
    while (open.size > 0 && performance.now() - began < 120_000) {
      for (const run of await server.runs([...open].slice(0, 50))) {
        if (run.finishedAt) open.delete(run.id);
      }
      await sleep(100);
    }
    return Math.round(performance.now() - began);
  };

  const conclude = async (fault: string, kills: number, ids: readonly string[]): Promise<void> => {
    const server = await start();
    // Also what was committed before the process died without an answer: nobody was told, but it is there.
    const known = await server.get<Page<{ run: Run }>>('/v1/articles?limit=1000');
    const all = [...new Set([...ids, ...known.items.map((item) => item.run.id)])];
    const recoveryMs = await drained(server, all);
    const verdict = await judge(server, all);
    await server.end('SIGTERM');
    const files = await readdir(dir, { recursive: true });
    const temporary = files.filter((f) => /\.(tmp|part|open|takeover)$/.test(f)).length;
    const row = { backend: place.name, fault, kills, ...verdict, temporary, recoveryMs };
    report.push(row);
    // At once, so that a run cut short has told what it found.
    process.stdout.write(`${JSON.stringify(row)}\n`);
    expect({ ...verdict, temporary }).toEqual({
      accepted: all.length,
      lost: 0,
      doubled: 0,
      damaged: 0,
      failed: 0,
      temporary: 0,
    });
  };

  const urlsOf = (name: string): string[] =>
    Array.from({ length: 12 }, (_, i) => `${site.origin}/${name}-${i}`);
  const nthOf = (at: string, random: () => number): number =>
    INTAKE.test(at) ? 1 : 1 + Math.floor(random() * 4);

  test.skipIf(ROUNDS > 0).each(SHORT)('kill -9 at %s loses and doubles nothing', async (at) => {
    const random = randomFrom(SEED + ALL.indexOf(at));
    const ids = await killAt(at, nthOf(at, random), urlsOf('short'));
    await conclude(`kill at ${at}`, 1, ids);
  });

  test.runIf(ROUNDS > 0)(
    'kills at every step, one after another, lose and double nothing',
    async () => {
      const random = randomFrom(SEED);
      const order = Array.from({ length: ROUNDS }, () => ALL)
        .flat()
        .map((at) => ({ at, rank: random() }))
        .sort((a, b) => a.rank - b.rank);
      const ids: string[] = [];
      let kills = 0;
      for (const { at } of order) {
        ids.push(...(await killAt(at, nthOf(at, random), urlsOf(`long-${kills}`))));
        kills += 1;
        process.stdout.write(`${place.name}: kill ${kills} at ${at}, ${ids.length} accepted\n`);
      }
      await conclude(`kill -9 at each of ${ALL.length} steps, ${ROUNDS} times`, kills, ids);
    },
  );

  if (place.name === 'embedded') return;

  test('what servers do under load loses and doubles nothing', async () => {
    const server = await start();
    site.delayMs = 50;
    const ids: string[] = [];
    const faults = serverFaults();
    for (const [index, fault] of faults.entries()) {
      const urls = Array.from({ length: 60 }, (_, i) => `${site.origin}/fault-${index}-${i}`);
      ids.push(...(await offer(server.address, urls)));
      await fault();
      const last = server.lines.filter(({ level }) => Number(level) >= 50).slice(-3);
      expect(server.child.exitCode, `process died: ${JSON.stringify(last)}`).toBeNull();
    }
    await drained(server, ids);
    await server.end('SIGTERM');
    await conclude('kill, freeze, drop and flush servers', faults.length, ids);
  });
}

let redis: Redis;
let postgres: Postgres;

function serverFaults(): (() => Promise<unknown>)[] {
  const flush = async () => {
    const client = new Client(redis.url);
    await client.flushall();
    client.disconnect();
  };
  const dropConnections = async () => {
    const client = new pg.Client(postgres.url);
    await client.connect();
    for (let i = 0; i < 5; i += 1) {
      await client.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and backend_type = $1',
        ['client backend'],
      );
      await sleep(300);
    }
    await client.end();
  };
  const freeze = (server: Redis | Postgres) => async () => {
    server.freeze();
    await sleep(ROUNDS > 0 ? 10_000 : 4000);
    server.thaw();
  };
  return [flush, dropConnections, freeze(redis), () => redis.restart(), () => postgres.restart()];
}

/** The accepted run ids; none where the process died before it could answer. */
async function offer(address: string, urls: readonly string[]): Promise<string[]> {
  try {
    const response = await fetch(`${address}/v1/articles`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(urls),
    });
    const { items } = (await response.json()) as { items: { runId: string | null }[] };
    return items.flatMap(({ runId }) => (runId ? [runId] : []));
  } catch {
    return [];
  }
}

describe('crashes on the embedded default', () => {
  crashSuite({ name: 'embedded', settings: () => Promise.resolve({}) });
});

describeWith(['redis', 'postgres'], 'crashes on Redis + Postgres', () => {
  beforeAll(async () => {
    [redis, postgres] = await Promise.all([
      startRedis({ appendonly: true }),
      startPostgres({ durable: true }),
    ]);
  });
  afterAll(() => Promise.all([redis.stop(), postgres.stop()]));
  crashSuite({
    name: 'redis+postgres',
    settings: async () => ({
      REDIS_URL: redis.url,
      DATABASE_URL: await postgres.createDatabase(),
    }),
  });
});
