/**
 * Keeps the queue's window full from the ledger's backlog. A million accepted URLs are rows, not jobs: the queue's memory
 * stays small, and a new order waits for a window of others at most, whatever was ordered before it.
 */
import type { Ledger, OfferedRun } from '../ledger.ts';
import type { Log } from './log.ts';
import type { Outbox } from './outbox.ts';

export interface FeederParts {
  readonly ledger: Pick<Ledger, 'offer'>;
  readonly outbox: Pick<Outbox, 'put' | 'jobless'>;
  /** Jobs ready to be taken, of each urgency. Large enough that no worker of any process waits for the next turn. */
  readonly window: number;
  /** Told that jobs of rows handed over could not be added: the reconciler will. */
  readonly onLost: () => void;
  readonly log: Log;
}

export interface Feeder {
  /** Rows that were accepted before the call have their turn when it resolves. */
  feed(): Promise<void>;
  /** A turn of a run has ended in this process: there may be room for the next. */
  ended(): void;
  /** Also looks by itself: other processes accept orders, and their workers make room. */
  start(): void;
  stop(): Promise<void>;
}

const LOOK_EVERY_MS = 1000;
/** A look costs a few queries: not after each run, but long before the window is empty. */
const LOOKS_A_WINDOW = 8;

export function createFeeder(parts: FeederParts): Feeder {
  const { ledger, outbox, window, onLost, log } = parts;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  let isMore = false;
  let ends = 0;
  let stopped = false;

  async function turn(): Promise<void> {
    ends = 0;
    const { runs, left } = await ledger.offer(window);
    isMore = left;
    if (runs.length === 0) return;
    try {
      await put(runs);
    } catch (err) {
      onLost();
      throw err;
    }
  }

  /** What waited without a job had one before: where it is still kept as finished it would swallow the new one. */
  async function put(runs: readonly OfferedRun[]): Promise<void> {
    const again = runs.filter((run) => run.again);
    if (again.length > 0) await outbox.jobless(again);
    await outbox.put(runs);
  }

  /** One at a time; who calls during one waits for the next, which sees what was committed meanwhile. */
  function feed(): Promise<void> {
    if (running) {
      next ??= running.catch(() => {}).then(begin);
      return next;
    }
    return begin();
  }

  function begin(): Promise<void> {
    next = undefined;
    const mine = turn().finally(() => {
      if (running === mine) running = undefined;
    });
    running = mine;
    return mine;
  }

  function look(): void {
    feed().catch((err: unknown) => log.warn({ err }, 'the queue could not be filled'));
  }

  return {
    feed,
    ended() {
      ends += 1;
      if (isMore && !stopped && ends >= window / LOOKS_A_WINDOW) look();
    },
    start() {
      look();
      timer = setInterval(look, LOOK_EVERY_MS);
      timer.unref();
    },
    async stop() {
      stopped = true;
      clearInterval(timer);
      await running?.catch(() => {});
    },
  };
}
