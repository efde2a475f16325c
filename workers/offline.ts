/** Commands that need no server and must own what they touch: verify a copy, restore, rebuild. */
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Config } from '../src/config.ts';
import { lockDataDir } from '../src/data-dir-lock.ts';
import { EmbedkeepError } from '../src/errors.ts';
import { createEraser } from '../src/store/archive/erase.ts';
import { openRepository } from '../src/store/archive/index.ts';
import { connectPGlite, PGLITE_FOLDER } from '../src/store/connect.ts';
import { importFile, openStore, rebuildStore, restore, type Store } from '../src/store/index.ts';
import { JOURNAL_FOLDER } from '../src/store/journal.ts';
import { verifyArchive } from '../src/store/verify.ts';
import { isBackup, verifyBackup } from '../src/store/verify-backup.ts';
import type { Report } from '../src/store/verify-report.ts';
import { viewOf } from '../src/store/verify-store.ts';
import { verifyWacz } from '../src/store/verify-wacz.ts';
import { warcsInDirectory } from '../src/store/verify-warcs.ts';
import type { Holdings, ImportAnswer } from '../src/upkeep.ts';
import { emptyWarcTarget, openWarcs } from './warcs.ts';
import { blobUrl } from './world.ts';

/** @throws EmbedkeepError DATA_DIR_LOCKED */
async function alone<T>(dir: string, use: () => Promise<T>): Promise<T> {
  // Whoever took the directory over must not meet a write of ours.
  const lock = await lockDataDir(dir, () => process.kill(process.pid, 'SIGKILL'));
  try {
    return await use();
  } finally {
    lock.release();
  }
}

/** A WACZ, a backup, a data directory, or a directory of WARCs. @throws EmbedkeepError NOT_FOUND, DATA_DIR_LOCKED */
export async function verifyTarget(
  target: string,
  { blobUrl: elsewhere }: { blobUrl?: string } = {},
): Promise<Report> {
  const found = await stat(target).catch((cause: unknown) => {
    throw new EmbedkeepError('NOT_FOUND', `There is nothing at ${target}.`, { cause });
  });
  if (!found.isDirectory()) return await verifyWacz(target);
  if (isBackup(target)) return await verifyBackup(target);
  const names = new Set(await readdir(target));
  if ([PGLITE_FOLDER, JOURNAL_FOLDER].some((name) => names.has(name))) {
    const blobs = elsewhere ?? pathToFileURL(resolve(target, 'warc')).href;
    return await alone(target, () => verifyDataDir(target, blobs));
  }
  return await verifyArchive({ warcs: warcsInDirectory(target), store: null });
}

/** Changes nothing: what a crash left is reported, not repaired, and a journal that knows more is not replayed. */
async function verifyDataDir(dir: string, blobs: string): Promise<Report> {
  const journal = join(dir, JOURNAL_FOLDER);
  const hasStore = existsSync(join(dir, PGLITE_FOLDER));
  const warcs = await openWarcs(blobs);
  try {
    const options = {
      warcs: { ...warcs, name: dir },
      ...(existsSync(journal) && { journal }),
    };
    const opened = hasStore
      ? await connectPGlite(dir).catch((thrown: unknown) => String(thrown))
      : null;
    if (opened === null || typeof opened === 'string') {
      const what = opened === null ? 'is missing' : `cannot be opened (${opened})`;
      return withoutStore(await verifyArchive({ ...options, store: null }), what);
    }
    try {
      return await verifyArchive({ ...options, store: viewOf(opened.db) });
    } finally {
      await opened.close();
    }
  } finally {
    warcs.close();
  }
}

const withoutStore = (report: Report, what: string): Report => ({
  ...report,
  ok: false,
  damages: report.damages + 1,
  findings: [
    ...report.findings,
    {
      severity: 'damage',
      code: 'FILE_DAMAGED',
      where: PGLITE_FOLDER,
      what: `${what}; \`embedkeep rebuild\` makes it anew from the journal`,
    },
  ],
});

/** Answers what the restored store holds. Nothing that is there is overwritten. */
export async function restoreFrom(from: string, config: Config): Promise<Holdings> {
  const { DATABASE_URL: databaseUrl, DATA_DIR: dataDir } = config;
  const bring = async (): Promise<Holdings> => {
    const warcs = await emptyWarcTarget(blobUrl(config));
    try {
      const options = { from, dataDir, databaseUrl, putWarc: warcs.put };
      return await holdingsOf(await restore(options));
    } finally {
      warcs.close();
    }
  };
  return await (databaseUrl ? bring() : alone(dataDir, bring));
}

/** A file of `embedkeep export` into the store of this configuration; a running server's is refused on the embedded default. */
export async function importInto(file: string, config: Config): Promise<ImportAnswer> {
  const { DATABASE_URL: databaseUrl, DATA_DIR: dataDir } = config;
  const bring = async (): Promise<ImportAnswer> => {
    const store = await openStore({ dataDir, databaseUrl });
    try {
      const repository = await openRepository({ url: blobUrl(config) });
      try {
        const erase = createEraser(blobUrl(config), store.world.now);
        return await importFile(file, { ...store.world, repository, erase });
      } finally {
        await repository.close();
      }
    } finally {
      await store.close();
    }
  };
  return await (databaseUrl ? bring() : alone(dataDir, bring));
}

/** The embedded database made anew from the journal; the old one is put aside. */
export async function rebuild(config: Config): Promise<Holdings> {
  const { DATABASE_URL: databaseUrl, DATA_DIR: dataDir } = config;
  if (databaseUrl) {
    const message = 'A store on Postgres keeps no journal; restore a backup instead.';
    throw new EmbedkeepError('CONFLICT', message);
  }
  const segments = await readdir(join(dataDir, JOURNAL_FOLDER)).catch(() => []);
  if (segments.length === 0) {
    const message = `${join(dataDir, JOURNAL_FOLDER)} holds no journal to rebuild from.`;
    throw new EmbedkeepError('NOT_FOUND', message);
  }
  return await alone(dataDir, async () => holdingsOf(await rebuildStore({ dataDir })));
}

async function holdingsOf(store: Store): Promise<Holdings> {
  try {
    const { db, reader } = store;
    const count = async (table: 'captures' | 'posts'): Promise<number> => {
      const row = await db
        .selectFrom(table)
        .select(({ fn }) => fn.countAll<number>().as('n'))
        .executeTakeFirstOrThrow();
      return Number(row.n);
    };
    const { links } = await viewOf(db).head();
    const [runs, captures, posts] = [
      await reader.counts(),
      await count('captures'),
      await count('posts'),
    ];
    return { links, runs, captures, posts };
  } finally {
    await store.close();
  }
}
