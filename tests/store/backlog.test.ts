/** Who is next: the backlog is handed to the queue by urgency, in turn over callers and hosts, and nothing starves. */
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { createOffer } from '../../src/store/backlog.ts';
import type { Db } from '../../src/store/tables.ts';
import { describeStores, HOUR, order, type TestStore } from './stores.ts';

const WINDOW = 10;

describeStores('the backlog', (current) => {
  const some = (count: number, name: string, extra: object = {}) =>
    Array.from({ length: count }, (_, n) => ({ url: `https://${name}.example/${n}`, ...extra }));
  const hostOf = (run: { url: string }) => new URL(run.url).hostname.split('.')[0] ?? '';

  /** Hands over, and ends all that was handed over: its room is free again. */
  async function turn(store: TestStore['store'], window = WINDOW): Promise<string[]> {
    const { runs } = await store.ledger.offer(window);
    await Promise.all(runs.map((run) => end(store, run.id)));
    return runs.map(hostOf);
  }
  async function end(store: TestStore['store'], id: string): Promise<void> {
    const claim = await store.ledger.claim(id, current().now());
    const failure = { code: 'GONE', message: 'gone', retry: false, detail: {} } as const;
    if (claim) await store.ledger.fail(claim, failure);
  }
  async function drain(store: TestStore['store']): Promise<string[]> {
    const hosts: string[] = [];
    for (;;) {
      const ended = await turn(store, 1000);
      if (ended.length === 0) return hosts;
      hosts.push(...ended);
    }
  }

  test('is handed over up to the window, each row once, and what is handed over is due', async () => {
    const { store, now } = current();
    await order(store, ...some(25, 'window'));
    const due = async () =>
      (await store.ledger.due({ now: now(), limit: 100, runningBefore: now() })).length;
    expect(await due()).toBe(0);
    const first = await store.ledger.offer(WINDOW);
    expect([first.runs.length, first.left]).toEqual([WINDOW, true]);
    expect(await store.ledger.offer(WINDOW)).toEqual({ runs: [], left: true });
    expect(await due()).toBe(WINDOW);
    await Promise.all(first.runs.map((run) => end(store, run.id)));
    expect(await turn(store, 100)).toHaveLength(15);
    expect(await store.ledger.offer(WINDOW)).toEqual({ runs: [], left: false });
    expect(await store.ledger.open(5)).toBe(0);
  });

  test('an urgent order passes a full window', async () => {
    const { store } = current();
    await order(store, ...some(30, 'old', { priority: 100 }));
    await store.ledger.offer(WINDOW);
    await order(store, ...some(5, 'breaking', { priority: 1 }));
    const { runs } = await store.ledger.offer(WINDOW);
    expect(runs.slice(0, 5).map(hostOf)).toEqual(Array(5).fill('breaking'));
    expect(runs.slice(0, 5).map((run) => run.priority)).toEqual([1, 1, 1, 1, 1]);
    // One in ten may be of the old ones, and then goes as urgent.
    expect(runs.length).toBeLessThanOrEqual(6);
    await drain(store);
    const { now } = current();
    const rest = await store.ledger.due({ now: now(), limit: 100, runningBefore: now() });
    await Promise.all(rest.map((run) => end(store, run.id)));
    await drain(store);
  });

  test('callers of one urgency have their turns, however much one of them ordered before', async () => {
    const { store } = current();
    await order(store, ...some(60, 'much', { caller: 'backfill' }));
    await order(store, ...some(8, 'little', { caller: 'newsroom' }));
    await order(store, ...some(8, 'few', { caller: 'desk' }));
    const first = await turn(store);
    for (const host of ['much', 'little', 'few']) {
      const share = first.filter((one) => one === host).length;
      expect([3, 4]).toContain(share);
    }
    const firstThree = [...first, ...(await turn(store)), ...(await turn(store))];
    expect(firstThree.filter((host) => host === 'little')).toHaveLength(8);
    expect(firstThree.filter((host) => host === 'few')).toHaveLength(8);
    expect(firstThree.filter((host) => host === 'much')).toHaveLength(14);
    expect(await drain(store)).toHaveLength(46);
  });

  test('what is not urgent has one turn in ten while urgent work never ends', async () => {
    const { store } = current();
    await order(store, ...some(40, 'patient', { priority: 100 }));
    const served: string[] = [];
    for (let round = 0; round < 6; round += 1) {
      await order(store, ...some(WINDOW, `flood-${round}`, { priority: 1 }));
      await order(store, ...some(WINDOW, `flood-more-${round}`, { priority: 1 }));
      served.push(...(await turn(store)));
    }
    const patient = served.filter((host) => host === 'patient').length;
    expect(patient).toBe(6);
    await drain(store);
  });

  test('a host whose pace is slow holds few of the places; other hosts go on', async () => {
    const { store, now } = current();
    await order(store, ...some(80, 'slow'), ...some(80, 'swift'));
    // Every order of the slow host is told to wait for its pace.
    const later = new Date(now().getTime() + HOUR);
    const swift: string[] = [];
    for (let round = 0; round < 12; round += 1) {
      for (const run of (await store.ledger.offer(WINDOW)).runs) {
        if (hostOf(run) === 'swift') {
          swift.push(run.id);
          await end(store, run.id);
          continue;
        }
        const claim = await store.ledger.claim(run.id, now());
        if (claim) await store.ledger.postpone(claim, later, 'slow.example was asked just now');
      }
    }
    expect(swift).toHaveLength(80);
    const slow = await store.reader.articles({
      host: 'slow.example',
      state: 'waiting',
      limit: 100,
    });
    expect(slow.items).toHaveLength(20);
  });

  test('two who fill the queue at once never hand over the same row', async () => {
    const { store } = current();
    await drain(store);
    await order(store, ...some(40, 'twice'));
    const offers = await Promise.all([1, 2, 3, 4].map(() => store.ledger.offer(40)));
    const ids = offers.flatMap(({ runs }) => runs.map((run) => run.id));
    expect(ids).toHaveLength(40);
    expect(new Set(ids).size).toBe(40);
    await Promise.all(ids.map((id) => end(store, id)));
  });

  test('a long wait is a row without a job, and goes back to the backlog when its time has come', async () => {
    const { store, now, pass } = current();
    // What the tests before left waiting for an hour.
    pass(2 * HOUR);
    await drain(store);
    await order(store, ...some(30, 'dead'), ...some(1, 'near'));
    const failure = { code: 'CONNECT_FAIL', message: 'refused', retry: true, detail: {} } as const;
    const waits = async (minutes: number) => {
      const places: string[] = [];
      for (const run of (await store.ledger.offer(100)).runs) {
        const claim = await store.ledger.claim(run.id, now());
        const until = new Date(now().getTime() + (hostOf(run) === 'near' ? 500 : minutes * 60_000));
        if (claim) places.push(await store.ledger.retryLater(claim, until, failure));
      }
      return places.toSorted();
    };
    expect(await waits(60)).toEqual([...Array(30).fill('ledger'), 'queue']);
    pass(1000);
    // The reconciler gives a job to what is due: of the long waits to none, neither before their time nor at it.
    const due = async () =>
      (await store.ledger.due({ now: now(), limit: 100, runningBefore: now() })).map(hostOf);
    expect(await due()).toEqual(['near']);
    expect((await store.ledger.offer(100)).runs).toEqual([]);
    const { items } = await store.reader.articles({ host: 'dead.example', limit: 100 });
    const waiting = items.map(({ run }) => run);
    expect(new Set(waiting.map((run) => [run.state, run.nextAt, run.attempts].join(' ')))).toEqual(
      new Set([`waiting ${new Date(now().getTime() + HOUR - 1000).toISOString()} 1`]),
    );
    pass(HOUR);
    expect(await due()).toEqual(['near']);
    // One is ready in the queue already: of the others, the window's rest.
    const first = (await store.ledger.offer(WINDOW)).runs;
    expect(first.map(hostOf)).toEqual(Array(WINDOW - 1).fill('dead'));
    expect(new Set(first.map((run) => run.again))).toEqual(new Set([true]));
    const claim = await store.ledger.claim(first[0]?.id ?? '', now());
    expect(claim?.run.attempts).toBe(2);
    await Promise.all(first.map((run) => end(store, run.id)));
    expect((await drain(store)).filter((host) => host === 'dead')).toHaveLength(30 - WINDOW + 1);
  });

  test('a long backlog stands before nobody: not before the more urgent, nor another caller', async () => {
    const { store, backend } = current();
    await drain(store);
    // Fewer on PGlite, where writing them alone takes seconds.
    await backfill(store, backend === 'postgres' ? 20_000 : 2000);
    const first = await store.ledger.offer(200);
    // What the tests before left ready counts.
    expect(first.left).toBe(true);
    expect(first.runs.length).toBeGreaterThan(180);
    expect(first.runs.length).toBeLessThanOrEqual(200);
    expect(new Set(first.runs.map((run) => run.url.split('/')[3])).size).toBeGreaterThan(100);
    await order(store, { url: 'https://desk.example/new', caller: 'desk' });
    const urgent = (await store.ledger.offer(200)).runs.map(hostOf);
    expect(urgent[0]).toBe('desk');
    // One in ten may be of the old ones.
    expect(urgent.length).toBeLessThanOrEqual(2);
    await Promise.all(first.runs.slice(0, 20).map((run) => end(store, run.id)));
    await order(store, ...some(5, 'other', { caller: 'other', priority: 100 }));
    const next = (await store.ledger.offer(200)).runs.map(hostOf);
    expect(next.slice(0, 10).filter((host) => host === 'other')).toHaveLength(5);
    // Whatever the planner makes of a table that was never analysed: the rows are behind an index, and stay there.
    const { now } = current();
    const look = (db: Db) => createOffer({ db, now, random: () => 0 })(200);
    const nn = await rowsReadBy(look, store.db);
    console.log('READ', backend, nn);
    expect(nn).toBeLessThan(1500);
  });
});

