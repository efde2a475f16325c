/**
 * When plans are looked at: one BullMQ job scheduler, whatever their number, whose every job asks the store what is due.
 * The store decides; a tick that comes late, twice or from two schedulers changes nothing (see plan-tick.ts).
 */
import type { Queue } from 'bullmq';
import type { PlanBook } from '../plan.ts';
import type { Feeder } from './feeder.ts';
import type { Log } from './log.ts';

const SCHEDULER = 'plans';

export interface PlanParts {
  readonly plans: Pick<PlanBook, 'tick'>;
  readonly feeder: Pick<Feeder, 'feed'>;
  readonly log: Log;
  /** Tells the metrics. */
  readonly onTick?: (runs: number) => void;
}

export function planHandler({ plans, feeder, log, onTick }: PlanParts) {
  return async (): Promise<{ runs: number }> => {
    let runs = 0;
    for (let more = true; more; ) {
      const ticked = await plans.tick();
      runs += ticked.runs;
      ({ more } = ticked);
    }
    onTick?.(runs);
    if (runs === 0) return { runs };
    log.info({ runs }, 'planned captures are due');
    await feeder.feed();
    return { runs };
  };
}

/** Puts the scheduler there if it is not: at the start, and after a queue was emptied. */
export async function keepScheduler(queue: Queue, everyMs: number): Promise<void> {
  const known = await queue.getJobScheduler(SCHEDULER);
  const isRight = known?.every === everyMs && known.next !== undefined && known.next !== null;
  // One whose next job is long overdue has lost it: the schedule alone would never run again.
  if (isRight && Date.now() - Number(known.next) < LOST_AFTER * everyMs) return;
  await queue.upsertJobScheduler(
    SCHEDULER,
    { every: everyMs },
    { name: 'look', opts: { removeOnComplete: { count: 20 }, removeOnFail: { count: 100 } } },
  );
}
const LOST_AFTER = 10;
