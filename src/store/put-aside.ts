/** The embedded database moved out of the way, so that a new one can be made from the journal; nothing is deleted. */
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PGLITE_FOLDER } from './connect.ts';
import { JOURNAL_FOLDER, SEGMENT } from './journal.ts';

export interface Replaced {
  /** Where the old database lies now. */
  readonly aside: string;
  /** Why it could not be opened, or is not trusted. */
  readonly cause: unknown;
}

/**
 * Whether there was a journal before this call, which makes one: it must be older than the database beside it.
 * A database without a journal is never replaced, for what it holds could be nowhere else.
 */
export async function hasJournal(dataDir: string): Promise<boolean> {
  return (await mkdir(join(dataDir, JOURNAL_FOLDER), { recursive: true })) === undefined;
}

/** Whether anything is written in the journal. */
export async function isBegun(dataDir: string): Promise<boolean> {
  const folder = join(dataDir, JOURNAL_FOLDER);
  const names = (await readdir(folder)).filter((name) => SEGMENT.test(name));
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.some((size) => size > 0);
}

export interface Aside {
  readonly folder: string;
  /** Undoes it; what was made in its place is lost. */
  putBack(): Promise<void>;
}

export async function putAside(dataDir: string, now: Date): Promise<Aside> {
  const folder = join(dataDir, PGLITE_FOLDER);
  const aside = `${folder}.replaced-${now.toISOString().replaceAll(':', '')}`;
  const wasThere = await rename(folder, aside).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
  return {
    folder: aside,
    async putBack() {
      await rm(folder, { recursive: true, force: true });
      if (wasThere) await rename(aside, folder);
    },
  };
}
