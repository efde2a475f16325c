/**
 * A record of a WARC file written over in place, so that a kill in the middle leaves no torn one: what is to stand there is put
 * beside the file and synced first, and whoever finds it there writes it again.
 */
import { open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncDir } from './warc-file.ts';

interface Extent {
  readonly offset: number;
  readonly length: number;
}

/** `make` is asked where nobody has planned it before; null where there is nothing to write. */
export async function overwriteSafely(
  path: string,
  { offset, length }: Extent,
  make: () => Promise<Buffer | null>,
): Promise<void> {
  const plan = `${path}.${offset}.erase`;
  const planned = await readPlan(plan, length);
  const bytes = planned ?? (await make());
  if (bytes === null) return;
  if (!planned) await writePlan(plan, bytes);
  await overwrite(path, bytes, offset);
  await rm(plan);
}

/** Renamed into its place when it was whole, so one that is there is whole; another length is another record's. */
async function readPlan(plan: string, length: number): Promise<Buffer | null> {
  const bytes = await readFile(plan).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT') return null;
    throw thrown;
  });
  return bytes?.length === length ? bytes : null;
}

async function writePlan(plan: string, bytes: Buffer): Promise<void> {
  await writeFile(`${plan}.part`, bytes, { flush: true });
  await rename(`${plan}.part`, plan);
  await syncDir(dirname(plan));
}

async function overwrite(path: string, bytes: Buffer, offset: number): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    for (let done = 0; done < bytes.length; ) {
      const rest = bytes.length - done;
      done += (await handle.write(bytes, done, rest, offset + done)).bytesWritten;
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}
