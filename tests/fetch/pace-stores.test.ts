/** The three stores of host pace tell the same story; the Redis script is held against the TypeScript it mirrors. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  freshHost,
  give,
  type HostState,
  type Turn,
  take,
} from '../../src/fetch/pace/host-state.ts';
import { inProcessPace } from '../../src/fetch/pace/in-process.ts';
import type { PaceStore } from '../../src/fetch/pace/pace-store.ts';
import { type RedisPace, redisPace } from '../../src/fetch/pace/redis.ts';
import { sqlPace } from '../../src/fetch/pace/sql.ts';
import { openStore, type Store } from '../../src/store/index.ts';
import { preparePGlite } from '../support/pglite-template.ts';
import { describeWith, type Server, startPostgres, startRedis } from '../support/services.ts';

type Step =
  | {
      readonly do: 'take';
      readonly slot: number;
      readonly intervalMs: number;
      readonly many: number;
      readonly rank: number;
    }
  | {
      readonly do: 'give';
      readonly slot: number;
      readonly intervalMs: number;
      readonly outcome: 'ok' | 'throttled' | 'down' | 'neutral';
      readonly retryAfterMs: number | null;
      readonly ago: number;
      readonly heldMs: number;
    }
  | { readonly do: 'learn'; readonly delayMs: number }
  | { readonly do: 'pass'; readonly ms: number };

const intervalMs = fc.constantFrom(0, 100, 2000);
const slot = fc.integer({ min: 1, max: 4 });
const OUTCOMES = ['ok', 'throttled', 'down', 'neutral'] as const;
/** A host that mostly ends in one way, so that rare states (an open circuit, a long slowdown) are reached. */
const stepAt = (usual: (typeof OUTCOMES)[number]): fc.Arbitrary<Step> =>
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('take' as const),
        slot,
        intervalMs,
        many: fc.constantFrom(1, 2, 5),
        rank: fc.constantFrom(1, 10, 10, 100),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('give' as const),
        slot,
        intervalMs,
        outcome: fc.oneof(
          { weight: 9, arbitrary: fc.constant(usual) },
          { weight: 1, arbitrary: fc.constantFrom(...OUTCOMES) },
        ),
        retryAfterMs: fc.option(fc.integer({ min: 1000, max: 100_000 })),
        ago: fc.integer({ min: 0, max: 3000 }),
        heldMs: fc.integer({ min: 0, max: 9000 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('learn' as const),
        delayMs: fc.constantFrom(0, 500, 10_000),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('pass' as const),
        ms: fc.oneof(
          fc.integer({ min: 1, max: 3000 }),
          fc.integer({ min: 1, max: 4_000_000 }),
          // A clock that is put back.
          fc.integer({ min: -4_000_000, max: -1 }),
        ),
      }),
    },
  );
const history: fc.Arbitrary<Step[]> = fc.oneof(
  ...OUTCOMES.map((usual) =>
    fc.array(stepAt(usual), { minLength: 20, maxLength: 80, size: 'max' }),
  ),
);
const LEASE_MS = 5000;

/** Both are given the same steps at the same times. */
async function compare(
  { store, clock, key }: { store: PaceStore; clock: { now: number }; key: string },
  steps: readonly Step[],
): Promise<Turn[]> {
  const turns: Turn[] = [];
  let state: HostState = freshHost;
  for (const s of steps) {
    if (s.do === 'pass') clock.now += s.ms;
    else if (s.do === 'learn') {
      await store.learnCrawlDelay(key, s.delayMs);
      state = { ...state, crawlDelayMs: s.delayMs };
    } else if (s.do === 'take') {
      const order = {
        slotId: `s${s.slot}`,
        intervalMs: s.intervalMs,
        concurrency: s.many,
        leaseMs: LEASE_MS,
        rank: s.rank,
      };
      const [next, turn] = take(state, order, clock.now);
      state = next;
      expect(await store.take(key, order)).toEqual(turn);
      turns.push(turn);
    } else {
      const { slot: n, ago: answeredAgoMs, do: _do, ...rest } = s;
      const order = { ...rest, slotId: `s${n}`, answeredAgoMs };
      state = give(state, order, clock.now);
      await store.give(key, order);
    }
  }
  const { state: seen } = await store.peek(key);
  const live = (slots: HostState['slots']) =>
    Object.fromEntries(Object.entries(slots).filter(([, end]) => end > clock.now));
  expect({ ...seen, slots: live(seen.slots) }).toEqual({ ...state, slots: live(state.slots) });
  return turns;
}

