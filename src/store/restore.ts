/**
 * A backup into an empty place: every file is checked against the manifest before the first is taken, and the chain's head
 * afterwards. What is there is never overwritten.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { EmbedkeepError } from '../errors.ts';
import { type BackupManifest, damaged, readManifest, TABLES, writeHashed } from './backup.ts';
import { PGLITE_FOLDER } from './connect.ts';
import { readChainHead } from './event-chain.ts';
import { JOURNAL_FOLDER } from './journal.ts';
import { openStore, type Store, type StoreOptions } from './open.ts';
import { dumpedTables, emptyTables, loadTable } from './table-dump.ts';
import type { Db } from './tables.ts';
import { linesIn } from './verify-source.ts';

export interface RestoreOptions extends StoreOptions {
  /** Directory of the backup. */
  readonly from: string;
  /** Takes a WARC under its name, durable when it resolves. */
  readonly putWarc: (name: string, pieces: AsyncIterable<Uint8Array>) => Promise<unknown>;
}

/** WARCs into a directory. */
export const intoDirectory =
  (dir: string): RestoreOptions['putWarc'] =>
  (name, pieces) =>
    writeHashed(dir, name, pieces);

/** Answers the open store. */
export async function restore(options: RestoreOptions): Promise<Store> {
  const { from, dataDir, databaseUrl, putWarc } = options;
  const manifest = await readManifest(from);
  for (const file of manifest.files) await check(from, file);
  if (manifest.kind === 'journal' && !databaseUrl) await placeJournal(manifest, { from, dataDir });
  else if (manifest.kind === 'journal' || !databaseUrl) throw otherKind(manifest);
  const store = await openStore(options);
  try {
    if (manifest.kind === 'tables') await loadTables(store.db, manifest, from);
    for (const { path } of manifest.files.filter((file) => file.path.startsWith(WARC))) {
      await putWarc(path.slice(WARC.length), createReadStream(join(from, path)));
    }
    const head = await readChainHead(store.db);
    if (head.links !== manifest.chain.links || head.hash !== manifest.chain.hash) {
      throw new EmbedkeepError(
        'EVIDENCE_DAMAGED',
        'The chain ends elsewhere than the backup says.',
      );
    }
    return store;
  } catch (thrown) {
    await store.close();
    throw thrown;
  }
}

const WARC = 'warc/';

async function check(from: string, file: BackupManifest['files'][number]): Promise<void> {
  const path = resolve(from, file.path);
  const isInside = path.startsWith(resolve(from) + sep);
  const hash = createHash('sha256');
  let size = 0;
  if (isInside) {
    try {
      for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) {
        hash.update(piece);
        size += piece.length;
      }
    } catch (cause) {
      throw damaged(`${file.path} is missing.`, cause);
    }
  }
  if (!isInside || size !== file.size || hash.digest('hex') !== file.sha256) {
    throw damaged(`${file.path} is not as the manifest states it.`);
  }
}

async function placeJournal(
  manifest: BackupManifest,
  { from, dataDir }: { from: string; dataDir: string },
): Promise<void> {
  await mkdir(dataDir, { recursive: true });
  const there = (await readdir(dataDir)).filter((name) =>
    [PGLITE_FOLDER, JOURNAL_FOLDER].includes(name),
  );
  if (there.length > 0) {
    throw new EmbedkeepError('CONFLICT', `${dataDir} holds a store already; give an empty one.`);
  }
  for (const { path } of manifest.files.filter((file) => file.path.startsWith('journal/'))) {
    await writeHashed(dataDir, path, createReadStream(join(from, path)));
  }
}

/** @throws EmbedkeepError CONFLICT, SCHEMA_NEWER */
async function loadTables(db: Db, { files }: BackupManifest, from: string): Promise<void> {
  const dumped = new Set(files.map(({ path }) => path).filter((path) => path.startsWith(TABLES)));
  await db.transaction().execute(async (trx) => {
    const { links } = await readChainHead(trx);
    const any = await trx.selectFrom('articles').select('id').limit(1).execute();
    if (links > 0 || any.length > 0) {
      throw new EmbedkeepError(
        'CONFLICT',
        'The database holds a store already; give an empty one.',
      );
    }
    const tables = await dumpedTables(trx);
    const unknown = [...dumped].filter((path) => !tables.some((name) => path === fileOf(name)));
    if (unknown.length > 0)
      throw new EmbedkeepError('SCHEMA_NEWER', undefined, { detail: { unknown } });
    // A backup by an older embedkeep has no file for a younger table.
    const loaded = tables.filter((name) => dumped.has(fileOf(name)));
    await emptyTables(trx, loaded);
    for (const table of loaded) {
      await loadTable(trx, table, linesIn(createReadStream(join(from, fileOf(table)))));
    }
  });
}

const fileOf = (table: string): string => `${TABLES}${table}.jsonl`;

const otherKind = ({ kind }: BackupManifest): EmbedkeepError =>
  new EmbedkeepError(
    'CONFLICT',
    kind === 'journal'
      ? 'This is a backup of an embedded store; restore it without DATABASE_URL.'
      : 'This is a backup of a store on Postgres; restore it with DATABASE_URL.',
  );
