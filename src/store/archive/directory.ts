/** WARC files in a directory. */
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EmbedkeepError } from '../../errors.ts';
import { openFile, slice } from '../verify-source.ts';
import type { Repository } from './place.ts';
import { type Recovered, recoverWarcs } from './recover.ts';
import { asStoreError, openWarcFiles, syncDir } from './warc-file.ts';

interface DirectoryOptions {
  readonly url: string;
  readonly software: string;
  readonly rotateBytes: number;
  readonly onRecovered?: ((recovered: Recovered) => void) | undefined;
}

export async function openDirectory(options: DirectoryOptions): Promise<Repository> {
  const dir = fileURLToPath(options.url);
  try {
    await mkdir(dir, { recursive: true });
    await syncDir(dirname(dir));
    for (const recovered of await recoverWarcs(dir)) options.onRecovered?.(recovered);
  } catch (cause) {
    throw asStoreError(cause);
  }
  const files = openWarcFiles({ ...options, dir });
  return {
    append: (members) => files.append(members),
    check: () => files.check(),
    withBytes: async ({ location, offset, length }, use) => {
      // Locations come from the ledger; still, none may lead out of the directory.
      if (basename(location) !== location || location === '..') {
        throw new EmbedkeepError('EVIDENCE_DAMAGED', `${JSON.stringify(location)} is no file name`);
      }
      const file = await openFile(join(dir, location), location);
      try {
        return await use(slice(file, { name: location, offset, size: length }));
      } finally {
        await file.close();
      }
    },
    close: () => files.close(),
  };
}
