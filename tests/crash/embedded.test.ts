/**
 * The crash matrix on the embedded default. Short here: what the printed seed chooses. CRASH_ROUNDS=6 (`npm run
 * test:crash`) is the long form: every step in every round, every fault.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { PROCESS_FAULTS, strikeAll } from './faults.ts';
import { atRandom, isAtDefaults, killAtEveryStep, killAtSomeSteps } from './kills.ts';
import { ALL_WELL } from './oracle.ts';
import { copyDatabase, cutPower, filesOf, tearDatabase } from './power.ts';
import { type Dice, diceFrom, FROM_ROUND, ROUNDS, SEED } from './seed.ts';
import { openStage, type Place, type Stage } from './stage.ts';
import { isPassedOnce, POINTS } from './steps.ts';

vi.setConfig({ testTimeout: ROUNDS > 0 ? 7_200_000 : 900_000, hookTimeout: 120_000 });

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

  test.runIf(ROUNDS > 0)('every fault of a process', async () => {
    stage = await openStage(EMBEDDED);
    expect(await strikeAll(stage, { faults: PROCESS_FAULTS, dice: diceFrom(SEED) })).toMatchObject(
      ALL_WELL,
    );
  });

  test.runIf(ROUNDS > 0)('kills and faults at random', async () => {
    stage = await openStage(EMBEDDED);
    expect(await atRandom(stage, PROCESS_FAULTS, 20)).toMatchObject(ALL_WELL);
  });

  test.runIf(ROUNDS > 0)('a power cut leaves what was acknowledged', async () => {
    stage = await openStage(EMBEDDED);
    const dice = diceFrom(SEED);
    const cuts = 10;
    for (let n = 0; n < cuts; n += 1) await powerCut(stage, dice);
    expect(await stage.conclude(`power cut, ${cuts} times`)).toMatchObject(ALL_WELL);
  });
});

/** Around the writes of a run that orders were answered for: the worst moments. */
const UNSYNCED = POINTS.filter((point) => /^(?:write|finish|fail|parse|put):/.test(point));

/** Killed, every file cut at its last sync; the database's files are gone, or each of their pages the old or the new one. */
async function powerCut(on: Stage, dice: Dice): Promise<void> {
  const outside = await mkdtemp(join(tmpdir(), 'embedkeep-synced-'));
  const log = join(outside, 'log');
  await on.kill();
  const old = join(outside, 'pglite');
  await copyDatabase(on.dir, old);
  const before = await filesOf(on.dir);
  const point = dice.pick(UNSYNCED);
  await on.dieAt(point, isPassedOnce(point) ? 1 : 1 + dice.below(6), { SYNC_LOG: log });
  on.faults += 1;
  const cut = await cutPower(on.dir, log, before);
  const isGone = dice.next() < 0.5;
  if (isGone) await rm(join(on.dir, 'pglite'), { recursive: true });
  const tornPages = isGone ? null : await tearDatabase(on.dir, old, dice);
  process.stdout.write(`embedded: power cut, ${JSON.stringify({ ...cut, tornPages })}\n`);
  await rm(outside, { recursive: true });
}
