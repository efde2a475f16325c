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

describe.each([20_100, 20_600, 21_000, 22_100, 22_400])(
  'a host that a backfill waits for, asked for more urgent things at %i ms',
  (from) => {
    /** The jobs after the fortieth come one after the other, while the row of the others is long. */
    const among = (count: number, rank: number) => {
      const isLate = (n: number): boolean => n >= 40;
      const seen = play({
        ...base(),
        ...{ jobs: 40 + count, workers: 60, fetchMs: () => 500 },
        comesAt: (n) => (isLate(n) ? from + 37 * (n - 40) : 0),
        rankOf: (n) => (isLate(n) ? rank : 100),
      });
      const starts = seen.startedAt.map((at, n) => ({ at, n })).filter(({ at }) => at > from);
      const row = starts.toSorted((a, b) => a.at - b.at);
      return { seen, places: row.flatMap(({ n }, place) => (isLate(n) ? [place] : [])) };
    };

    it.each([1, 3])('gives its next slots to %i of them, and idles no longer for it', (count) => {
      const urgent = among(count, 1);
      expect(urgent.places).toEqual([0, 1, 2].slice(0, count));
      // As it would be if nothing were urgent: in turn.
      const equal = among(count, 100);
      expect(equal.places[0]).toBeGreaterThan(3);
      expect(urgent.seen.endedAt).toBeLessThan(equal.seen.endedAt + 500);
    });
  },
);

describe.each([1, 2])(
  'a host of %i slots that urgent things come for faster than it takes them',
  (concurrency) => {
    const FROM = 20_100;
    const [backfill, urgent] = [60, 200];
    const { startedAt } = play({
      ...base(),
      ...{ concurrency, jobs: backfill + urgent, workers: 60, fetchMs: () => 500 },
      comesAt: (n) => (n < backfill ? 0 : FROM + (600 / concurrency) * (n - backfill)),
      rankOf: (n) => (n < backfill ? 100 : 1),
    });
    /** As long as urgent ones wait, in the order of their starts: whether it was one of the backfill. */
    const last = Math.max(...startedAt.slice(backfill));
    const row = startedAt
      .map((at, n) => ({ at, isOld: n < backfill }))
      .filter(({ at }) => at > FROM && at < last)
      .toSorted((a, b) => a.at - b.at)
      .map(({ isOld }) => isOld);

    it('gives about one slot in ten to what waits longer, and no more', () => {
      const old = row.filter(Boolean).length;
      expect(old).toBeGreaterThanOrEqual(Math.floor(row.length / 14));
      expect(old).toBeLessThanOrEqual(Math.ceil(row.length / 10));
      const turns = row.flatMap((isOld, place) => (isOld ? [place] : []));
      const gaps = turns.slice(1).map((place, i) => place - (turns[i] ?? 0));
      expect(Math.max(...gaps)).toBeLessThanOrEqual(20);
    });

    it('idles no longer for it', () => {
      const starts = startedAt.filter((at) => at > FROM && at < last).toSorted((a, b) => a - b);
      const whole = ((starts.at(-1) ?? 0) - (starts[0] ?? 0)) / (starts.length - 1);
      expect(whole).toBeLessThan(1.05 * 2480);
    });
  },
);

describe('a clock that ran ahead and is put right', () => {
  const order = { intervalMs: 2000, concurrency: 1, leaseMs: LEASE_MS, rank: 100 };
  const given = { intervalMs: 2000, outcome: 'ok', retryAfterMs: null, answeredAgoMs: 20 } as const;
  const HOUR = 3_600_000;

  it('silences no host, and keeps its distance', () => {
    const [asked] = take(freshHost, { ...order, slotId: 'a' }, HOUR);
    const after = give(asked, { ...given, slotId: 'a', heldMs: 100 }, HOUR + 100);
    const [, turn] = take(after, { ...order, slotId: 'b' }, 50);
    expect(turn).toEqual({ granted: false, waitMs: 1980, why: 'interval' });
  });

  it('frees the slot of a process that died, when its lease ends', () => {
    const [asked] = take(freshHost, { ...order, slotId: 'a' }, HOUR);
    const [busy, refused] = take(asked, { ...order, slotId: 'b' }, 0);
    expect(refused).toMatchObject({ granted: false, why: 'busy' });
    expect(take(busy, { ...order, slotId: 'b' }, LEASE_MS)[1]).toEqual({ granted: true });
  });
});
