/** The queue inside the embedded Postgres: BullMQ's Postgres backend over the one session PGlite has. */
import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PGlite } from '@electric-sql/pglite';
import { type PgQueryable, runMigrations } from 'bullmq';
import type { QueueBackend } from './backend.ts';
import { QUEUE_SCHEMA, queueOn, workerOn } from './postgres.ts';

/** The database handle is the store's; it is lent, and closed by whoever opened it. */
export async function embeddedBackend(
  db: PGlite,
  onError: (error: Error) => void,
): Promise<QueueBackend> {
  const pool = new PglitePool(db);
  await runMigrations(pool.client as unknown as PgQueryable, QUEUE_SCHEMA);
  await findTables(db);
  return {
    kind: 'embedded',
    queue(name) {
      const queue = queueOn(pool, name);
      queue.on('error', onError);
      return queue;
    },
    worker(name, handler, choice) {
      const worker = workerOn(pool, { name, handler }, choice);
      worker.on('error', onError);
      return worker;
    },
    async ping() {
      await db.query('select 1');
    },
    memory: () => Promise.resolve(null),
    release: (name) => releaseActive(db, name),
    close: () => Promise.resolve(),
  };
}

/** BullMQ's commands name tables without a schema, so its schema must be on the session's path, after the store's. */
async function findTables(db: PGlite): Promise<void> {
  const { rows } = await db.query<{ path: string }>(
    "select current_setting('search_path') as path",
  );
  const path = rows[0]?.path ?? 'public';
  if (!path.split(COMMA).includes(QUEUE_SCHEMA)) {
    await db.exec(`set search_path to ${path}, ${QUEUE_SCHEMA}`);
  }
  const found = await db.query<{ name: string; schema: string | null }>(
    `select t.tablename as name, n.nspname as schema from pg_tables t
     left join pg_class c on c.oid = to_regclass(t.tablename) left join pg_namespace n on n.oid = c.relnamespace
     where t.schemaname = $1 and t.tablename <> 'migration'`,
    [QUEUE_SCHEMA],
  );
  const hidden = found.rows.filter((row) => row.schema !== QUEUE_SCHEMA);
  if (found.rows.length === 0 || hidden.length > 0) {
    const names = hidden.map((row) => row.name).join(', ') || 'all';
    throw new Error(`The queue's tables are hidden by the store's on the search path: ${names}`);
  }
}
const COMMA = /,\s*/;

/**
 * Whoever holds the data directory is alone, so an active job's worker is dead: no need to wait for its lock.
 * What BullMQ's stalled check would do two rounds after the lock ran out, at once.
 */
async function releaseActive(db: PGlite, queue: string): Promise<number> {
  const { affectedRows } = await db.query(
    `update ${QUEUE_SCHEMA}.job
     set state = 'waiting', lock_token = null, locked_until_ms = null, stalled_marked = false
     where queue = $1 and state = 'active'`,
    [queue],
  );
  return affectedRows ?? 0;
}

interface Result {
  readonly rows: unknown[];
  readonly rowCount: number;
}

/** LISTEN stands behind comment lines in BullMQ's SQL; missed, jobs would be found by polling only. */
const LISTEN = /^(?:\s*--[^\n]*\n)*\s*LISTEN\s+"?([^";\s]+)"?/i;

/**
 * BullMQ repeats what failed at once, and nothing here ever waits for a socket: on a full disk that loop of promises alone
 * kept timers and requests of the whole process from their turn.
 */
const FAILED_MS = 100;

class PgliteClient extends EventEmitter {
  readonly #db: PGlite;
  #unlisten: (() => Promise<void>)[] = [];

  constructor(db: PGlite) {
    super();
    this.#db = db;
  }

  async query(text: string, params?: unknown[]): Promise<Result> {
    try {
      return await this.#query(text, params);
    } catch (thrown) {
      await sleep(FAILED_MS);
      throw thrown;
    }
  }

  async #query(text: string, params?: unknown[]): Promise<Result> {
    const channel = LISTEN.exec(text)?.[1];
    if (channel) return this.#listen(channel);
    // Statements without parameters may be several (migrations), which only exec takes.
    const last = params?.length
      ? await this.#db.query(text, params)
      : (await this.#db.exec(text)).at(-1);
    const rows = last?.rows ?? [];
    return { rows, rowCount: last?.affectedRows ?? rows.length };
  }

  async #listen(channel: string): Promise<Result> {
    const unlisten = await this.#db.listen(channel, (payload) =>
      this.emit('notification', { channel, payload }),
    );
    this.#unlisten.push(unlisten);
    return { rows: [], rowCount: 0 };
  }

  release(): void {
    // The database may be closing already; then there is nothing left to unsubscribe from.
    for (const unlisten of this.#unlisten.splice(0)) unlisten().catch(() => {});
  }
}

/** One session serves all: PGlite queues queries itself and keeps a transaction's apart from the rest. */
class PglitePool extends EventEmitter {
  readonly client: PgliteClient;
  /** Read by BullMQ: there is no socket here that could silently die. */
  readonly options = { keepAlive: true };
  readonly #db: PGlite;

  constructor(db: PGlite) {
    super();
    this.#db = db;
    this.client = new PgliteClient(db);
  }

  connect(): Promise<PgliteClient> {
    return Promise.resolve(new PgliteClient(this.#db));
  }

  query(text: string, params?: unknown[]): Promise<Result> {
    return this.client.query(text, params);
  }

  end(): Promise<void> {
    return Promise.resolve();
  }
}
