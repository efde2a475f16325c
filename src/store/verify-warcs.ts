/** Where the WARCs to verify lie: a directory, a bucket, the inside of a WACZ. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbedkeepError } from '../errors.ts';
import { parseS3Url } from './archive/s3-address.ts';
import { openS3Objects } from './archive/s3-objects.ts';
import { OWNER_SUFFIX } from './archive/warc-file.ts';
import { type ByteSource, inMemory, openFile } from './verify-source.ts';

export interface WarcFiles {
  readonly name: string;
  list(): AsyncIterable<{ readonly name: string; readonly isOpen: boolean }>;
  /** Null where there is none of this name. `use` must not keep the source. */
  use<T>(name: string, use: (source: ByteSource) => Promise<T>): Promise<T | null>;
}

const SUFFIX = '.warc.gz';

export function warcsInDirectory(dir: string): WarcFiles {
  return {
    name: dir,
    async *list() {
      const names = await readdir(dir).catch((cause: NodeJS.ErrnoException) => {
        const code = cause.code === 'ENOENT' ? 'NOT_FOUND' : 'STORE_UNAVAILABLE';
        throw new EmbedkeepError(code, `${dir} cannot be read: ${cause.message}`, { cause });
      });
      const marks = new Set(names);
      for (const name of names.toSorted()) {
        if (name.endsWith(SUFFIX)) yield { name, isOpen: marks.has(name + OWNER_SUFFIX) };
      }
    },
    async use(name, use) {
      const source = await openFile(join(dir, name), name).catch((thrown: unknown) => {
        if (thrown instanceof EmbedkeepError && thrown.code === 'NOT_FOUND') return null;
        throw thrown;
      });
      if (!source) return null;
      try {
        return await use(source);
      } finally {
        await source.close();
      }
    },
  };
}

/** Objects are small (one capture each), so each is fetched whole. */
export async function warcsInBucket(url: string): Promise<WarcFiles & { close(): void }> {
  const objects = await openS3Objects(parseS3Url(url));
  return {
    name: objects.name,
    async *list() {
      for await (const { key } of objects.list('')) {
        if (key.endsWith(SUFFIX)) yield { name: key, isOpen: false };
      }
    },
    async use(name, use) {
      const bytes = await objects.get(name);
      return bytes && (await use(inMemory(name, bytes)));
    },
    close: () => objects.close(),
  };
}