/** Urgent ones ask as often as the one slot comes free, and others wait: what a random history hardly ever reaches. */
const outpaced = Array.from({ length: 40 }, (_, n): Step[] => {
  const ask = (slot: number, rank: number): Step => {
    return { do: 'take', slot, intervalMs: 2000, many: 1, rank };
  };
  const end = (slot: number): Step => {
    return {
      do: 'give',
      slot,
      intervalMs: 2000,
      outcome: 'ok',
      retryAfterMs: null,
      ago: 20,
      heldMs: 300,
    };
  };
  const free = [ask(4, 100), ask(1, 1)];
  const pass = (ms: number): Step => ({ do: 'pass', ms });
  const asks = [...(n % 3 === 0 ? free : free.toReversed()), ask(2, 1), ask(3, 100)];
  return [...asks, pass(300), end(4), end(1), pass(2000), ...(n % 4 === 0 ? [ask(3, 100)] : [])];
}).flat();

const contract = (open: () => PaceStore) => {
  const order = { intervalMs: 60_000, concurrency: 1, leaseMs: 60_000, rank: 10 };

  it('grants one of many who ask at once, and tells each of the others another time', async () => {
    const store = open();
    const turns = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        store.take('many.example', { ...order, slotId: `${i}` }),
      ),
    );
    expect(turns.filter((turn) => turn.granted)).toHaveLength(1);
    const times = turns.flatMap((turn) => (turn.granted ? [] : [Math.round(turn.waitMs / 1000)]));
    // Ten fit into the horizon of ten minutes, then the row begins anew.
    expect(new Set(times).size).toBeGreaterThanOrEqual(9);
  });

  it('frees the slot of a process that died when its lease ends', async () => {
    const store = open();
    const quick = { intervalMs: 0, concurrency: 1, leaseMs: 150, rank: 10 };
    expect(await store.take('dead.example', { ...quick, slotId: 'a' })).toEqual({ granted: true });
    expect(await store.take('dead.example', { ...quick, slotId: 'b' })).toMatchObject({
      granted: false,
      why: 'busy',
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await store.take('dead.example', { ...quick, slotId: 'b' })).toEqual({ granted: true });
  });

  it('keeps notes for as long as they hold', async () => {
    const store = open();
    await store.writeNote('robots:x', 'Disallow: /ä "\\u0000', 60_000);
    expect(await store.readNote('robots:x')).toBe('Disallow: /ä "\\u0000');
    await store.writeNote('robots:x', 'second', 50);
    expect(await store.readNote('robots:x')).toBe('second');
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(await store.readNote('robots:x')).toBeNull();
  });
};

describe('in one process', () => {
  contract(() => inProcessPace());
});

describe('in the embedded database', () => {
  let dir: string;
  let store: Store;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'embedkeep-pace-'));
    await preparePGlite(dir);
    store = await openStore({ dataDir: dir });
  });
  afterAll(async () => {
    await store.close();
    await rm(dir, { recursive: true });
  });
  contract(() => sqlPace(store.db));
});

describeWith(['postgres'], 'in Postgres', () => {
  let stop: () => Promise<void>;
  const stores: Store[] = [];
  beforeAll(async () => {
    const postgres = await startPostgres();
    stop = () => postgres.stop();
    const databaseUrl = await postgres.createDatabase();
    for (const _ of [1, 2]) stores.push(await openStore({ databaseUrl, dataDir: tmpdir() }));
  });
  afterAll(async () => {
    for (const store of stores) await store.close();
    await stop();
  });
  const [first, second] = [
    () => sqlPace(stores[0]?.db as never),
    () => sqlPace(stores[1]?.db as never),
  ];
  contract(() => first());

  it('two connections never both get the slot', async () => {
    const order = { intervalMs: 60_000, concurrency: 1, leaseMs: 60_000, rank: 10 };
    for (let round = 0; round < 20; round += 1) {
      const key = `race${round}.example`;
      const turns = await Promise.all(
        [first(), second()].flatMap((store, i) =>
          [1, 2].map((n) => store.take(key, { ...order, slotId: `${i}${n}` })),
        ),
      );
      expect(turns.filter((turn) => turn.granted)).toHaveLength(1);
    }
  });
});

describeWith(['redis'], 'on Redis', () => {
  let server: Server;
  let shared: RedisPace;
  const clock = { now: 1_800_000_000_000 };
  let timed: RedisPace;
  beforeAll(async () => {
    server = await startRedis();
    shared = redisPace({ url: server.url });
    timed = redisPace({ url: server.url, prefix: 'timed:', clock: () => clock.now });
  });
  afterAll(async () => {
    await shared.close();
    await timed.close();
    await server.stop();
  });
  contract(() => shared);

  it('the script decides as host-state.ts does, whatever happens in whatever order', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        run += 1;
        await compare({ store: timed, clock, key: `host${run}.example` }, steps);
      }),
      { numRuns: 400 },
    );
  });

  it('and where less urgent ones have their turn', async () => {
    const turns = await compare({ store: timed, clock, key: 'outpaced.example' }, outpaced);
    const whys = new Set(turns.map((turn) => (turn.granted ? 'granted' : turn.why)));
    expect(whys).toEqual(new Set(['granted', 'busy', 'urgent', 'turn']));
  });
});
