/**
 * A data directory whose embedded database is as a first start leaves it: made, and with the tables of store and queue.
 * Copied instead of made, because making one takes five seconds of CPU and tests need many. The template is kept in the
 * system's temporary folder, one for each set of migrations and version of PGlite and BullMQ. First starts themselves are
 * what tests/demo, tests/package and tests/store/open look at.
 */
import { createHash } from 'node:crypto';
import { cpSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { embeddedBackend } from '../../src/queue/embedded.ts';
import { connectPGlite, PGLITE_FOLDER } from '../../src/store/connect.ts';
import { migrate } from '../../src/store/migrate.ts';

/** Puts `pglite/` into the data directory (which is made). */
export async function preparePGlite(dataDir: string): Promise<void> {
  await mkdir(dataDir, { recursive: true });
  // A thousand small files: this form takes half the CPU of the asynchronous one.
  cpSync(await template(), join(dataDir, PGLITE_FOLDER), { recursive: true });
}

async function template(): Promise<string> {
  const folder = join(tmpdir(), `embedkeep-test-pglite-${await fingerprint()}`);
  const isThere = await stat(folder).then(
    () => true,
    () => false,
  );
  if (isThere) return folder;
  const made = await mkdtemp(join(tmpdir(), 'embedkeep-template-'));
  const { db, pglite, close } = await connectPGlite(made);
  await migrate(db);
  if (!pglite) throw new Error('not the embedded database');
  const queue = await embeddedBackend(pglite, (error) => {
    throw error;
  });
  await queue.close();
  await close();
  // Several test files may do this at once: the first to rename wins, the others use its folder.
  await rename(join(made, PGLITE_FOLDER), folder).catch(() => {});
  await rm(made, { recursive: true, force: true });
  return folder;
}

const MIGRATIONS = join(import.meta.dirname, '../../src/store/migrations');

async function fingerprint(): Promise<string> {
  const { dependencies } = packageJson;
  const hash = createHash('sha256');
  hash.update(`${dependencies['@electric-sql/pglite']} ${dependencies.bullmq}`);
  for (const file of (await readdir(MIGRATIONS)).sort())
    hash.update(file).update(await readFile(join(MIGRATIONS, file)));
  return hash.digest('hex').slice(0, 16);
}
