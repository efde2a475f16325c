/** Opens the store: connected, migrated, level with its journal. The same code on PGlite and Postgres from here on. */
import { join } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import { EmbedkeepError } from '../errors.ts';
import type { IdempotencyKeys, Ledger } from '../ledger.ts';
import type { PlanBook } from '../plan.ts';
import type { Reader } from '../reader.ts';
import { type Connection, connectPGlite, connectPostgres } from './connect.ts';
import { createIdempotencyKeys } from './idempotency.ts';
import { JOURNAL_FOLDER, type Journal, openJournal } from './journal.ts';
import { createLedger } from './ledger.ts';
import { migrate, newerMigrations } from './migrate.ts';
import { trustAgain, wasCutOff } from './open-mark.ts';
import { createPlanBook } from './plans.ts';
import { hasJournal, isBegun, putAside, type Replaced } from './put-aside.ts';
import { createReader } from './reader.ts';
import { replayJournal } from './replay.ts';
import { toStoreError, withStoreErrors } from './store-errors.ts';
import type { Db, StoreWorld } from './tables.ts';

export interface StoreOptions {
  /** Postgres; without it PGlite in `dataDir`/pglite, with a journal beside it. */
  readonly databaseUrl?: string | undefined;
  readonly dataDir: string;
  /** Hours within which the same article is one capture. */
  readonly windowHours?: number;
  readonly now?: () => Date;
  /** The embedded database cannot be opened or trusted, is set aside, and is made anew from the journal. */
  readonly onReplaced?: (replaced: Replaced) => void;
}

export interface Store {
  readonly ledger: Ledger;
  readonly reader: Reader;
  readonly idempotency: IdempotencyKeys;
  readonly plans: PlanBook;
  readonly db: Db;
  /** For reparse and the other functions that write. */
  readonly world: StoreWorld;
  /** The embedded database, for the queue that shares it; null on Postgres. Transactions only through `transaction()`. */
  readonly pglite: PGlite | null;
  /** Links that the database lacked and the journal gave back when it was opened. */
  readonly replayed: number;
  /** Names of what a newer embedkeep has done to the schema since it was opened. */
  newerMigrations(): Promise<string[]>;
  /** Closes PGlite too. */
  close(): Promise<void>;
}

const DEFAULT_WINDOW_HOURS = 24;
const NO_PLACE =
  'DATA_DIR: got nothing, accepted is a directory; without one DATABASE_URL is needed';

/**
 * PGlite takes no lock of its own: whoever opens the embedded store holds the data directory's lock.
 * @throws EmbedkeepError
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { databaseUrl, dataDir } = options;
  if (databaseUrl) return await levelled(connectPostgres(databaseUrl), options);
  // Else a caller whose DATABASE_URL is missing would get a store in whatever directory it was started in.
  if (dataDir === '') throw new EmbedkeepError('CONFIG_INVALID', NO_PLACE);
  const canRemake = await hasJournal(dataDir);
  // What opens after a power cut is not known to be whole; the journal is. An empty one has nothing to make it from.
  if ((await wasCutOff(dataDir)) && (await isBegun(dataDir)))
    return await remake(options, cutOff());
  let connection: Connection;
  try {
    connection = await connectPGlite(dataDir);
  } catch (cause) {
    // Files that were never synced, or a first start that was killed: the journal has all that was acknowledged.
    if (canRemake) return await remake(options, cause);
    throw toStoreError(cause);
  }
  return await levelled(connection, options);
}

async function levelled(connection: Connection, options: StoreOptions): Promise<Store> {
  let journal: Journal | null = null;
  try {
    await migrate(connection.db);
    if (connection.pglite) journal = await openJournal(join(options.dataDir, JOURNAL_FOLDER));
    const replayed = journal ? await replayJournal(connection.db, journal) : 0;
    return storeOf(connection, { journal, replayed, options });
  } catch (thrown) {
    await journal?.close();
    await connection.close();
    throw toStoreError(thrown);
  }
}

/**
 * The embedded database made anew from the journal alone; the old one is put aside, not deleted.
 * The WARCs stay as they are: the journal says where each capture lies. Unfinished runs go back to the queue by themselves.
 */
export function rebuildStore(options: StoreOptions): Promise<Store> {
  return remake(options, null);
}

const cutOff = (): Error =>
  new Error(
    'The machine went down while the database was open; what it had not synced may be gone.',
  );

async function remake(options: StoreOptions, cause: unknown): Promise<Store> {
  const { dataDir, now = () => new Date() } = options;
  const aside = await putAside(dataDir, now());
  try {
    if (cause !== null) options.onReplaced?.({ aside: aside.folder, cause });
    const store = await levelled(await connectPGlite(dataDir), options);
    await trustAgain(dataDir).catch(async (thrown: unknown) => {
      await store.close();
      throw thrown;
    });
    return store;
  } catch (thrown) {
    // A full disk, no memory, a damaged journal: then the next start finds things as this one did.
    await aside.putBack();
    throw toStoreError(thrown);
  }
}

function storeOf(
  { db, pglite, close }: Connection,
  given: { journal: Journal | null; replayed: number; options: StoreOptions },
): Store {
  const { journal, replayed, options } = given;
  const { now = () => new Date(), windowHours = DEFAULT_WINDOW_HOURS } = options;
  const world = { db, now, journal };
  return {
    ledger: withStoreErrors(createLedger({ ...world, windowHours })),
    reader: withStoreErrors(createReader(db)),
    idempotency: withStoreErrors(createIdempotencyKeys(db, now)),
    plans: withStoreErrors(createPlanBook(world)),
    db,
    world,
    pglite,
    replayed,
    newerMigrations: () => newerMigrations(db),
    close: async () => {
      try {
        await close();
      } finally {
        await journal?.close();
      }
    },
  };
}
