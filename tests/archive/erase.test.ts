/** A record being written over, and killed in the middle: what was planned stands beside it, and is written again. */
import { mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { createEraser } from '../../src/store/archive/erase.ts';
import { openArchive } from '../../src/store/archive/index.ts';
import { verifyArchive } from '../../src/store/verify.ts';
import { warcsInDirectory } from '../../src/store/verify-warcs.ts';
import { keptOf } from '../store/made.ts';

test('a torn tombstone is made whole by the next try, and nothing is left beside the file', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'embedkeep-erase-'));
  const url = pathToFileURL(dir).href;
  const archive = await openArchive({ url });
  const { capture } = keptOf('https://erase.example/', new Date().toISOString());
  const body = Buffer.from(`<p>Erase me${' '.repeat(500)}`);
  const hops = capture.hops.map((hop) => ({ ...hop, rawBody: body }));
  const stored = await archive.write({ ...capture, body, hops });
  await archive.close();

  const path = join(dir, stored.location);
  const before = await readFile(path);
  const erase = createEraser(url, () => new Date('2026-03-01T00:00:00Z'));
  await erase(stored);
  const after = await readFile(path);
  const part = (bytes: Buffer, length = stored.length): Buffer =>
    bytes.subarray(stored.offset, stored.offset + length);
  const half = Math.floor(stored.length / 2);
  const tear = async () => {
    await writeFile(path, before);
    const handle = await open(path, 'r+');
    await handle.write(part(after, half), 0, half, stored.offset);
    await handle.close();
  };

  // Without the plan there is nothing left to make a tombstone of.
  await tear();
  await expect(erase(stored)).rejects.toThrow();
  await tear();
  await writeFile(`${path}.${stored.offset}.erase`, part(after));
  await erase(stored);
  expect((await readFile(path)).equals(after)).toBe(true);
  expect(await readdir(dir)).toEqual([stored.location]);
  const report = await verifyArchive({ warcs: warcsInDirectory(dir), store: null });
  expect(report.damages).toBe(0);

  // A plan that is not of this record is not taken for one.
  await writeFile(path, before);
  await writeFile(`${path}.${stored.offset}.erase`, 'torn');
  await erase(stored);
  expect((await readFile(path)).equals(after)).toBe(true);
  await rm(dir, { recursive: true });
});
