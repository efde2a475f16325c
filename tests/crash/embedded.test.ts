/**
 * The crash matrix on the embedded default. Short here: some steps, chosen by the printed seed. CRASH_ROUNDS=10 (or
 * `npm run test:crash`) is the long form: every step in every round.
 */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { isAtDefaults, killAtEveryStep, killAtSomeSteps } from './kills.ts';
import { ALL_WELL } from './oracle.ts';
import { diceFrom, FROM_ROUND, ROUNDS, SEED } from './seed.ts';
import { openStage, type Place, type Stage } from './stage.ts';

vi.setConfig({ testTimeout: ROUNDS > 0 ? 7_200_000 : 240_000, hookTimeout: 120_000 });

const EMBEDDED: Place = { name: 'embedded', settings: () => Promise.resolve({}) };

let stage: Stage;
afterEach(() => stage.close());

describe(`crashes on the embedded default, seed ${SEED}`, () => {
  test.skipIf(ROUNDS > 0)('kill -9 at steps of the seed loses and doubles nothing', async () => {
    stage = await openStage(EMBEDDED);
    expect(await killAtSomeSteps(stage, diceFrom(SEED))).toMatchObject(ALL_WELL);
  });

  test.runIf(ROUNDS > 0).each(Array.from({ length: ROUNDS }, (_, round) => FROM_ROUND + round))(
    'kill -9 at every step, round %i',
    async (round) => {
      stage = await openStage(EMBEDDED, { defaultPace: isAtDefaults(round) });
      expect(await killAtEveryStep(stage, round)).toMatchObject(ALL_WELL);
    },
  );
});
