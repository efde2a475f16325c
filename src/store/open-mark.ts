/**
 * PGlite never syncs its files. While the database is open, a synced mark beside it says under which boot of the machine; it
 * goes when the database is closed and its files are synced. A mark of another boot means that the machine went down in
 * between: what had not reached the disk is gone, and a database that opens all the same may lack rows, or hold half of them.
 */
import { open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { bootId } from '../process-identity.ts';
import { syncDir } from './archive/warc-file.ts';

const MARK = 'pglite.open';
/** Where the system does not tell its boot, nothing can be concluded. */
const UNKNOWN = 'unknown';

const markOf = (dataDir: string): string => join(dataDir, MARK);
const here = (): string => bootId() ?? UNKNOWN;

/** Whether the machine went down while the database was open. */
export async function wasCutOff(dataDir: string): Promise<boolean> {
  const mark = await readMark(dataDir);
  const known = [mark, here()].every((boot) => boot !== null && boot !== UNKNOWN);
  return known && mark !== here();
}

/** Before the first write. A mark that is there stays: what it speaks of is not synced yet. */
export async function markOpen(dataDir: string): Promise<void> {
  if ((await readMark(dataDir)) === null) await putMark(dataDir);
}

/** The database was made anew: from here on it is of this boot. */
export async function trustAgain(dataDir: string): Promise<void> {
  if (await wasCutOff(dataDir)) await putMark(dataDir);
}

/** After the last write. What changed since the mark was made reaches the disk, and the mark goes. */
export async function markClosed(dataDir: string, folder: string): Promise<void> {
  if ((await readMark(dataDir)) !== here()) return;
  const { mtimeMs } = await stat(markOf(dataDir));
  const entries = await readdir(folder, { recursive: true });
  await Promise.all(['.', ...entries].map((entry) => syncChanged(join(folder, entry), mtimeMs)));
  await rm(markOf(dataDir), { force: true });
}

async function syncChanged(path: string, since: number): Promise<void> {
  if ((await stat(path)).mtimeMs < since) return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Empty, where a power cut left it so: then it is of another boot. */
const readMark = (dataDir: string): Promise<string | null> =>
  readFile(markOf(dataDir), 'utf8').then(
    (text) => text.trim(),
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    },
  );

/** Appears complete or not at all. */
async function putMark(dataDir: string): Promise<void> {
  const draft = `${markOf(dataDir)}.tmp`;
  const handle = await open(draft, 'w');
  try {
    await handle.writeFile(`${here()}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, markOf(dataDir));
  await syncDir(dataDir);
}