/** Accepted rows of one caller and 500 hosts, as a backfill leaves them. Long names make a tall index, which the planner avoids. */
async function backfill(store: TestStore['store'], rows: number): Promise<void> {
  await sql`
    insert into embedkeep.articles (id, url, host, accepted_at)
    select md5(n::text), 'https://backfill.example/' || n % 500 || '/' || n, 'backfill.example', now()
    from generate_series(1, ${rows}::integer) n`.execute(store.db);
  await sql`
    insert into embedkeep.runs (id, article_id, state, reason, priority, caller, host, tags, refs, attempts,
      due_at, accepted_at)
    select 'r' || md5(n::text), md5(n::text), 'accepted', 'first', 100, 'backfill',
      'h' || n % 500 || repeat('h', 200), '{}', '{}', 0,
      'infinity', now()
    from generate_series(1, ${rows}::integer) n`.execute(store.db);
}

/** Entries of the indices of runs that one connection reads meanwhile. */
function rowsReadBy(look: (db: Db) => Promise<unknown>, db: Db): Promise<number> {
  return db.connection().execute(async (one) => {
    const read = async (): Promise<number> => {
      // Those that this connection has told of, and those that it has not yet.
      const { rows } = await sql<{ count: number }>`
        select sum(pg_stat_get_tuples_returned(indexrelid) + pg_stat_get_xact_tuples_returned(indexrelid))::integer as count
        from pg_index where indrelid = 'embedkeep.runs'::regclass`.execute(one);
      return rows[0]?.count ?? 0;
    };
    const before = await read();
    await look(one);
    return (await read()) - before;
  });
}
