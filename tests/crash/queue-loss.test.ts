/** Redis loses what it had acknowledged: a replica that lagged behind is promoted, the power fails. The ledger has it. Long form only. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis as Client } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import {
  describeWith,
  findProgram,
  freePort,
  type Postgres,
  type Redis,
  startPostgres,
  startRedis,
} from '../support/services.ts';
import { ALL_WELL } from './oracle.ts';
import { type Door, startProxy } from './proxy.ts';
import { ROUNDS } from './seed.ts';
import { openStage, type Stage } from './stage.ts';

vi.setConfig({ testTimeout: ROUNDS > 0 ? 3_600_000 : 240_000, hookTimeout: 120_000 });

const TIMES = 5;

const needs = ROUNDS > 0 ? (['redis', 'postgres'] as const) : [];
describeWith(needs, 'Redis loses what it acknowledged', () => {
  let postgres: Postgres | undefined;
  let stage: Stage;
  const servers: Redis[] = [];
  beforeAll(async () => {
    if (ROUNDS > 0) postgres = await startPostgres();
  });
  afterAll(() => postgres?.stop());
  afterEach(async () => {
    await stage.close();
    await Promise.all(servers.splice(0).map((server) => server.stop()));
  });

  const start = async (options: Parameters<typeof startRedis>[0]): Promise<Redis> => {
    const server = await startRedis(options);
    servers.push(server);
    return server;
  };
  const stageOn = async (port: number): Promise<Stage> =>
    openStage({
      name: 'redis+postgres',
      settings: async () => ({
        REDIS_URL: `redis://127.0.0.1:${port}`,
        DATABASE_URL: (await postgres?.createDatabase()) ?? '',
      }),
    });

  test.runIf(ROUNDS > 0)('a replica that was cut off is promoted: nothing is lost', async () => {
    let primary = await start({ appendonly: true });
    const door: Door = await startProxy(primary.port);
    stage = await stageOn(door.port);
    for (let n = 0; n < TIMES; n += 1) {
      const replica = await start({ appendonly: true });
      const admin = new Client(replica.url);
      await admin.replicaof('127.0.0.1', primary.port);
      await expect
        .poll(() => admin.info('replication'), { timeout: 60_000 })
        .toContain('master_link_status:up');
      await stage.server();
      stage.pages.delayMs = 100;
      await stage.offer(stage.pages.fresh(20));
      // The partition: it keeps what it has, and hears of nothing more.
      await admin.replicaof('127.0.0.1', await freePort());
      await stage.offer(stage.pages.fresh(40));
      primary.freeze();
      await admin.replicaof('NO', 'ONE');
      door.pointTo(replica.port);
      admin.disconnect();
      stage.faults += 1;
      await primary.kill();
      primary = replica;
    }
    expect(await stage.conclude(`replica promoted, ${TIMES} times`)).toMatchObject(ALL_WELL);
    await door.close();
  });

  // Where there is no compiler all that was appended is lost, which is worse than any power cut.
  test.each(ROUNDS > 0 ? ['everysec', 'no'] : [])(
    'power cut under appendfsync %s: nothing is lost',
    async (fsync) => {
      const shim = await compiledShim();
      if (shim) process.env['LD_PRELOAD'] = shim;
      const redis = await start({ flags: ['--appendonly', 'yes', '--appendfsync', fsync] });
      // Later starts of this server read it again.
      stage = await stageOn(redis.port);
      let bytes = 0;
      for (let n = 0; n < TIMES; n += 1) {
        await stage.server();
        stage.pages.delayMs = 100;
        await stage.offer(stage.pages.fresh(40));
        await redis.kill();
        bytes += await cutAppended(redis.dir);
        await redis.restart();
        stage.faults += 1;
      }
      delete process.env['LD_PRELOAD'];
      const what = `Redis power cut, appendfsync ${fsync}, ${TIMES} times (${bytes} bytes cut)`;
      expect(await stage.conclude(what)).toMatchObject(ALL_WELL);
      if (shim) await rm(join(shim, '..'), { recursive: true });
    },
  );
});

/** Beside each file it was synced to, as the shim writes it; to nothing where there is no such note. */
async function cutAppended(dir: string): Promise<number> {
  const folder = join(dir, 'appendonlydir');
  let bytes = 0;
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.incr.aof')) continue;
    const path = join(folder, name);
    const { length } = await readFile(path);
    const note = `${path}.synced`;
    const synced = existsSync(note) ? Number(await readFile(note, 'utf8')) : 0;
    if (synced >= length) continue;
    await truncate(path, synced);
    bytes += length - synced;
  }
  return bytes;
}

/** Null without a C compiler. */
async function compiledShim(): Promise<string | null> {
  const compiler = findProgram('gcc') ?? findProgram('cc');
  if (!compiler) return null;
  const library = join(await mkdtemp(join(tmpdir(), 'embedkeep-shim-')), 'shim.so');
  const source = new URL('fsync-shim.c', import.meta.url).pathname;
  execFileSync(compiler, ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl']);
  return library;
}
