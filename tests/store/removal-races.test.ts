/** What two sessions of Postgres do at once to what is taken down: whoever comes second sees what the first did. */
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EmbedkeepError } from '../../src/errors.ts';
import { finishRemovals, hold, openStore, remove, type Store } from '../../src/store/index.ts';
import { describeWith, type Postgres, startPostgres } from '../support/services.ts';
import { extractionOf, keptOf, order, tweet } from './stores.ts';

describeWith(['postgres'], 'a takedown beside other writers', () => {
  let postgres: Postgres;
  let store: Store;
  let erased: string[] = [];
  beforeAll(async () => {
    postgres = await startPostgres();
    store = await openStore({ dataDir: '', databaseUrl: await postgres.createDatabase() });
  });
  afterAll(async () => {
    await store.close();
    await postgres.stop();
  });

  const world = () => ({
    ...store.world,
    erase: ({ location }: { location: string }) => {
      erased.push(location);
      return Promise.resolve();
    },
  });
  const keep = async (id: string): Promise<string> => {
    const url = `https://races.example/${id}`;
    const [answer] = await order(store, url);
    const claim = await store.ledger.claim(answer?.runId ?? '', new Date());
    if (!claim) throw new Error('not claimed');
    const { capture, stored } = keptOf(url, new Date().toISOString());
    const sha256 = id.padStart(64, '0');
    const kept = { capture, stored: { ...stored, sha256, rawSha256: sha256, location: id } };
    return (await store.ledger.finish(claim, kept, extractionOf([tweet({ id })]))).captureId;
  };

  /** Until a session waits for a lock, or `done` says that it did not. */
  const waits = (done: Promise<unknown>): Promise<boolean> => {
    let isDone = false;
    const ended = () => {
      isDone = true;
    };
    done.then(ended, ended);
    const isWaiting = async (): Promise<boolean> => {
      const { rows } = await sql`select from pg_stat_activity
        where wait_event_type = 'Lock' and datname = current_database()`.execute(store.db);
      return rows.length > 0;
    };
    return expect
      .poll(async () => isDone || (await isWaiting()), { timeout: 20_000 })
      .toBe(true)
      .then(() => !isDone);
  };
  const outcome = (work: Promise<unknown>): Promise<unknown> =>
    work.catch((thrown: EmbedkeepError) => thrown.code);

  test('takes what a run has just finished on the same post', async () => {
    const captureId = await keep('8001');
    const target = { platform: 'x', postId: '8001' };
    let removal = Promise.resolve<unknown>(null);
    await store.db.transaction().execute(async (trx) => {
      // As a run does that finds the post again: its row is locked, a capture and a sighting are new.
      await sql`select from embedkeep.posts where post_id = '8001' for no key update`.execute(trx);
      await sql`insert into embedkeep.runs overriding system value
        select (jsonb_populate_record(r, '{"id":"r-twin","seq":800000}')).* from embedkeep.runs r
        where capture_id = ${captureId}`.execute(trx);
      await sql`insert into embedkeep.captures overriding system value
        select (jsonb_populate_record(c, '{"id":"c-twin","seq":800000,"run_id":"r-twin"}')).* from embedkeep.captures c
        where id = ${captureId}`.execute(trx);
      await sql`insert into embedkeep.sightings overriding system value
        select (jsonb_populate_record(s, '{"capture_id":"c-twin","id":800000}')).*
        from embedkeep.sightings s where capture_id = ${captureId}`.execute(trx);
      removal = outcome(remove({ target, reason: 'r' }, world()));
      expect(await waits(removal)).toBe(true);
    });
    expect(await removal).toMatchObject({ captures: [captureId, 'c-twin'], sightings: 2 });
    const rows = await store.db.selectFrom('sightings').select('embed').execute();
    expect(rows.map(({ embed }) => embed.text)).toEqual([null, null]);
  });

  test('is refused by a hold that is being put on it just now', async () => {
    const captureId = await keep('8002');
    let removal = Promise.resolve<unknown>(null);
    await store.db.transaction().execute(async (trx) => {
      await sql`select pg_advisory_xact_lock(hashtext('embedkeep holds'))`.execute(trx);
      await sql`insert into embedkeep.holds (kind, target, reason, held_at)
        values ('capture', ${captureId}, 'case 3', now())`.execute(trx);
      removal = outcome(remove({ target: { captureId }, reason: 'r' }, world()));
      expect(await waits(removal)).toBe(true);
    });
    expect(await removal).toBe('LEGAL_HOLD');
  });

  test('that is being decided just now is waited for by a hold', async () => {
    const captureId = await keep('8004');
    const target = { kind: 'capture', target: captureId, reason: 'case 4' } as const;
    let held = Promise.resolve();
    await store.db.transaction().execute(async (trx) => {
      // As a removal does that has found no hold, until it commits.
      await sql`select pg_advisory_xact_lock(hashtext('embedkeep holds'))`.execute(trx);
      held = hold(target, store.world);
      expect(await waits(held)).toBe(true);
    });
    await held;
    expect(await outcome(remove({ target: { captureId }, reason: 'r' }, world()))).toBe(
      'LEGAL_HOLD',
    );
  });

  test('erases while nobody else does', async () => {
    const captureId = await keep('8003');
    await sql`update embedkeep.captures set removed_at = now() where id = ${captureId}`.execute(
      store.db,
    );
    erased = [];
    let finished = Promise.resolve<unknown>(null);
    await store.db.transaction().execute(async (trx) => {
      await sql`select pg_advisory_xact_lock(hashtext('embedkeep removals'))`.execute(trx);
      finished = outcome(finishRemovals(world()));
      expect(await waits(finished)).toBe(true);
      expect(erased).toEqual([]);
    });
    expect(await finished).toBe(1);
    expect(erased).toEqual(['8003']);
  });
});
