/**
 * A backup made while the store works: first the database's side of it (the journal up to now, or all tables of one moment),
 * then the WARCs, which hold more by then and never less. The manifest comes last: without it a backup is not one.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { z } from 'zod';
import { EmbedkeepError } from '../errors.ts';
import { repair } from './archive/recover.ts';
import { readChainHead } from './event-chain.ts';
import { atOneMoment, dumpedTables, dumpTable } from './table-dump.ts';
import type { StoreWorld } from './tables.ts';
import { openFile, windows } from './verify-source.ts';
import type { WarcFiles } from './verify-warcs.ts';

export const manifestSchema = z.object({
  format: z.literal('embedkeep-backup/1'),
  madeAt: z.iso.datetime(),
  /** `journal` of the embedded store, `tables` of Postgres. */
  kind: z.enum(['journal', 'tables']),
  chain: z.object({ links: z.int(), hash: z.string() }),
  files: z.array(z.object({ path: z.string(), size: z.int(), sha256: z.string() })),
  /** Of this manifest without it; absent in backups of older versions. */
  digest: z.string().optional(),
});
export type BackupManifest = z.infer<typeof manifestSchema>;
type BackupFile = BackupManifest['files'][number];

export const MANIFEST = 'manifest.json';
export const TABLES = 'tables/';

export interface BackupOptions {
  readonly world: StoreWorld;
  readonly warcs: WarcFiles;
  /** Made if missing; refused if anything is in it. */
  readonly dir: string;
}

export async function backup({ world, warcs, dir }: BackupOptions): Promise<BackupManifest> {
  await mkdir(dir, { recursive: true });
  if ((await readdir(dir)).length > 0) {
    throw new EmbedkeepError('CONFLICT', `${dir} is not empty; give a new directory.`);
  }
  const madeAt = world.now().toISOString();
  const records = world.journal
    ? await copyJournal(world.journal.checkpoint(), dir)
    : await copyTables(world, dir);
  const manifest: BackupManifest = {
    format: 'embedkeep-backup/1',
    madeAt,
    kind: world.journal ? 'journal' : 'tables',
    chain: records.chain,
    files: [...records.files, ...(await copyWarcs(warcs, dir))],
  };
  const path = join(dir, MANIFEST);
  const sealed = { ...manifest, digest: digestOf(manifest) };
  await writeFile(`${path}.part`, rendered(sealed), { flush: true });
  await rename(`${path}.part`, path);
  await syncFolder(dir);
  return manifest;
}

export function digestOf({ digest: _, ...manifest }: BackupManifest): string {
  return createHash('sha256').update(JSON.stringify(manifest)).digest('hex');
}
export const rendered = (manifest: BackupManifest): string =>
  `${JSON.stringify(manifest, null, 2)}\n`;

interface Records {
  readonly chain: BackupManifest['chain'];
  readonly files: BackupFile[];
}

async function copyJournal(
  checkpoint: ReturnType<NonNullable<StoreWorld['journal']>['checkpoint']>,
  dir: string,
): Promise<Records> {
  const files: BackupFile[] = [];
  for (const { name, length } of checkpoint.segments) {
    const source = await openFile(join(checkpoint.folder, name), name);
    try {
      const path = `journal/${name}`;
      files.push(await writeHashed(dir, path, firstBytes(windows(source), length)));
    } finally {
      await source.close();
    }
  }
  return { chain: { links: checkpoint.links, hash: checkpoint.hash }, files };
}

function copyTables({ db }: StoreWorld, dir: string): Promise<Records> {
  return atOneMoment(db, async (trx) => {
    const { links, hash } = await readChainHead(trx);
    const files: BackupFile[] = [];
    for (const table of await dumpedTables(trx)) {
      files.push(await writeHashed(dir, `${TABLES}${table}.jsonl`, dumpTable(trx, table)));
    }
    return { chain: { links, hash }, files };
  });
}

async function copyWarcs(warcs: WarcFiles, dir: string): Promise<BackupFile[]> {
  const files: BackupFile[] = [];
  for await (const { name, isOpen } of warcs.list()) {
    const path = `warc/${name}`;
    const copied = await warcs.use(name, (source) => writeHashed(dir, path, windows(source)));
    if (!copied) continue;
    // The one being written may have been caught in the middle of a record.
    const cut = isOpen ? (await repair(join(dir, 'warc'), name)).cut : 0;
    files.push(cut > 0 ? await hashed(dir, path) : copied);
  }
  return files;
}

/** Written, synced, and its digest taken on the way. */
export async function writeHashed(
  dir: string,
  path: string,
  pieces: AsyncIterable<Uint8Array | string>,
): Promise<BackupFile> {
  const file = join(dir, path);
  await mkdir(dirname(file), { recursive: true });
  const hash = createHash('sha256');
  let size = 0;
  const stream = createWriteStream(file, { flush: true, flags: 'wx' });
  const done = finished(stream);
  done.catch(() => {}); // seen below; until then it must not be called unhandled
  for await (const piece of pieces) {
    hash.update(piece);
    size += Buffer.byteLength(piece);
    if (!stream.write(piece)) await Promise.race([once(stream, 'drain'), done]);
  }
  stream.end();
  await done;
  await syncFolder(dirname(file));
  return { path, size, sha256: hash.digest('hex') };
}

async function hashed(dir: string, path: string): Promise<BackupFile> {
  const source = await openFile(join(dir, path), path);
  try {
    const hash = createHash('sha256');
    for await (const window of windows(source)) hash.update(window);
    return { path, size: source.size, sha256: hash.digest('hex') };
  } finally {
    await source.close();
  }
}

async function* firstBytes(
  pieces: AsyncIterable<Uint8Array>,
  length: number,
): AsyncGenerator<Uint8Array> {
  let left = length;
  for await (const piece of pieces) {
    if (left <= 0) return;
    yield piece.subarray(0, left);
    left -= piece.length;
  }
}

export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync();
  await handle.close();
}

/** @throws EmbedkeepError NOT_FOUND, EVIDENCE_DAMAGED */
export async function readManifest(dir: string): Promise<BackupManifest> {
  const text = await readFile(join(dir, MANIFEST), 'utf8').catch((cause: unknown) => {
    const said = `${dir} holds no ${MANIFEST}: it is no backup, or one that was not finished.`;
    throw new EmbedkeepError('NOT_FOUND', said, { cause });
  });
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw damaged(`${MANIFEST} is not readable.`, cause);
  }
}

export const damaged = (what: string, cause?: unknown): EmbedkeepError =>
  new EmbedkeepError('EVIDENCE_DAMAGED', what, { cause });
