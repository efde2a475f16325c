/** What is to be imported against what is there: whether it fits at all, what is here already, what contradicts it. */
import { sql } from 'kysely';
import type { BodyPlace } from '../../capture.ts';
import { EmbedkeepError } from '../../errors.ts';
import type { Db } from '../tables.ts';
import { toJson } from '../well-formed.ts';
import { refuse } from './records.ts';
import type { ImportedRows, Row } from './rows.ts';

export interface CaptureKey {
  readonly id: string;
  readonly articleId: string;
  readonly fetchedAt: string;
  readonly sha256: string;
  readonly rawSha256: string;
}

/**
 * Captures that are here, with the places of their bytes.
 * @throws EmbedkeepError CONFLICT where the same id is something else here
 */
export async function knownCaptures(
  db: Db,
  captures: readonly CaptureKey[],
): Promise<Map<string, BodyPlace>> {
  const ids = captures.map(({ id }) => id);
  const rows = await db
    .selectFrom('captures')
    .select(['id', 'article_id', 'fetched_at', 'sha256', 'raw_sha256'])
    .select(['location', 'blob_offset as offset', 'blob_length as length'])
    .where('id', '=', sql<string>`any(${ids}::text[])`)
    .execute();
  const byId = new Map(captures.map((capture) => [capture.id, capture]));
  for (const row of rows) {
    const given = byId.get(row.id);
    const isSame =
      given?.articleId === row.article_id &&
      given.sha256 === row.sha256 &&
      given.rawSha256 === row.raw_sha256 &&
      Date.parse(given.fetchedAt) === Date.parse(row.fetched_at);
    if (!isSame) throw contradicts(`Capture ${row.id}`);
  }
  return new Map(
    rows.map(({ id, location, offset, length }) => [id, { location, offset, length }]),
  );
}

/** @throws EmbedkeepError CONFLICT where a run of this id ended otherwise here, or has not ended */
export async function checkRuns(db: Db, runs: readonly Row[]): Promise<void> {
  const ids = runs.map(({ id }) => String(id));
  const found = await db
    .selectFrom('runs')
    .select(['id', 'article_id', 'state', 'capture_id'])
    .where('id', '=', sql<string>`any(${ids}::text[])`)
    .execute();
  const byId = new Map(runs.map((run) => [run['id'], run]));
  for (const run of found) {
    const given = byId.get(run.id);
    const isSame =
      given?.['article_id'] === run.article_id &&
      given['state'] === run.state &&
      (given['capture_id'] ?? null) === run.capture_id;
    if (!isSame) throw contradicts(`Run ${run.id}`);
  }
}

/** Where its bytes lie, and since when they are gone, is each store's own. */
const OWN = ['location', 'blob_offset', 'blob_length', 'body_location', 'body_offset'].concat(
  'body_length',
  'erased_at',
);

/**
 * Of what an earlier export of the same store brought.
 * @throws EmbedkeepError CONFLICT where the file says more of it by now: seen again, read anew, taken down, expired
 */
export async function checkUnchanged(
  db: Db,
  rows: Pick<ImportedRows, 'captures' | 'posts'>,
): Promise<void> {
  for (const table of ['captures', 'posts'] as const) {
    const byColumns = Map.groupBy(rows[table], (row) => Object.keys(row).sort().join());
    for (const [names, given] of byColumns) {
      const compared = names.split(',').filter((name) => !OWN.includes(name));
      const of = (row: string) => sql`(select jsonb_object_agg(c.key, c.value)
        from jsonb_each(to_jsonb(${sql.raw(row)})) c where c.key = any(${compared}::text[]))`;
      const { rows: other } = await sql<{ id: unknown }>`
        select x.id from json_populate_recordset(
          null::${sql.id('embedkeep', table)}, ${toJson(given)}::text::json) x
        left join ${sql.id('embedkeep', table)} t on t.id = x.id
        where ${of('t')} is distinct from ${of('x')} limit 1`.execute(db);
      if (other[0]) throw new EmbedkeepError('CONFLICT', LATER, { detail: { table, ...other[0] } });
    }
  }
}
const LATER =
  'The file is a later export of what is here and says more of it by now; import it into an empty store.';

const contradicts = (what: string): EmbedkeepError =>
  new EmbedkeepError('CONFLICT', `${what} is here already and is not what the file says of it.`);

type Table = 'articles' | 'runs' | 'captures' | 'posts';

/** @throws EmbedkeepError SCHEMA_NEWER, IMPORT_REFUSED */
export async function checkShape(
  db: Db,
  rows: Pick<ImportedRows, Table>,
  columns: Columns,
): Promise<void> {
  for (const table of ['articles', 'runs', 'captures', 'posts'] as const) {
    const given = rows[table];
    if (given.length === 0) continue;
    const known = columns.get(table);
    const unknown = new Set(given.flatMap(Object.keys).filter((name) => !known?.has(name)));
    if (unknown.size > 0) {
      const detail = { table, unknown: [...unknown].slice(0, 10) };
      throw new EmbedkeepError('SCHEMA_NEWER', undefined, { detail });
    }
    for (const row of given) checkPresent(row, { table, known });
    try {
      await sql`select count(*) from json_populate_recordset(
        null::${sql.id('embedkeep', table)}, ${toJson(given)}::text::json)`.execute(db);
    } catch (cause) {
      if (!isDataError(cause)) throw cause;
      throw refuse(`${table}: ${(cause as Error).message}`, cause);
    }
  }
}

/** What must be known is, before anything is written. */
function checkPresent(
  row: Row,
  { table, known }: { table: Table; known: ReadonlyMap<string, Presence> | undefined },
): void {
  for (const [name, presence] of known ?? []) {
    const value = row[name];
    const isLacking = value === undefined ? presence === 'given' : value === null;
    if (presence !== 'optional' && isLacking)
      throw refuse(`${table}: ${row['id']} has no ${name}.`);
  }
}

/** Class 22 of SQLSTATE: the value is none of its type. */
const isDataError = (cause: unknown): boolean =>
  String((cause as { code?: unknown }).code ?? '').startsWith('22');

/** Of every table that is imported into. */
export async function columnsOf(db: Db): Promise<Columns> {
  const { rows } = await sql<{ table: string; name: string; presence: Presence }>`
    select table_name as table, column_name as name, case
      when is_nullable = 'YES' then 'optional'
      when column_default is null and is_identity = 'NO' then 'given' else 'never null' end as presence
    from information_schema.columns where table_schema = 'embedkeep'`.execute(db);
  const byTable = Map.groupBy(rows, (row) => row.table);
  return new Map(
    [...byTable].map(([table, all]) => [
      table,
      new Map(all.map(({ name, presence }) => [name, presence])),
    ]),
  );
}

/** `never null` may be left out: it has a value of its own. */
type Presence = 'optional' | 'never null' | 'given';
type Columns = ReadonlyMap<string, ReadonlyMap<string, Presence>>;
