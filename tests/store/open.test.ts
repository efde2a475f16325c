/** Opening: migrated once, by whoever comes first; refused when the schema is newer; the same types on both backends. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore } from '../../src/store/index.ts';
import { describeWith, type Postgres, startPostgres } from '../support/services.ts';
import { describeStores, order } from './stores.ts';

test('a store without a place is refused, and leaves nothing where the process was started', async () => {
  await expect(openStore({ dataDir: '' })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  expect(['journal', 'pglite'].filter((name) => existsSync(name))).toEqual([]);
});

describeStores('an open store', (current) => {
  test('gives numbers, times and json the same way', async () => {
    const { rows } = await sql`select
      9007199254740991::bigint as big,
      '2026-01-31 13:00:00.123+01'::timestamptz(3) as at,
      '2026-01-31 00:00:00+05:30'::timestamptz(3) as half,
      '{"b":1,"a":[null]}'::json as doc,
      array['a,"b', '']::text[] as list,
      null::bigint as nothing`.execute(current().store.db);
    expect(rows).toEqual([
      {
        big: 9_007_199_254_740_991,
        at: '2026-01-31T12:00:00.123Z',
        half: '2026-01-30T18:30:00.000Z',
        doc: { b: 1, a: [null] },
        list: ['a,"b', ''],
        nothing: null,
      },
    ]);
  });

  test('works whatever the search path of the session is', async () => {
    await sql`create schema if not exists elsewhere`.execute(current().store.db);
    await current()
      .store.db.connection()
      .execute(async (connection) => {
        await sql`set search_path to elsewhere`.execute(connection);
        expect(await connection.selectFrom('chain_head').select('links').execute()).toHaveLength(1);
        await sql`reset search_path`.execute(connection);
      });
  });

  test('is refused once a newer embedkeep has written it', async () => {
    const { store, databaseUrl } = current();
    await sql`insert into embedkeep.schema_migrations (name, timestamp)
      values ('9999-from-the-future', 'now')`.execute(store.db);
    const newer = expect.objectContaining({
      code: 'SCHEMA_NEWER',
      detail: { unknown: ['9999-from-the-future'] },
    });
    if (databaseUrl) {
      await expect(openStore({ databaseUrl, dataDir: '' })).rejects.toEqual(newer);
    } else {
      const { migrate } = await import('../../src/store/migrate.ts');
      await expect(migrate(store.db)).rejects.toEqual(newer);
    }
  });
});

describe('on PGlite', () => {
  test('what was accepted is there after closing and opening again', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'embedkeep-open-'));
    const first = await openStore({ dataDir });
    const [answer] = await order(first, 'https://news.example/a');
    await first.close();
    const second = await openStore({ dataDir });
    expect(await second.reader.run(answer?.runId ?? '')).toMatchObject({ state: 'accepted' });
    await second.close();
    await rm(dataDir, { recursive: true });
  });
});

describeWith(['postgres'], 'several processes on one Postgres', () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());

  test('opened at once on an empty database, each finds the schema whole', async () => {
    const databaseUrl = await postgres.createDatabase();
    const open = () => openStore({ databaseUrl, dataDir: '' });
    const stores = await Promise.all([open(), open(), open(), open()]);
    for (const store of stores) {
      expect((await store.reader.counts()).accepted).toBe(0);
      await store.close();
    }
  });

  test('a migration whose number is lower than one that is there is made up for', async () => {
    const databaseUrl = await postgres.createDatabase();
    const first = await openStore({ databaseUrl, dataDir: '' });
    await sql`alter table embedkeep.posts drop column removed_names`.execute(first.db);
    await sql`drop index embedkeep.posts_removed`.execute(first.db);
    await sql`delete from embedkeep.schema_migrations where name = '0013-removed-names'`.execute(
      first.db,
    );
    await first.close();
    const second = await openStore({ databaseUrl, dataDir: '' });
    await sql`select removed_names from embedkeep.posts`.execute(second.db);
    await second.close();
  });

  test('fighting for the same runs, each run ends once and nothing is doubled', async () => {
    const databaseUrl = await postgres.createDatabase();
    const store = await openStore({ databaseUrl, dataDir: '' });
    const urls = Array.from({ length: 30 }, (_, n) => `https://race.example/${n}`);
    const answers = await order(store, ...urls);
    const runIds = answers.map((answer) => answer.runId ?? '');
    const script = join(import.meta.dirname, 'racing-worker.ts');
    const workers = [0, 1, 2].map((n) =>
      spawn(process.execPath, [script, databaseUrl, String(n), ...runIds], {
        stdio: ['ignore', 'pipe', 'inherit'],
      }),
    );
    const outputs = await Promise.all(
      workers.map(async (worker) => {
        const chunks: Buffer[] = [];
        worker.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
        const [code] = await once(worker, 'close');
        expect(code).toBe(0);
        return JSON.parse(Buffer.concat(chunks).toString()) as { finished: number };
      }),
    );
    expect((await store.reader.counts()).done).toBe(30);
    expect(outputs.reduce((sum, one) => sum + one.finished, 0)).toBe(30);
    const { rows } = await sql<{
      captures: number;
      sightings: number;
      posts: number;
      captured: number;
    }>`
      select (select count(*) from embedkeep.captures) as captures,
        (select count(*) from embedkeep.sightings) as sightings,
        (select count(*) from embedkeep.posts) as posts,
        (select count(*) from embedkeep.events where kind = 'captured') as captured`.execute(
      store.db,
    );
    expect(rows).toEqual([{ captures: 30, sightings: 120, posts: 4, captured: 30 }]);
    await store.close();
  });

  test('the same URLs ordered at once from many sides are one run each', async () => {
    const databaseUrl = await postgres.createDatabase();
    const open = () => openStore({ databaseUrl, dataDir: '' });
    const stores = await Promise.all([open(), open(), open()]);
    const urls = Array.from({ length: 40 }, (_, n) => `https://same.example/${n}`);
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, n) => {
        const store = stores[n % 3] ?? stores[0];
        if (!store) throw new Error('no store');
        return order(store, ...(n % 2 ? urls : urls.toReversed()));
      }),
    );
    const accepted = answers.flat().filter((answer) => answer.status === 'accepted');
    expect(accepted).toHaveLength(40);
    expect(new Set(answers.flat().map((answer) => answer.runId)).size).toBe(40);
    for (const store of stores) await store.close();
  });
});
