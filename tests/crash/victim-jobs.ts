/**
 * A queue that delivers more often, later and in another order than it was asked to: MULTIPLY_JOBS=1 adds every job three
 * times more under other ids, with delays, shuffled; and the same order as raw jobs besides.
 */
import type { World } from '../../workers/world.ts';
import { diceFrom } from './seed.ts';

const COPIES = 3;
const MOST_DELAY_MS = 2000;

export function multiplied({ outbox, queues }: World): World['outbox'] {
  if (process.env['MULTIPLY_JOBS'] !== '1') return outbox;
  const dice = diceFrom(Number(process.env['CRASH_SEED'] ?? 0));
  let copies = 0;
  return {
    ...outbox,
    async put(runs) {
      await outbox.put(runs);
      const again = runs.flatMap(({ id, url }) =>
        Array.from({ length: COPIES }, () => {
          copies += 1;
          const opts = { jobId: `copy-${process.pid}-${copies}`, delay: dice.below(MOST_DELAY_MS) };
          return {
            capture: { name: 'capture', data: { runId: id, url }, opts },
            raw: { name: 'order', data: { v: 1, url }, opts },
          };
        }),
      );
      await queues.articles.addBulk(dice.shuffled(again).map(({ capture }) => capture));
      await queues.intake.addBulk(dice.shuffled(again).map(({ raw }) => raw));
    },
  };
}
