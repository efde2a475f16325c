/** Many jobs for one host with fewer slots than workers, on a clock of its own: how often each is turned away. */
import { describe, expect, it } from 'vitest';
import { freshHost, give, type HostState, take } from '../../src/fetch/pace/host-state.ts';

interface Scene {
  readonly jobs: number;
  readonly workers: number;
  readonly intervalMs: number;
  readonly concurrency: number;
  /** How long the host takes for the n-th request. */
  readonly fetchMs: (n: number) => number;
  /** Of the n-th job; default 100, a backfill. */
  readonly rankOf?: (n: number) => number;
  /** When the n-th job comes; default at once. */
  readonly comesAt?: (n: number) => number;
}

interface Seen {
  readonly refusals: number;
  /** Of the last answer. */
  readonly endedAt: number;
  readonly startedAt: readonly number[];
  readonly mostAtOnce: number;
}

const LEASE_MS = 70_000;
/** Between a job's due time and its claim. */
const PICKUP_MS = 5;

interface Due {
  readonly at: number;
  readonly job: number;
  readonly ends: boolean;
}

/** Workers take whichever job is due; one that must wait goes back and holds no worker. */
function play(scene: Scene): Seen {
  const { intervalMs, concurrency } = scene;
  let state: HostState = freshHost;
  const due: Due[] = Array.from({ length: scene.jobs }, (_, job) => {
    return { at: scene.comesAt?.(job) ?? 0, job, ends: false };
  });
  const startedAt: number[] = [];
  let [refusals, running, mostAtOnce, endedAt, now] = [0, 0, 0, 0, 0];
  while (due.length > 0) {
    due.sort((a, b) => a.at - b.at || Number(b.ends) - Number(a.ends) || a.job - b.job);
    const free = running < scene.workers;
    const index = due.findIndex((each) => each.ends || free);
    const [next] = due.splice(index, 1);
    if (!next) break;
    now = Math.max(now, next.at);
    const slotId = `${next.job}`;
    if (next.ends) {
      running -= 1;
      const heldMs = now - (startedAt[next.job] ?? 0);
      const order = { slotId, intervalMs, heldMs, outcome: 'ok', retryAfterMs: null } as const;
      state = give(state, { ...order, answeredAgoMs: 20 }, now);
      endedAt = now;
      continue;
    }
    const rank = scene.rankOf?.(next.job) ?? 100;
    const order = { slotId, intervalMs, concurrency, leaseMs: LEASE_MS, rank };
    const [after, turn] = take(state, order, now);
    state = after;
    if (turn.granted) {
      running += 1;
      mostAtOnce = Math.max(mostAtOnce, running);
      startedAt[next.job] = now;
      due.push({ at: now + scene.fetchMs(next.job), job: next.job, ends: true });
    } else {
      refusals += 1;
      due.push({ at: now + turn.waitMs + PICKUP_MS, job: next.job, ends: false });
    }
  }
  return { refusals, endedAt, startedAt, mostAtOnce };
}

const SCENES: readonly (readonly [string, Scene])[] = [
  ['slower than its interval', { ...base(), fetchMs: () => 3000 }],
  ['of changing speed', { ...base(), fetchMs: (n) => 500 + ((n * 7919) % 40) * 100 }],
  ['slow once in a while', { ...base(), fetchMs: (n) => (n % 10 === 0 ? 20_000 : 400) }],
  ['fast, of two slots', { ...base(), concurrency: 2, intervalMs: 500, fetchMs: () => 1500 }],
  ['without an interval', { ...base(), intervalMs: 0, fetchMs: () => 800 }],
];

function base(): Omit<Scene, 'fetchMs'> {
  return { jobs: 80, workers: 8, intervalMs: 2000, concurrency: 1 };
}

describe.each(SCENES)('a host %s', (_, scene) => {
  const seen = play(scene);

  it('turns each job away a few times at most', () => {
    expect(seen.refusals / scene.jobs).toBeLessThan(5);
  });

  it('is neither asked faster than declared nor left idle', () => {
    const starts = seen.startedAt.toSorted((a, b) => a - b);
    const gaps = starts.slice(1).map((at, i) => at - (starts[i] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(scene.intervalMs);
    expect(seen.mostAtOnce).toBeLessThanOrEqual(scene.concurrency);
    const work = Array.from({ length: scene.jobs }, (_, n) => scene.fetchMs(n));
    const alone = work.reduce((sum, ms) => sum + ms + scene.intervalMs, 0) / scene.concurrency;
    expect(seen.endedAt).toBeLessThan(1.5 * alone);
  });
});

describe('a host that a backfill waits for', () => {
  /** Jobs `from` and on are urgent and come together, while the row of the others is long. */
  const among = (urgent: number, rankOf: (isUrgent: boolean) => number) => {
    const scene = { ...base(), jobs: 40 + urgent, workers: 60, fetchMs: () => 500 };
    const isUrgent = (n: number): boolean => n >= 40;
    const comesAt = (n: number): number => (isUrgent(n) ? 21_000 : 0);
    const seen = play({ ...scene, comesAt, rankOf: (n) => rankOf(isUrgent(n)) });
    const starts = seen.startedAt.map((at, n) => ({ at, n })).toSorted((a, b) => a.at - b.at);
    const later = starts.filter(({ at }) => at > 21_000);
    return { seen, places: later.flatMap(({ n }, place) => (isUrgent(n) ? [place] : [])) };
  };

  it('gives its next slots to what is more urgent, and idles no longer for it', () => {
    const { seen, places } = among(3, (isUrgent) => (isUrgent ? 1 : 100));
    expect(places).toEqual([0, 1, 2]);
    // As it was before anything was urgent: in turn.
    const equal = among(3, () => 100);
    expect(equal.places[0]).toBeGreaterThan(3);
    expect(seen.endedAt).toBeLessThan(1.1 * equal.seen.endedAt);
  });
});
