/** Runs of kills, one after another on what the ones before have left. */
import { type Fault, strikeAll } from './faults.ts';
import { type Dice, diceFrom, ONLY_AT, SEED } from './seed.ts';
import type { Row, Stage } from './stage.ts';
import { isPassedOnce, ONLY_EMBEDDED, POINTS, type Point } from './steps.ts';

/** Where the order of writes matters most. */
const AROUND_WRITES = ['write:after', 'finish:before', 'finish:after', 'fail:after'] as const;
const AROUND_INTAKE = ['accept:before', 'accept:after', 'put:before', 'put:after'] as const;
/** Between an event, its delivery, the message and its receipt. */
const AROUND_WEBHOOKS = [
  ...(['hook.derive:before', 'hook.derive:after', 'hook.claim:after'] as const),
  ...(['hook.send:before', 'hook.send:after', 'hook.delivered:before'] as const),
] as const;

const nthOf = (point: string, dice: Dice): number => (isPassedOnce(point) ? 1 : 1 + dice.below(4));

const pointsOf = ({ place }: Stage): readonly Point[] =>
  POINTS.filter((point) => place.name === 'embedded' || !ONLY_EMBEDDED.test(point)).filter(
    (point) => ONLY_AT?.includes(point) ?? true,
  );

/** One around the writes of a run, one around those of intake, one around a webhook. */
export async function killAtSomeSteps(stage: Stage, dice: Dice): Promise<Row> {
  const points = [dice.pick(AROUND_WRITES), dice.pick(AROUND_INTAKE), dice.pick(AROUND_WEBHOOKS)];
  for (const point of points) await stage.dieAt(point, nthOf(point, dice));
  return await stage.conclude(`kill -9 at ${points.join(', ')}`);
}

/** Kills and faults mixed, as many as asked for. */
export async function atRandom(
  stage: Stage,
  faults: readonly Fault[],
  count: number,
): Promise<Row> {
  const dice = diceFrom(SEED);
  const kill = (point: Point): Fault => ({
    name: `kill -9 at ${point}`,
    strike: () => stage.dieAt(point, nthOf(point, dice)),
  });
  const schedule = Array.from({ length: count }, () =>
    dice.next() < 0.5 ? kill(dice.pick(pointsOf(stage))) : dice.pick(faults),
  );
  return await strikeAll(stage, { faults: schedule, dice, before: 'at random: ' });
}

/** In an order of the seed and the round. */
export async function killAtEveryStep(stage: Stage, round: number): Promise<Row> {
  const dice = diceFrom(SEED + round);
  for (const point of dice.shuffled(pointsOf(stage))) {
    await stage.dieAt(point, nthOf(point, dice));
    const { kills, accepted } = stage;
    process.stdout.write(
      `${stage.place.name}, round ${round}: kill ${kills} at ${point}, ${accepted.size} accepted\n`,
    );
  }
  const pace = stage.settings['QUEUE_LOCK_MS'] ? 'short locks' : 'default locks';
  return stage.conclude(`kill -9 at each of ${pointsOf(stage).length} points, ${pace}`);
}

/** Two rounds of three with the lock and stall times of production, the third with short ones. */
export const isAtDefaults = (round: number): boolean => round % 3 !== 0;
