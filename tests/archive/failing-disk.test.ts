/** Where the disk fails, nothing is acknowledged, and once it works again so does the archive. */
import { execFile } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openArchive } from '../../src/store/archive/index.ts';
import { openJournal } from '../../src/store/journal.ts';
import { GENESIS } from '../../src/store/journal-entry.ts';
import { verifyArchive } from '../../src/store/verify.ts';
import { warcsInDirectory } from '../../src/store/verify-warcs.ts';
import { cutPower } from '../crash/power.ts';
import { madeCapture } from './made-capture.ts';

const unavailable = { code: 'STORE_UNAVAILABLE' };
let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'embedkeep-failing-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

test('a directory removed under an open WARC is noticed, not written into the void', async () => {
  const warcs = join(dir, 'warc');
  const archive = await openArchive({ url: pathToFileURL(warcs).href });
  await archive.write(madeCapture('/first'));
  await rm(warcs, { recursive: true });
  await expect(archive.write(madeCapture('/second'))).rejects.toMatchObject(unavailable);
  await expect(archive.write(madeCapture('/third'))).rejects.toMatchObject(unavailable);
  await mkdir(warcs);
  const stored = await archive.write(madeCapture('/fourth'));
  expect((await archive.read(stored)).length).toBe(stored.size);
  await archive.close();
});

test('a directory that is none is refused', async () => {
  const file = join(dir, 'file');
  await writeFile(file, '');
  await expect(openArchive({ url: pathToFileURL(file).href })).rejects.toMatchObject(unavailable);
});

test('a journal whose directory was removed acknowledges nothing more', async () => {
  const folder = join(dir, 'journal');
  const journal = await openJournal(folder);
  const entry = {
    n: 1,
    at: '2026-03-01T00:00:00.000Z',
    hash: GENESIS,
    bodies: [],
    deed: { op: 'note' as const },
  };
  await journal.append(entry);
  await rm(folder, { recursive: true });
  await expect(journal.append({ ...entry, n: 2 })).rejects.toMatchObject(unavailable);
  await journal.close();
});

test('what is acknowledged was synced before: a power cut takes nothing of it', async () => {
  const log = join(dir, 'synced');
  process.env['SYNC_LOG'] = log;
  // It records what every file had when it was synced; files are cut there.
  await import('../crash/victim-sync.ts');
  const warcs = join(dir, 'kept', 'warc');
  const folder = join(dir, 'kept', 'journal');
  await mkdir(warcs, { recursive: true });
  const archive = await openArchive({ url: pathToFileURL(warcs).href });
  const journal = await openJournal(folder);
  const stored = [await archive.write(madeCapture('/a')), await archive.write(madeCapture('/b'))];
  const noted = { at: '2026-03-01T00:00:00.000Z', bodies: [], deed: { op: 'note' as const } };
  await journal.append({ ...noted, n: 1, hash: GENESIS });
  await appendFile(join(folder, '000001.jsonl'), '{"n":2');
  expect(await cutPower(join(dir, 'kept'), log, new Map())).toEqual({ removed: 0, bytes: 6 });
  for (const one of stored) expect((await archive.read(one)).length).toBe(one.size);
  expect((await openJournal(folder)).last?.n).toBe(1);
  await Promise.all([archive.close(), journal.close()]);
});

test('with no file left to open, a capture is refused, and kept once there is one', async () => {
  const script = fileURLToPath(new URL('./few-files.ts', import.meta.url));
  const command = 'ulimit -n 80 && exec "$0" "$1" "$2"';
  const args = ['-c', command, process.execPath, script, dir];
  const { stdout } = await promisify(execFile)('bash', args);
  expect(stdout).toBe('kept EMFILE STORE_UNAVAILABLE kept');
  const report = await verifyArchive({ warcs: warcsInDirectory(dir), store: null });
  expect(report.damages).toBe(0);
});
