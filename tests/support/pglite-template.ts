/**
 * A data directory with an empty, initialised PGlite: copied instead of made, because making one takes seconds of CPU
 * and tests need many. The template is kept in the system's temporary folder, one per PGlite version.
 */
import { cp, mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import packageJson from '../../package.json' with { type: 'json' };

/** Puts `pglite/` into the data directory (which is made), as a first start would have left it. */
export async function preparePGlite(dataDir: string): Promise<void> {
  await mkdir(dataDir, { recursive: true });
  await cp(await template(), join(dataDir, 'pglite'), { recursive: true });
}

async function template(): Promise<string> {
  const folder = join(
    tmpdir(),
    `embedkeep-test-pglite-${packageJson.dependencies['@electric-sql/pglite']}`,
  );
  const isThere = await stat(folder).then(
    () => true,
    () => false,
  );
  if (isThere) return folder;
  const made = await mkdtemp(join(tmpdir(), 'embedkeep-template-'));
  const pglite = await PGlite.create(join(made, 'pglite'));
  await pglite.close();
  // Several test files may do this at once: the first to rename wins, the others use its folder.
  await rename(join(made, 'pglite'), folder).catch(() => {});
  await rm(made, { recursive: true, force: true });
  return folder;
}
