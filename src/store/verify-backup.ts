/**
 * `verify DIR` of a backup, without restoring it: the manifest, every file it names and no others, then chain, captures,
 * sightings and WARCs against each other, as the store would be that comes of it.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { type BackupManifest, digestOf, MANIFEST, manifestSchema, rendered } from './backup.ts';
import { journalView } from './backup-journal.ts';
import { tablesView } from './backup-tables.ts';
import { JOURNAL_FOLDER } from './journal.ts';
import { verifyArchive } from './verify.ts';
import { Inspection, plural, type Report } from './verify-report.ts';
import { openFile, windows } from './verify-source.ts';
import type { WarcFiles } from './verify-warcs.ts';

export const isBackup = (dir: string): boolean => existsSync(join(dir, MANIFEST));

export async function verifyBackup(dir: string): Promise<Report> {
  const inspection = new Inspection();
  let manifest: BackupManifest | null = null;
  await inspection.holdsUnlessDamaged(
    () =>
      `${plural(manifest?.files.length ?? 0, 'file')} of the backup of ${manifest?.madeAt}: all that the manifest names, no others, each with the digest it states.`,
    async () => {
      manifest = await readManifest(dir, inspection);
      if (manifest) await checkFiles(dir, manifest, inspection);
    },
  );
  // What is not as it was written is not worth reading: it could say anything.
  if (!manifest || inspection.damages > 0) return inspection.report(dir);
  return await verifyContent(dir, manifest, inspection);
}

async function readManifest(dir: string, inspection: Inspection): Promise<BackupManifest | null> {
  const text = await readFile(join(dir, MANIFEST), 'utf8');
  let manifest: BackupManifest;
  try {
    manifest = manifestSchema.parse(JSON.parse(text));
  } catch {
    inspection.damage('MANIFEST_MISMATCH', MANIFEST, 'does not say what it should');
    return null;
  }
  if (manifest.digest === undefined) {
    const what = 'has no digest of itself: an older embedkeep made it';
    inspection.note('UNCHECKED', MANIFEST, what);
  } else if (digestOf(manifest) !== manifest.digest || rendered(manifest) !== text) {
    inspection.damage('MANIFEST_MISMATCH', MANIFEST, 'does not match its own digest');
  }
  return manifest;
}

async function checkFiles(
  dir: string,
  { files }: BackupManifest,
  inspection: Inspection,
): Promise<void> {
  const named = new Set([MANIFEST]);
  for (const file of files) {
    const problem = named.has(file.path) ? 'is named twice in the manifest' : null;
    named.add(file.path);
    if (problem) inspection.damage('MANIFEST_MISMATCH', file.path, problem);
    else await checkFile(dir, file, inspection);
  }
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name).slice(dir.length + 1);
    if (entry.isDirectory() || named.has(path)) continue;
    inspection.damage('FILE_UNEXPECTED', path, 'is not in the manifest');
  }
}

async function checkFile(
  dir: string,
  { path, size, sha256 }: BackupManifest['files'][number],
  inspection: Inspection,
): Promise<void> {
  const file = resolve(dir, path);
  if (!file.startsWith(resolve(dir) + sep)) {
    inspection.damage('MANIFEST_MISMATCH', path, 'leads out of the backup');
    return;
  }
  const source = await openFile(file).catch(() => null);
  if (!source) {
    inspection.damage('FILE_MISSING', path, 'is in the manifest and not here');
    return;
  }
  try {
    const hash = createHash('sha256');
    for await (const window of windows(source)) hash.update(window);
    if (source.size !== size || hash.digest('hex') !== sha256) {
      inspection.damage('FILE_DAMAGED', path, 'does not match the digest in the manifest');
    }
  } finally {
    await source.close();
  }
}

async function verifyContent(
  dir: string,
  manifest: BackupManifest,
  inspection: Inspection,
): Promise<Report> {
  const isJournal = manifest.kind === 'journal';
  const journal = join(dir, JOURNAL_FOLDER);
  const store = isJournal ? await journalView(journal) : tablesView(dir);
  const checkpoint = { ...manifest.chain, where: 'the manifest' };
  const head = await store.head();
  if (head.links !== manifest.chain.links || head.hash !== manifest.chain.hash) {
    const what = `names link ${manifest.chain.links} as the last of the chain; the records end at link ${head.links}`;
    inspection.damage('CHAIN_BROKEN', MANIFEST, what);
  }
  return await verifyArchive({
    warcs: warcsOf(dir, manifest),
    store,
    checkpoints: [checkpoint],
    inspection,
    ...(isJournal && { journal }),
  });
}

const WARC = 'warc/';

function warcsOf(dir: string, { files }: BackupManifest): WarcFiles {
  const names = files.flatMap(({ path }) =>
    path.startsWith(WARC) ? [path.slice(WARC.length)] : [],
  );
  return {
    name: dir,
    async *list() {
      for (const name of names) yield await Promise.resolve({ name, isOpen: false });
    },
    async use(name, use) {
      if (!names.includes(name)) return null;
      const source = await openFile(join(dir, WARC, name), name);
      try {
        return await use(source);
      } finally {
        await source.close();
      }
    },
  };
}
