/** Preserved posts as Parquet: the columns of the CSV, a row per sighting, typed; a group of rows in memory at a time. */
import { type BasicType, ByteWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import { type Cell, EXPORT_SCHEMA, type ExportedPost, rowsOf } from './export-rows.ts';

export const PARQUET_TYPE = 'application/vnd.apache.parquet';

/** Some 10 MB of rows: large enough to compress and to be skipped by readers, small enough to hold. */
const ROWS_PER_GROUP = 5000;
/** Texts may be as long as pages. */
const CHARACTERS_PER_GROUP = 8_000_000;

/** The others are text. */
const TYPES: Readonly<Record<string, BasicType>> = {
  posted_instant: 'TIMESTAMP',
  first_seen_at: 'TIMESTAMP',
  last_seen_at: 'TIMESTAMP',
  captured_at: 'TIMESTAMP',
  removed_at: 'TIMESTAMP',
  confidence: 'DOUBLE',
  evidence_start: 'INT32',
  evidence_end: 'INT32',
};

export async function* parquetOf(posts: AsyncIterable<ExportedPost>): AsyncGenerator<Uint8Array> {
  const rows = rowsOf(posts);
  const names = (await rows.next()).value as readonly string[];
  const sink = new Drained();
  const writer = new ParquetWriter({
    writer: sink,
    schema: schemaFromColumnData({ columnData: columnsOf(names, []) }),
    kvMetadata: [{ key: 'embedkeep.schema', value: EXPORT_SCHEMA }],
    createdBy: 'embedkeep',
  });
  let group: (readonly Cell[])[] = [];
  let characters = 0;
  const write = async (): Promise<Uint8Array> => {
    await writer.write({ columnData: columnsOf(names, group), rowGroupSize: ROWS_PER_GROUP });
    group = [];
    characters = 0;
    return sink.drain();
  };
  for await (const row of rows) {
    group.push(row);
    for (const cell of row) if (typeof cell === 'string') characters += cell.length;
    if (group.length === ROWS_PER_GROUP || characters > CHARACTERS_PER_GROUP) yield await write();
  }
  if (group.length > 0) yield await write();
  await writer.finish();
  yield sink.drain();
}

function columnsOf(names: readonly string[], rows: readonly (readonly Cell[])[]) {
  return names.map((name, at) => {
    const type = TYPES[name] ?? 'STRING';
    const data = rows.map((row) => typed(row[at] ?? null, type));
    return { name, type, nullable: true, data };
  });
}

function typed(cell: Cell, type: BasicType): string | number | Date | null {
  if (cell === null || cell === undefined) return null;
  if (type === 'STRING') return String(cell);
  if (type !== 'TIMESTAMP') return Number(cell);
  const time = new Date(cell);
  return Number.isNaN(time.getTime()) ? null : time;
}

/** Gives up what it has gathered; the file's offsets go on. */
class Drained extends ByteWriter {
  drain(): Uint8Array {
    const bytes = this.getBytes().slice();
    this.index = 0;
    return bytes;
  }
}
