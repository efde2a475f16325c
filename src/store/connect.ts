/**
 * One connection to the store's database: PGlite in the data directory, or a pool to Postgres.
 * bigint comes back as number, times as RFC 3339 in UTC, json parsed: the same on both.
 */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { Kysely, PGliteDialect, PostgresDialect } from 'kysely';
import pg from 'pg';
import { markClosed, markOpen } from './open-mark.ts';
import type { Tables } from './tables.ts';

export interface Connection {
  readonly db: Kysely<Tables>;
  /** The raw instance of the embedded default, shared with the queue; null on Postgres. */
  readonly pglite: PGlite | null;
  close(): Promise<void>;
}

const INT8 = 20;
const JSON_TYPE = 114;
const JSONB = 3802;
const TIMESTAMPTZ = 1184;

const parsers: Record<number, (text: string) => unknown> = {
  [INT8]: Number,
  [JSON_TYPE]: (text) => JSON.parse(text),
  [JSONB]: (text) => JSON.parse(text),
  [TIMESTAMPTZ]: (text) => parseTime(text),
};

const SHORT_OFFSET = /[+-]\d\d$/;

/** `2026-01-31 12:00:00.5+00` as Postgres prints it. */
function parseTime(text: string): string {
  // Of a run in the backlog: due when it is handed to the queue.
  if (text === 'infinity') return text;
  const iso = text.replace(' ', 'T');
  return new Date(SHORT_OFFSET.test(iso) ? `${iso}:00` : iso).toISOString();
}

export const PGLITE_FOLDER = 'pglite';

export async function connectPGlite(dataDir: string): Promise<Connection> {
  const folder = join(dataDir, PGLITE_FOLDER);
  await mkdir(folder, { recursive: true });
  await markOpen(dataDir);
  // Ours is the lock of the data directory. Postgres refuses its own file if a kill left it empty.
  await rm(join(folder, 'postmaster.pid'), { force: true });
  const pglite = await PGlite.create({
    dataDir: folder,
    parsers,
    // The default of 128 MB buffers doubles the memory of a process whose whole store is smaller.
    startParams: [...PGlite.defaultStartParams, '-c', 'shared_buffers=8MB'],
  });
  const db = new Kysely<Tables>({ dialect: new PGliteDialect({ pglite }) }).withSchema('embedkeep');
  const close = async (): Promise<void> => {
    await db.destroy();
    await markClosed(dataDir, folder);
  };
  return { db, pglite, close };
}

export function connectPostgres(databaseUrl: string): Connection {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: 10,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    application_name: 'embedkeep',
    types: {
      getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
        parsers[oid] ?? pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
    },
  });
  // An idle connection that dies is replaced at the next query; without a listener it would end the process.
  pool.on('error', () => {});
  // Nor may one that dies in the hands of a transaction, between two queries: the next query rejects.
  pool.on('connect', (client) => client.on('error', () => {}));
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }).withSchema('embedkeep');
  return { db, pglite: null, close: () => db.destroy() };
}
