/**
 * Tables as JSON lines and back, for Postgres: one snapshot, a page of rows in memory at a time, rows exactly as they are.
 * Which tables there are is asked of the database, so that one a migration adds is in the next backup.
 */
import { sql } from 'kysely';
import type { Db, Trx } from './tables.ts';

/** What belongs to the processes that run now, or to the schema. */
const LEFT_OUT = ['host_pace', 'shared_notes', 'idempotency_keys', 'schema_migrations'].concat(
  'schema_migrations_lock',
);
const PAGE = 500;

/** All tables as of one moment; writers go on meanwhile. */
export function atOneMoment<T>(db: Db, use: (trx: Trx) => Promise<T>): Promise<T> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(use);
}

/** In the order in which rows may refer to one another. */
export async function dumpedTables(trx: Trx): Promise<string[]> {
  const { rows } = await sql<{ name: string; needs: string[] }>`
    select t.relname as name, array(
        select distinct f.relname::text from pg_constraint c join pg_class f on f.oid = c.confrelid
        where c.conrelid = t.oid and c.contype = 'f' and f.oid <> t.oid
      ) as needs
    from pg_class t
    where t.relnamespace = 'embedkeep'::regnamespace and t.relkind = 'r'
      and t.relname <> all (${LEFT_OUT}::text[])
    order by t.relname`.execute(trx);
  const ordered: string[] = [];
  const place = (name: string): void => {
    const table = rows.find((row) => row.name === name);
    if (!table || ordered.includes(name)) return;
    for (const needed of table.needs) place(needed);
    ordered.push(name);
  };
  for (const { name } of rows) place(name);
  return ordered;
}

/** In the order of the table's numbers, or of its key. */
export async function* dumpTable(trx: Trx, table: string): AsyncGenerator<string> {
  const order = await orderOf(trx, table);
  const cursor = sql.id(`dump_${table}`);
  await sql`
    declare ${cursor} no scroll cursor for
    select row_to_json(t)::text as line from ${sql.id('embedkeep', table)} t order by ${order}`.execute(
    trx,
  );
  for (;;) {
    const { rows } = await sql<{ line: string }>`fetch ${sql.lit(PAGE)} from ${cursor}`.execute(
      trx,
    );
    for (const { line } of rows) yield `${line}\n`;
    if (rows.length < PAGE) break;
  }
  await sql`close ${cursor}`.execute(trx);
}

async function orderOf(trx: Trx, table: string) {
  const [numbered] = await numberedColumns(trx, table);
  if (numbered !== undefined) return sql.id(numbered);
  const { rows } = await sql<{ name: string }>`
    select a.attname as name from pg_index i
      join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
    where i.indrelid = ${`embedkeep.${table}`}::regclass and i.indisprimary
    order by array_position(i.indkey::int[], a.attnum::int)`.execute(trx);
  return sql.join(rows.length > 0 ? rows.map(({ name }) => sql.id(name)) : [sql`t.*::text`]);
}

/** Columns that the database numbers by itself. */
async function numberedColumns(trx: Trx, table: string): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select attname as name from pg_attribute
    where attrelid = ${`embedkeep.${table}`}::regclass and attidentity <> '' and not attisdropped
    order by attnum`.execute(trx);
  return rows.map(({ name }) => name);
}

/** What a migration put there goes: the dump has it. */
export async function emptyTables(trx: Trx, tables: readonly string[]): Promise<void> {
  for (const table of tables.toReversed()) {
    await sql`delete from ${sql.id('embedkeep', table)}`.execute(trx);
  }
}

export async function loadTable(
  trx: Trx,
  table: string,
  lines: AsyncIterable<string>,
): Promise<void> {
  let batch: string[] = [];
  for await (const line of lines) {
    batch.push(line);
    if (batch.length < PAGE) continue;
    await insertLines(trx, table, batch);
    batch = [];
  }
  if (batch.length > 0) await insertLines(trx, table, batch);
  for (const column of await numberedColumns(trx, table)) {
    await continueNumbers(trx, table, column);
  }
}

/** A column that is younger than the dump gets its default. */
async function insertLines(trx: Trx, table: string, lines: readonly string[]): Promise<void> {
  const [first = '{}'] = lines;
  const columns = sql.join(Object.keys(JSON.parse(first)).map((name) => sql.id(name)));
  const name = sql.id('embedkeep', table);
  await sql`
    insert into ${name} (${columns}) overriding system value
    select ${columns} from json_populate_recordset(null::${name}, ${`[${lines.join(',')}]`}::text::json)
  `.execute(trx);
}

/** The next row gets the next number. */
async function continueNumbers(trx: Trx, table: string, key: string): Promise<void> {
  await sql`
    select setval(pg_get_serial_sequence(${`embedkeep.${table}`}, ${key}),
      coalesce(max(${sql.ref(key)}), 0) + 1, false)
    from ${sql.id('embedkeep', table)}`.execute(trx);
}
