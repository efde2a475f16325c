/** What happens to a living process and its servers, under load. Each leaves the stage with a process that can go on. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis as Client } from 'ioredis';
import pg from 'pg';
import { startEmbedkeep } from '../support/embedkeep.ts';
import type { Postgres, Redis } from '../support/services.ts';
import { type Dice, ROUNDS } from './seed.ts';
import type { Row, Stage } from './stage.ts';

export interface Fault {
  readonly name: string;
  strike(stage: Stage, dice: Dice): Promise<void>;
}

const HOUR_MS = 3_600_000;
/** Beyond the shortened lock; in the long form, as long as issue and defaults speak of. */
const FROZEN_MS = ROUNDS > 0 ? 45_000 : 4500;
const DROPS = ROUNDS > 0 ? 20 : 5;
const UNDER_LOAD = ROUNDS > 0 ? 40 : 12;

/** Orders, each of them taking its time. */
export async function load(stage: Stage): Promise<void> {
  await stage.server();
  stage.pages.delayMs = 40;
  await stage.offer(stage.pages.fresh(UNDER_LOAD));
}

const killServer: Fault = {
  name: 'server process killed',
  async strike(stage, dice) {
    await load(stage);
    await sleep(dice.below(1500));
    await stage.kill();
  },
};

/** Alone it finds things as it left them; beside another worker it comes back as a zombie whose runs were taken over. */
const freezeWorker: Fault = {
  name: `worker frozen ${FROZEN_MS / 1000} s`,
  async strike(stage) {
    const { child } = await stage.server();
    await load(stage);
    await sleep(300);
    child.kill('SIGSTOP');
    const isShared = stage.place.name === 'redis+postgres';
    const other = isShared ? await startEmbedkeep(stage.settings, 'workers/article.ts') : null;
    await sleep(FROZEN_MS);
    child.kill('SIGCONT');
    await sleep(1000);
    await other?.end('SIGKILL');
  },
};

const jump = (name: string, ms: number): Fault => ({
  name,
  async strike(stage) {
    await stage.kill();
    const { child } = await stage.server({ CLOCK_JUMP_MS: String(ms) });
    await load(stage);
    await sleep(200);
    child.kill('SIGUSR2');
    await load(stage);
    // What is planned by a clock that is ahead would wait for the hour that is not there.
    if (ms > 0) await stage.drained();
    else await sleep(2000);
    await stage.kill();
  },
});

const multiplyJobs: Fault = {
  name: 'jobs doubled, delayed, reordered',
  async strike(stage, dice) {
    await stage.kill();
    await stage.server({ MULTIPLY_JOBS: '1', CRASH_SEED: String(dice.below(1_000_000)) });
    await load(stage);
    await stage.drained();
    await stage.kill();
  },
};

/** On every backend. */
export const PROCESS_FAULTS: readonly Fault[] = [
  killServer,
  freezeWorker,
  jump('clock an hour ahead', HOUR_MS),
  jump('clock an hour back', -HOUR_MS),
  multiplyJobs,
];

/** Of the servers beside the process. */
export function serverFaults({ redis, postgres }: { redis: Redis; postgres: Postgres }): Fault[] {
  const during = (name: string, happen: () => Promise<unknown>): Fault => ({
    name,
    async strike(stage) {
      const { child, lines } = await stage.server();
      await load(stage);
      await happen();
      if (child.exitCode === null && child.signalCode === null) return;
      throw new Error(`${name} ended the process: ${JSON.stringify(lines.slice(-3))}`);
    },
  });
  const freeze = (server: Redis | Postgres) => async () => {
    server.freeze();
    await sleep(FROZEN_MS);
    server.thaw();
  };
  return [
    during('FLUSHALL', () => withRedis(redis, (client) => client.flushall())),
    during('connections dropped every 300 ms', () => dropConnections(redis, postgres)),
    during(`Redis frozen ${FROZEN_MS / 1000} s`, freeze(redis)),
    during(`Postgres frozen ${FROZEN_MS / 1000} s`, freeze(postgres)),
    during('Redis killed', () => redis.restart()),
    during('Postgres killed', () => postgres.restart()),
  ];
}

async function withRedis<T>(redis: Redis, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client(redis.url);
  try {
    return await use(client);
  } finally {
    client.disconnect();
  }
}

async function dropConnections(redis: Redis, postgres: Postgres): Promise<void> {
  const client = new pg.Client(postgres.url);
  await client.connect();
  for (let i = 0; i < DROPS; i += 1) {
    await client.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and backend_type = $1',
      ['client backend'],
    );
    await withRedis(redis, (admin) => admin.call('CLIENT', 'KILL', 'TYPE', 'normal'));
    await sleep(300);
  }
  await client.end();
}

/** One after another, in the order given; then the verdict. */
export async function strikeAll(
  stage: Stage,
  { faults, dice, before = '' }: { faults: readonly Fault[]; dice: Dice; before?: string },
): Promise<Row> {
  for (const fault of faults) {
    if (!fault.name.startsWith('kill')) stage.faults += 1;
    await fault.strike(stage, dice);
    process.stdout.write(`${stage.place.name}: ${fault.name}, ${stage.accepted.size} accepted\n`);
  }
  return stage.conclude(before + faults.map(({ name }) => name).join('; '));
}
