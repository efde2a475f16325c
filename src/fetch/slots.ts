/** Slots at hosts, handed out by the shared pace; the story's words for the store's. */
import { randomUUID } from 'node:crypto';
import { DEFAULT_PRIORITY } from '../article-job.ts';
import { PoliteWait, type Slot, type Wait } from '../ingest.ts';
import { outcomeOf } from './outcome.ts';
import { distance, distanceReason, type WaitReason } from './pace/host-state.ts';
import type { PaceStore } from './pace/pace-store.ts';

export interface SlotOptions {
  readonly store: PaceStore;
  /** HOST_INTERVAL_MS and HOST_CONCURRENCY. */
  readonly intervalMs: number;
  readonly concurrency: number;
  /** A slot whose process died is free again after this. Longer than any fetch. */
  readonly leaseMs?: number;
}

export interface Slots {
  /** `rank` is the run's priority; 1 the most urgent. */
  take(key: string, rank?: number): Promise<Slot | Wait>;
  /** @throws PoliteWait */
  takeOrThrow(key: string): Promise<Slot>;
  /** A further request in a slot one holds. @throws PoliteWait unless the host wants no distance at all. */
  passOrThrow(key: string): Promise<void>;
}

const LEASE_MS = 180_000;

const WORDS: Readonly<Record<WaitReason, string>> = {
  busy: 'is being asked already',
  interval: 'was asked just now',
  'crawl-delay': 'was asked just now and its robots.txt wants a longer delay',
  slowdown: 'asked for a slower pace lately',
  throttled: 'answered 429 or 503 and gets a rest',
  'retry-after': 'asked to be left alone (Retry-After)',
  urgent: 'is kept for something more urgent',
  turn: 'is kept for something less urgent, whose turn it is',
  down: 'failed repeatedly and is left alone for a while',
};

export const waitSentence = (key: string, why: WaitReason): string => `${key} ${WORDS[why]}`;

export function createSlots(options: SlotOptions): Slots {
  const { store, intervalMs, concurrency, leaseMs = LEASE_MS } = options;

  const waitFor = (key: string, ms: number, why: WaitReason): Wait => ({
    kind: 'wait',
    until: new Date(Date.now() + Math.ceil(ms)),
    reason: waitSentence(key, why),
  });

  const take = async (key: string, rank = DEFAULT_PRIORITY): Promise<Slot | Wait> => {
    const slotId = randomUUID();
    const takenAt = Date.now();
    const turn = await store.take(key, { slotId, intervalMs, concurrency, leaseMs, rank });
    if (!turn.granted) return waitFor(key, turn.waitMs, turn.why);
    return {
      kind: 'slot',
      release: ({ status, failure, answeredAt }) =>
        store.give(key, {
          slotId,
          intervalMs,
          ...outcomeOf(status, failure),
          answeredAgoMs: Math.max(0, Math.floor(Date.now() - (answeredAt ?? new Date()).getTime())),
          heldMs: Math.max(0, Date.now() - takenAt),
        }),
    };
  };

  return {
    take,
    takeOrThrow: async (key) => {
      const turn = await take(key);
      if (turn.kind === 'wait') throw new PoliteWait(turn);
      return turn;
    },
    passOrThrow: async (key) => {
      const { state } = await store.peek(key);
      const gap = distance(state, intervalMs);
      if (gap > 0) throw new PoliteWait(waitFor(key, gap, distanceReason(state, intervalMs)));
    },
  };
}
