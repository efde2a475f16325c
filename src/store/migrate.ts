/** Brings the schema up to date, or refuses a store that a newer embedkeep has written. */
import { type Kysely, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { EmbedkeepError } from '../errors.ts';
import { migrations } from './migrations/index.ts';

const TABLE = 'schema_migrations';
const TRIES = 5;
/** Two processes creating the same schema at once: unique_violation, duplicate_schema, duplicate_table. */
const LOST_RACE = new Set(['23505', '42P06', '42P07']);

/** @throws EmbedkeepError SCHEMA_NEWER */
export async function migrate<T>(db: Kysely<T>): Promise<void> {
  const applied = await appliedMigrations(db);
  const unknown = applied.filter(isUnknown);
  if (unknown.length > 0) {
    throw new EmbedkeepError('SCHEMA_NEWER', undefined, { detail: { unknown } });
  }
  if (applied.length === Object.keys(migrations).length) return;
  await runMigrations(db, TRIES);
}

/** What only a newer embedkeep knows. */
export async function newerMigrations<T>(db: Kysely<T>): Promise<string[]> {
  return (await appliedMigrations(db)).filter(isUnknown);
}

const isUnknown = (name: string): boolean => !(name in migrations);

async function appliedMigrations<T>(db: Kysely<T>): Promise<string[]> {
  const table = await sql<{ there: boolean }>`
    select to_regclass(${`embedkeep.${TABLE}`}::text) is not null as there`.execute(db);
  if (!table.rows[0]?.there) return [];
  const { rows } = await sql<{ name: string }>`
    select name from embedkeep.schema_migrations order by name`.execute(db);
  return rows.map((row) => row.name);
}

async function runMigrations<T>(db: Kysely<T>, tries: number): Promise<void> {
  const { error } = await new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve({ ...migrations }) },
    migrationTableSchema: 'embedkeep',
    migrationTableName: TABLE,
    migrationLockTableName: `${TABLE}_lock`,
    // Each stands for itself: one with a lower number may come later than one that a store has already.
    allowUnorderedMigrations: true,
  }).migrateToLatest();
  if (error === undefined) return;
  if (tries > 1 && LOST_RACE.has(String((error as { code?: unknown }).code))) {
    await runMigrations(db, tries - 1);
    return;
  }
  throw error instanceof Error ? error : new Error('The migration failed.', { cause: error });
}
