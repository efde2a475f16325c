/** Opens the store: connected, migrated, ready. The same code on PGlite and Postgres from here on. */
import type { PGlite } from '@electric-sql/pglite';
import type { IdempotencyKeys, Ledger, Reader } from '../ledger.ts';
import { connectPGlite, connectPostgres } from './connect.ts';
import { createIdempotencyKeys } from './idempotency.ts';
import { createLedger } from './ledger.ts';
import { migrate } from './migrate.ts';
import { createReader } from './reader.ts';
import type { Db } from './tables.ts';

export interface StoreOptions {
  /** Postgres; without it PGlite in `dataDir`/pglite. */
  readonly databaseUrl?: string | undefined;
  readonly dataDir: string;
  /** Hours within which the same article is one capture. */
  readonly windowHours?: number;
  readonly now?: () => Date;
}

export interface Store {
  readonly ledger: Ledger;
  readonly reader: Reader;
  readonly idempotency: IdempotencyKeys;
  readonly db: Db;
  /** The embedded database, for the queue that shares it; null on Postgres. Transactions only through `transaction()`. */
  readonly pglite: PGlite | null;
  /** Closes PGlite too. */
  close(): Promise<void>;
}

const DEFAULT_WINDOW_HOURS = 24;

/** PGlite takes no lock of its own: whoever opens the embedded store holds the data directory's lock. */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { databaseUrl, dataDir, windowHours = DEFAULT_WINDOW_HOURS } = options;
  const now = options.now ?? (() => new Date());
  const connection = databaseUrl ? connectPostgres(databaseUrl) : await connectPGlite(dataDir);
  const { db } = connection;
  try {
    await migrate(db);
  } catch (thrown) {
    await connection.close();
    throw thrown;
  }
  return {
    ledger: createLedger({ db, now, windowHours }),
    reader: createReader(db),
    idempotency: createIdempotencyKeys(db, now),
    db,
    pglite: connection.pglite,
    close: () => connection.close(),
  };
}
