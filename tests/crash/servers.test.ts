/** The crash matrix on Redis + Postgres; short and long as in embedded.test.ts. */
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import {
  describeWith,
  type Postgres,
  type Redis,
  startPostgres,
  startRedis,
} from '../support/services.ts';
import { PROCESS_FAULTS, serverFaults, strikeAll } from './faults.ts';
import { atRandom, isAtDefaults, killAtEveryStep, killAtSomeSteps } from './kills.ts';
import { ALL_WELL } from './oracle.ts';
import { diceFrom, FROM_ROUND, ROUNDS, SEED } from './seed.ts';
import { openStage, type Place, type Stage } from './stage.ts';

vi.setConfig({ testTimeout: ROUNDS > 0 ? 7_200_000 : 900_000, hookTimeout: 120_000 });

/** Each takes seconds of waiting; the seed says which. */
const SHORT_FAULTS = 2;

describeWith(['redis', 'postgres'], `crashes on Redis + Postgres, seed ${SEED}`, () => {
  let redis: Redis;
  let postgres: Postgres;
  let stage: Stage;
  let databases = 0;
  beforeAll(async () => {
    [redis, postgres] = await Promise.all([
      startRedis({ appendonly: true, flags: ['--databases', '100'] }),
      startPostgres({ durable: true }),
    ]);
  });
  afterAll(() => Promise.all([redis.stop(), postgres.stop()]));
  afterEach(() => stage.close());

  const place: Place = {
    name: 'redis+postgres',
    settings: async () => {
      databases += 1;
      return {
        REDIS_URL: `${redis.url}/${databases}`,
        DATABASE_URL: await postgres.createDatabase(),
      };
    },
  };

  test.skipIf(ROUNDS > 0)('kill -9 at steps of the seed loses and doubles nothing', async () => {
    stage = await openStage(place);
    expect(await killAtSomeSteps(stage, diceFrom(SEED))).toMatchObject(ALL_WELL);
  });

  test.runIf(ROUNDS > 0).each(Array.from({ length: ROUNDS }, (_, round) => FROM_ROUND + round))(
    'kill -9 at every step, round %i',
    async (round) => {
      stage = await openStage(place, { defaultPace: isAtDefaults(round) });
      expect(await killAtEveryStep(stage, round)).toMatchObject(ALL_WELL);
    },
  );

  test('what servers do under load loses and doubles nothing', async () => {
    stage = await openStage(place);
    const dice = diceFrom(SEED);
    const all = serverFaults({ redis, postgres });
    const faults = ROUNDS > 0 ? all : dice.shuffled(all).slice(0, SHORT_FAULTS);
    expect(await strikeAll(stage, { faults, dice })).toMatchObject(ALL_WELL);
  });

  test.runIf(ROUNDS > 0)('every fault of a process', async () => {
    stage = await openStage(place);
    expect(await strikeAll(stage, { faults: PROCESS_FAULTS, dice: diceFrom(SEED) })).toMatchObject(
      ALL_WELL,
    );
  });

  test.runIf(ROUNDS > 0)('kills and faults at random', async () => {
    stage = await openStage(place);
    const faults = [...PROCESS_FAULTS, ...serverFaults({ redis, postgres })];
    expect(await atRandom(stage, faults, 30)).toMatchObject(ALL_WELL);
  });
});
