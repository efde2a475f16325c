/** A file of `embedkeep export` into a store: which kind it is, its first bytes say. */
import { open } from 'node:fs/promises';
import { EmbedkeepError } from '../../errors.ts';
import type { ImportAnswer } from '../../upkeep.ts';
import { importJsonl } from './jsonl.ts';
import { type ImportWorld, importWacz } from './wacz.ts';

export type { ImportWorld };

/** @throws EmbedkeepError NOT_FOUND, PAYLOAD_INVALID, IMPORT_REFUSED, CONFLICT, SCHEMA_NEWER */
export async function importFile(path: string, world: ImportWorld): Promise<ImportAnswer> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw new EmbedkeepError('NOT_FOUND', `There is nothing to read at ${path}.`, { cause });
  });
  const start = Buffer.alloc(4);
  try {
    await file.read(start, 0, start.length, 0);
  } finally {
    await file.close();
  }
  const text = start.toString('latin1');
  if (text.startsWith('PK')) return await importWacz(path, world);
  if (text.startsWith('{')) return await importJsonl(path, world);
  const what = text === 'PAR1' ? 'Parquet files' : 'Other files';
  throw new EmbedkeepError(
    'PAYLOAD_INVALID',
    `${path} is neither a WACZ nor JSON lines. ${what} are for reading and cannot be imported.`,
  );
}
