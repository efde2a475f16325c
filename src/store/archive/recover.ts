/** At start: WARCs whose writer died are looked through, and a torn tail is cut off. Nothing before it is touched. */
import { open, readdir, readFile, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { aliveness, type Identity } from '../../process-identity.ts';
import { readRecord } from '../verify-record.ts';
import { type ByteSource, openFile, windows } from '../verify-source.ts';
import { OWNER_SUFFIX, syncDir } from './warc-file.ts';

export interface Recovered {
  readonly file: string;
  /** Bytes of the torn tail that were cut off. */
  readonly cut: number;
  /** Where whole records follow a broken one, so that nothing was cut; `verify` says more. */
  readonly damagedAt: number | null;
}

/** A mark that nobody touched for so long belongs to nobody, also where its process cannot be seen from here. */
const ABANDONED_MS = 600_000;

export async function recoverWarcs(dir: string): Promise<Recovered[]> {
  const marks = (await readdir(dir)).filter((name) => name.endsWith(OWNER_SUFFIX)).toSorted();
  const recovered: Recovered[] = [];
  for (const mark of marks) {
    if (!(await isOrphan(join(dir, mark)))) continue;
    const file = mark.slice(0, -OWNER_SUFFIX.length);
    recovered.push(await repair(dir, file));
    await rm(join(dir, mark), { force: true });
  }
  if (recovered.length > 0) await syncDir(dir);
  return recovered;
}

async function isOrphan(mark: string): Promise<boolean> {
  try {
    const owner = JSON.parse(await readFile(mark, 'utf8')) as Identity;
    const state = aliveness(owner);
    if (state !== 'unknown') return state === 'dead';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    // Torn itself: its writer died before the WARC's first record, or is just now writing it.
  }
  const { mtimeMs } = await stat(mark);
  return Date.now() - mtimeMs > ABANDONED_MS;
}

/** Nobody may be writing to the file. */
export async function repair(dir: string, file: string): Promise<Recovered> {
  const path = join(dir, file);
  const source = await openFile(path).catch(() => null);
  if (!source) return { file, cut: 0, damagedAt: null };
  try {
    const end = await endOfWholeRecords(source);
    if (end === source.size) return { file, cut: 0, damagedAt: null };
    if (await hasRecordAfter(source, end)) return { file, cut: 0, damagedAt: end };
    await truncate(path, end);
    const handle = await open(path, 'r+');
    await handle.sync();
    await handle.close();
    return { file, cut: source.size - end, damagedAt: null };
  } finally {
    await source.close();
  }
}

async function endOfWholeRecords(source: ByteSource): Promise<number> {
  let offset = 0;
  while (offset < source.size) {
    const length = await wholeRecordAt(source, offset);
    if (length === null) break;
    offset += length;
  }
  return offset;
}

async function wholeRecordAt(source: ByteSource, offset: number): Promise<number | null> {
  try {
    const { length, problems } = await readRecord(source, offset);
    return problems.length === 0 ? length : null;
  } catch {
    return null;
  }
}

/** How our members begin: gzip, deflate, no flags. */
const MEMBER_START = Buffer.from([0x1f, 0x8b, 8, 0]);

async function hasRecordAfter(source: ByteSource, broken: number): Promise<boolean> {
  let position = broken + 1;
  let carried = Buffer.alloc(0);
  for await (const window of windows(source, broken + 1)) {
    const bytes = Buffer.concat([carried, window]);
    const base = position - carried.length;
    for (
      let at = bytes.indexOf(MEMBER_START);
      at !== -1;
      at = bytes.indexOf(MEMBER_START, at + 1)
    ) {
      if ((await wholeRecordAt(source, base + at)) !== null) return true;
    }
    position += window.length;
    carried = Buffer.from(bytes.subarray(-(MEMBER_START.length - 1)));
  }
  return false;
}
