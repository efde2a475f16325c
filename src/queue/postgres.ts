/** The queue on Postgres: BullMQ's own backend, on a pool that is ours. */
import {
  type BackendFactory,
  type ConnectionOptions,
  createPostgresBackend,
  type Processor,
  Queue,
  type RedisQueueBackend,
  runMigrations,
  Worker,
} from 'bullmq';
import pg from 'pg';
import type { QueueBackend, WorkerChoice } from './backend.ts';
import { ADD_TIMEOUT_MS, jobSettings, workerSettings } from './settings.ts';

/** BullMQ's tables live in a schema of their own, away from the store's. */
export const QUEUE_SCHEMA = 'bullmq';

/** What BullMQ's Postgres backend uses of a `pg.Pool`; the embedded database has one of its own. */
export interface PoolLike {
  readonly options: { readonly keepAlive?: boolean | undefined };
  connect(): Promise<unknown>;
  query(text: string, params?: unknown[]): Promise<unknown>;
  end(): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  removeAllListeners(event?: string): unknown;
}

// The factory is the LAST argument of Queue and of Worker; one place off and BullMQ silently talks to Redis on
// localhost. So it is given here and nowhere else. The cast tells TypeScript nothing about Redis: with the backend's
// own type every Queue of the program would carry a second set of type parameters.
const factory = createPostgresBackend as unknown as BackendFactory<RedisQueueBackend>;

export function queueOn(pool: PoolLike, name: string): Queue {
  const connection = pool as unknown as ConnectionOptions;
  return new Queue(name, { connection, defaultJobOptions: jobSettings }, factory);
}

export function workerOn(
  pool: PoolLike,
  { name, handler }: { name: string; handler: Processor },
  { pace, ...choice }: WorkerChoice,
): Worker {
  const connection = pool as unknown as ConnectionOptions;
  const options = { connection, autorun: false, ...workerSettings(pace), ...choice };
  return new Worker(name, handler, options, factory);
}

export async function postgresBackend(
  url: string,
  onError: (error: Error) => void,
): Promise<QueueBackend> {
  const pool = new pg.Pool({
    connectionString: url,
    options: `-c search_path=${QUEUE_SCHEMA}`,
    max: 10,
    keepAlive: true,
    connectionTimeoutMillis: ADD_TIMEOUT_MS,
    application_name: 'embedkeep-queue',
  });
  pool.on('error', onError);
  // A connection that dies while it is lent out must not end the process either: its next query rejects.
  pool.on('connect', (client) => client.on('error', onError));
  await migrate(pool);
  const named = namingConnectionErrors(pool);
  return {
    kind: 'postgres',
    queue(name) {
      const queue = queueOn(named, name);
      queue.on('error', onError);
      return queue;
    },
    worker(name, handler, choice) {
      const worker = workerOn(named, { name, handler }, choice);
      worker.on('error', onError);
      return worker;
    },
    async ping() {
      await pool.query('select 1');
    },
    memory: () => Promise.resolve(null),
    release: () => Promise.resolve(0),
    close: () => pool.end(),
  };
}

/** A Worker on a schema that is not there spins so fast that neither timers nor signals run; so first this. */
async function migrate(pool: pg.Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await runMigrations(client, QUEUE_SCHEMA);
  } finally {
    client.release();
  }
}

/**
 * BullMQ repeats "job finished" only after errors it knows to be the connection's: ECONNREFUSED and
 * "Connection is closed." With any other, a job that succeeded is marked failed (19 of 400 when connections were
 * dropped). This gives every broken connection the name that it knows.
 */
function namingConnectionErrors(pool: pg.Pool): PoolLike {
  return {
    options: pool.options,
    connect: () => pool.connect(),
    query: (text, params) =>
      pool.query(text, params).catch((error: unknown) => {
        throw isBrokenConnection(error) ? closed(error) : error;
      }),
    end: () => pool.end(),
    on: (event, listener) => pool.on(event, listener),
    removeAllListeners: (event) => pool.removeAllListeners(event),
  };
}

const closed = (cause: unknown): Error => new Error('Connection is closed.', { cause });

/** SQLSTATE classes 08 (connection) and 57P (server going down), and the socket's own. */
const BROKEN_CODE = /^(08|57P|ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH)/;
const BROKEN_MESSAGE =
  /connection terminated|connection ended|timeout exceeded when trying to connect/i;

export function isBrokenConnection(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return BROKEN_CODE.test(code) || BROKEN_MESSAGE.test(error.message);
}
