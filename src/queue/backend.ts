/** Where jobs live: Redis, Postgres, or the Postgres inside this process. Nothing else asks which. */
import type { Job, Processor, Queue, Worker } from 'bullmq';
import type { Pace } from './settings.ts';

export interface QueueBackend {
  readonly kind: 'redis' | 'postgres' | 'embedded';
  /** Producer's side: fails fast where the server is away. */
  queue(name: string): Queue;
  /** Does not run until `worker.run()`. */
  worker(name: string, handler: Processor, options: WorkerChoice): Worker;
  /** Rejects where the server does not answer now. */
  ping(): Promise<void>;
  /**
   * Puts jobs that a dead process held back at once. Only for a sole owner: it asks nobody.
   * Answers how many; 0 where others may be alive.
   */
  release(name: string): Promise<number>;
  /** Bytes used of the most there may be; null where the server sets no limit. */
  memory(): Promise<{ readonly used: number; readonly most: number } | null>;
  /** Closes what queues and workers do not own themselves. */
  close(): Promise<void>;
}

export interface WorkerChoice {
  readonly concurrency: number;
  readonly pace: Pace;
  readonly name?: string;
}

/** BullMQ's ids may be neither digits only nor hold a single colon. */
export const jobIdOf = (runId: string): string => {
  const safe = runId.replaceAll(':', '-');
  return DIGITS.test(safe) ? `r${safe}` : safe;
};
const DIGITS = /^\d+$/;

export type { Job };
