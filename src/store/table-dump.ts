/** Tables as JSON lines and back, for Postgres: one snapshot, a page of rows in memory at a time, rows exactly as they are. */
import { type Kysely, sql } from 'kysely';
import type { Db, Trx } from './tables.ts';

/** In the order in which rows may refer to one another, each with the column that numbers it. */
export const DUMPED = [
  ['articles', 'seq'],
  ['runs', 'seq'],
  ['captures', 'seq'],
  ['posts', 'id'],
  ['sightings', 'id'],
  ['post_versions', 'id'],
  ['holds', 'id'],
  ['chain_links', 'n'],
  ['events', 'seq'],
  ['chain_head', 'id'],
] as const;
type Dumped = (typeof DUMPED)[number];

const PAGE = 500;
const NUMBERED_BY_HAND = new Set(['chain_links', 'events', 'chain_head']);

/** All tables as of one moment; writers go on meanwhile. */
export function atOneMoment<T>(db: Db, use: (trx: Trx) => Promise<T>): Promise<T> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(use);
}

export async function* dumpTable(trx: Trx, [table, key]: Dumped): AsyncGenerator<string> {
  const from = sql.table(`embedkeep.${table}`);
  for (let above = -1; ; ) {
    const { rows } = await sql<{ n: number; line: string }>`
      select ${sql.ref(key)} as n, row_to_json(t)::text as line from ${from} t
      where ${sql.ref(key)} > ${above} order by ${sql.ref(key)} limit ${PAGE}`.execute(trx);
    for (const { line } of rows) yield `${line}\n`;
    const last = rows.at(-1);
    if (!last) return;
    above = last.n;
  }
}

export async function loadTable(
  trx: Trx,
  [table, key]: Dumped,
  lines: AsyncIterable<string>,
): Promise<void> {
  if (table === 'chain_head') await trx.deleteFrom('chain_head').execute();
  let batch: string[] = [];
  for await (const line of lines) {
    batch.push(line);
    if (batch.length < PAGE) continue;
    await insertLines(trx, table, batch);
    batch = [];
  }
  if (batch.length > 0) await insertLines(trx, table, batch);
  if (!NUMBERED_BY_HAND.has(table)) await continueNumbers(trx, table, key);
}

async function insertLines(trx: Trx, table: string, lines: readonly string[]): Promise<void> {
  const name = sql.table(`embedkeep.${table}`);
  await sql`
    insert into ${name} overriding system value
    select * from json_populate_recordset(null::${name}, ${`[${lines.join(',')}]`}::text::json)
  `.execute(trx);
}

/** The next row gets the next number. */
async function continueNumbers<T>(db: Kysely<T>, table: string, key: string): Promise<void> {
  await sql`
    select setval(pg_get_serial_sequence(${`embedkeep.${table}`}, ${key}),
      coalesce(max(${sql.ref(key)}), 0) + 1, false)
    from ${sql.table(`embedkeep.${table}`)}`.execute(db);
}
