/**
 * The damage matrix of a store's rows: every column of every table is changed in turn, and `verify` says so, or the column is
 * listed here with the reason why it proves nothing.
 */
import { type RawBuilder, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkOrders } from '../../src/article-url.ts';
import { createEraser } from '../../src/store/archive/erase.ts';
import { hold, release } from '../../src/store/holds.ts';
import { remove } from '../../src/store/remove.ts';
import type { Db } from '../../src/store/tables.ts';
import { type Made, make } from './verify-made.ts';

let made: Made;

/** With a hold that was lifted, a run that a plan ordered, and a post that was taken down. */
beforeAll(async () => {
  made = await make();
  const { store, url } = made;
  await hold({ kind: 'tag', target: 'case', reason: 'case 1' }, store.world);
  await release({ kind: 'tag', target: 'case' }, store.world);
  const planned = { url: 'https://news.example/planned', plan: 'every 1h for a day' };
  const [ordered] = await store.ledger.accept(checkOrders([planned]));
  const claim = await store.ledger.claim(ordered?.runId ?? '', new Date());
  if (!claim) throw new Error('not claimed');
  const failure = { code: 'GONE', message: 'gone', retry: false, detail: {} } as const;
  await store.ledger.fail(claim, failure);
  const hours = sql`starts_at = starts_at - interval '2 hours', next_at = next_at - interval '2 hours'`;
  await sql`update embedkeep.plans set ${hours}`.execute(store.db);
  expect((await store.plans.tick()).runs).toBe(1);
  const world = { ...store.world, erase: createEraser(url, store.world.now) };
  const target = { platform: 'x', postId: '1500000000000000003' };
  await remove({ target, reason: 'court order 7' }, world);
  expect(await made.damages()).toEqual([]);
});
afterAll(() => made.remove());

const CLOCKWORK = 'says when and by whom an open run is worked on, which changes without an event';
const SETTINGS = 'is a setting of the installation, no evidence, and in no export';
const DERIVED = 'is made of what posts show, for searching; a rebuild makes it anew';
const HOUSEKEEPING = 'says what a start of the program has still to do';
const PLACE = 'counts with its two neighbours only: tests/store/import.test.ts changes all three';

/** Column, or whole table, to why nothing holds it. */
const UNHELD: Readonly<Record<string, string>> = {
  'captures.erased_at': HOUSEKEEPING,
  'captures.body_location': PLACE,
  'captures.body_offset': PLACE,
  'captures.body_length': PLACE,
  host_pace: SETTINGS,
  idempotency_keys: SETTINGS,
  plans: SETTINGS,
  'posts.fingerprint': DERIVED,
  'posts.handles': DERIVED,
  'posts.search': DERIVED,
  'posts.author_search': DERIVED,
  'runs.waits': CLOCKWORK,
  'runs.due_at': CLOCKWORK,
  'runs.wait_reason': CLOCKWORK,
  'runs.token': CLOCKWORK,
  'runs.wake_at': CLOCKWORK,
  'runs.deaths': CLOCKWORK,
  schema_migrations_lock: HOUSEKEEPING,
  shared_notes: SETTINGS,
  webhook_deliveries: SETTINGS,
  webhook_endpoints: SETTINGS,
};

/** Something else than it was, of the column's own type. */
function other(column: string, type: string) {
  const name = sql.ref(column);
  if (type === 'text') return sql`coalesce(${name}, '') || 'x'`;
  if (type === 'boolean') return sql`not ${name}`;
  if (type === 'timestamp with time zone') {
    return sql`case when ${name} is null or ${name} = 'infinity' then now() else ${name} + interval '1 hour' end`;
  }
  if (type === 'ARRAY') return sql`array_append(${name}, 'x')`;
  if (type === 'json') return sql`'{"x":"y"}'::json`;
  if (type === 'tsvector') return sql`'x'::tsvector`;
  return sql`coalesce(${name}, 0) + 1`;
}

interface Column {
  readonly table: string;
  readonly column: string;
  readonly type: string;
}

async function columns(db: Db): Promise<Column[]> {
  const { rows } = await sql<Column>`
    select table_name as table, column_name as column, data_type as type from information_schema.columns
    where table_schema = 'embedkeep' order by table_name, ordinal_position`.execute(db);
  return rows;
}

const UNDONE = new Error('undone');

/** What `verify` says while one row says otherwise; null without rows. */
const damagesWith = ({ table, column, type }: Column): Promise<readonly string[] | null> =>
  damagesAfter(sql`
    update ${sql.id('embedkeep', table)} set ${sql.id(column)} = ${other(column, type)}
    where ctid = (select ctid from ${sql.id('embedkeep', table)}
      order by ${sql.id(column)} is null limit 1)`);

/** Undone afterwards. What the database itself does not take is no silent damage. */
async function damagesAfter(change: RawBuilder<unknown>): Promise<readonly string[] | null> {
  let damages: readonly string[] | null = null;
  const work = made.store.db.transaction().execute(async (trx) => {
    await sql`set local session_replication_role = replica`.execute(trx);
    const changed = await change.execute(trx).catch((error: unknown) => String(error));
    if (typeof changed === 'string') damages = [`refused: ${changed}`];
    else if ((changed.numAffectedRows ?? 0n) > 0n) damages = await made.damages(trx);
    throw UNDONE;
  });
  await work.catch((thrown: unknown) => {
    if (thrown !== UNDONE) throw thrown;
  });
  return damages;
}

describe('every column', () => {
  test('shows when it is changed, or is listed with the reason why it proves nothing', async () => {
    const silent = new Set<string>();
    for (const one of await columns(made.store.db)) {
      const damages = await damagesWith(one);
      const name = `${one.table}.${one.column}`;
      if (!damages?.length) silent.add(UNHELD[one.table] ? one.table : name);
    }
    expect([...silent]).toEqual(Object.keys(UNHELD));
  }, 120_000);

  test.each(['articles', 'captures', 'events', 'holds', 'post_versions', 'runs', 'sightings'])(
    'a row of %s that is missing shows',
    async (table) => {
      expect(
        await damagesAfter(sql`delete from ${sql.id('embedkeep', table)} where ctid =
        (select ctid from ${sql.id('embedkeep', table)} limit 1)`),
      ).not.toEqual([]);
    },
  );
});
