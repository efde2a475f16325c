/** Compares ledger and queue: a run without a final state and without a live job gets its job back. */
import type { Ledger, Run } from '../ledger.ts';
import type { Log } from './log.ts';
import type { Outbox } from './outbox.ts';

export interface ReconcilerParts {
  readonly ledger: Pick<Ledger, 'due'>;
  readonly outbox: Outbox;
  readonly log: Log;
  readonly now: () => Date;
  /** Whatever else must be in the queue; called at each tick. */
  readonly keep?: () => Promise<void>;
  /** Told of every page: how many runs were looked at, how many had lost their job. */
  readonly onPage?: (seen: number, restored: number) => void;
}

export interface ReconcilerPace {
  readonly everyMs: number;
  /** A run that has been running longer may have lost its job; shorter, its job is active. */
  readonly runningMs: number;
}

export interface Reconciler {
  start(): void;
  /** Look now rather than at the next tick: a job is known to be lost. */
  hurry(): void;
  /** Looks through the whole ledger once; answers how many jobs were put back. */
  sweep(): Promise<number>;
  stop(): Promise<void>;
}

const PAGE = 500;
/** Pages a tick while nothing is missing: a backlog of a million is passed in the background, not at once. */
const CALM_PAGES = 10;

export function createReconciler(parts: ReconcilerParts, pace: ReconcilerPace): Reconciler {
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<number> | undefined;
  let after: string | undefined;
  let stopped = false;

  /** One page; undefined at the end of the ledger. */
  async function page(): Promise<number | undefined> {
    const now = parts.now();
    const runs = await parts.ledger.due({
      now,
      limit: PAGE,
      runningBefore: new Date(now.getTime() - pace.runningMs),
      ...(after !== undefined && { after }),
    });
    const restored = await restore(runs);
    parts.onPage?.(runs.length, restored);
    after = runs.length < PAGE ? undefined : runs.at(-1)?.id;
    return after === undefined && restored === 0 ? undefined : restored;
  }

  async function restore(runs: readonly Run[]): Promise<number> {
    const lost = await parts.outbox.jobless(runs);
    if (lost.length === 0) return 0;
    await parts.outbox.put(lost);
    parts.log.warn({ runs: lost.length }, 'jobs put back from the ledger');
    return lost.length;
  }

  async function pages(most: number): Promise<number> {
    let total = 0;
    let calm = 0;
    while (!stopped && calm < most) {
      const restored = await page();
      total += restored ?? 0;
      if (after === undefined) break;
      // Where one is missing more will be (FLUSHALL, a failover): go on at once.
      calm = restored ? 0 : calm + 1;
    }
    return total;
  }

  /** One at a time; a failure (store or queue away) is told and tried again at the next tick. */
  async function guarded(most: number): Promise<number> {
    await working?.catch(() => 0);
    working = pages(most);
    return working;
  }

  function schedule(ms: number): void {
    clearTimeout(timer);
    if (stopped) return;
    timer = setTimeout(() => {
      parts.keep?.().catch((err: unknown) => parts.log.warn({ err }, 'not kept in the queue'));
      guarded(CALM_PAGES)
        .catch((err: unknown) => parts.log.warn({ err }, 'reconciler could not look'))
        .finally(() => schedule(pace.everyMs));
    }, ms);
    timer.unref();
  }

  return {
    start: () => schedule(0),
    hurry: () => {
      after = undefined;
      schedule(Math.min(1000, pace.everyMs));
    },
    sweep: () => {
      after = undefined;
      return guarded(Number.POSITIVE_INFINITY);
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await working?.catch(() => 0);
    },
  };
}
