/** The feeder of a process, from Config. */
import { createFeeder, type Feeder } from '../src/queue/feeder.ts';
import type { World } from './world.ts';

/** Jobs for each of a process's hands, so that none waits for the next look. */
const JOBS_A_HAND = 4;

export function feederOf(
  { config, store, outbox, log }: Pick<World, 'config' | 'store' | 'outbox' | 'log'>,
  onLost: () => void = () => {},
): Feeder {
  const window = Math.max(config.QUEUE_WINDOW, JOBS_A_HAND * config.CONCURRENCY);
  return createFeeder({ ledger: store.ledger, outbox, window, onLost, log });
}
