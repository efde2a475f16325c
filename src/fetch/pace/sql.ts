/** The pace of hosts in the store's database (PGlite or Postgres): a row a host, locked for one short transaction, on the database's clock. */
import { type Kysely, sql, type Transaction } from 'kysely';
import { freshHost, give, type HostState, take } from './host-state.ts';
import type { PaceStore } from './pace-store.ts';

/** One note in this many written sweeps up the expired ones. */
const SWEEP_EVERY = 100;

// biome-ignore lint/suspicious/noExplicitAny: whatever tables the handle knows, these two are named here
type AnyDb = Kysely<any>;

/** Tables by the store's migrations: embedkeep.host_pace and embedkeep.shared_notes. */
export function sqlPace(db: AnyDb): PaceStore {
  let written = 0;

  /** Reads the host's state under its row lock and writes what `change` makes of it. */
  const update = <T>(
    key: string,
    change: (state: HostState, now: number) => readonly [HostState, T],
  ): Promise<T> =>
    db.transaction().execute(async (trx) => {
      const { state, now } = await lock(trx, key);
      const [next, answer] = change(state, now);
      await sql`update embedkeep.host_pace set state = ${JSON.stringify(next)}::json, changed_at = now()
        where key = ${key}`.execute(trx);
      return answer;
    });

  return {
    take: (key, order) => update(key, (state, now) => take(state, order, now)),
    give: (key, order) => update(key, (state, now) => [give(state, order, now), undefined]),
    learnCrawlDelay: (key, crawlDelayMs) =>
      update(key, (state) => [{ ...state, crawlDelayMs: Math.round(crawlDelayMs) }, undefined]),
    peek: async (key) => {
      const { rows } = await sql<Row>`
        select (select state from embedkeep.host_pace where key = ${key}) as state, ${CLOCK} as now`.execute(
        db,
      );
      return read(rows[0]);
    },
    readNote: async (key) => {
      const { rows } = await sql<{ text: string }>`
        select text from embedkeep.shared_notes where key = ${key} and ends_at > now()`.execute(db);
      return rows[0]?.text ?? null;
    },
    writeNote: async (key, text, ttlMs) => {
      await sql`insert into embedkeep.shared_notes (key, text, ends_at)
        values (${key}, ${text}, now() + ${ttlMs}::float8 * interval '1 millisecond')
        on conflict (key) do update set text = excluded.text, ends_at = excluded.ends_at`.execute(
        db,
      );
      written += 1;
      if (written % SWEEP_EVERY !== 0) return;
      await sql`delete from embedkeep.shared_notes where ends_at <= now()`.execute(db);
    },
  };
}

interface Row {
  readonly state: HostState | string | null;
  readonly now: number;
}

const CLOCK = sql`floor(extract(epoch from clock_timestamp()) * 1000)::float8`;

/** The row comes into being and is locked in one statement, so two processes never both find it missing. */
async function lock(trx: Transaction<unknown>, key: string) {
  const { rows } = await sql<Row>`
    insert into embedkeep.host_pace (key, state) values (${key}, ${JSON.stringify(freshHost)}::json)
    on conflict (key) do update set key = excluded.key
    returning state, ${CLOCK} as now`.execute(trx);
  return read(rows[0]);
}

function read(row: Row | undefined): { state: HostState; now: number } {
  const state = typeof row?.state === 'string' ? JSON.parse(row.state) : row?.state;
  return { state: { ...freshHost, ...state }, now: row?.now ?? 0 };
}
