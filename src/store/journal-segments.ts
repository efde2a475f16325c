/** The files of the journal: numbered segments of lines, how they are opened, read and done over. */
import {
  type FileHandle,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { EmbedkeepError } from '../errors.ts';
import { syncDir } from './archive/warc-file.ts';
import { decodeEntry, encodeEntry, type JournalEntry } from './journal-entry.ts';

export const SEGMENT = /^\d{6}\.jsonl$/;
const LEFTOVER = /^\d{6}\.jsonl\.part$/;
const NEWLINE = 10;

export const segmentName = (number: number): string => `${String(number).padStart(6, '0')}.jsonl`;

export async function segments(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => SEGMENT.test(name)).sort();
}

/** Of a rewrite that was killed: the segment itself is still the old one. */
export async function removeLeftovers(folder: string): Promise<void> {
  const left = (await readdir(folder)).filter((name) => LEFTOVER.test(name));
  for (const name of left) await rm(join(folder, name), { force: true });
}

/** Node 26 ends a process that lets an open handle be collected; a store of which only `db` is used would. */
const held = new Set<FileHandle>();

export function letGo(handle: FileHandle): Promise<void> {
  held.delete(handle);
  return handle.close();
}

/** Cut to `length`, which is on the disk when this resolves, as is the segment's name. */
export async function openSegment(
  folder: string,
  name: string,
  length: number,
): Promise<FileHandle> {
  // Not `a`: the place of every write is ours to say.
  const handle = await open(join(folder, name), 'r+').catch(() => open(join(folder, name), 'w+'));
  held.add(handle);
  try {
    await handle.truncate(length);
    await handle.sync();
    await syncDir(folder);
    return handle;
  } catch (cause) {
    await letGo(handle).catch(() => {});
    throw cause;
  }
}

export async function writeFully(
  handle: FileHandle,
  bytes: Buffer,
  position: number,
): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

/** The last whole entry, and where in the newest segment whole lines end. */
export async function readTail(
  folder: string,
  names: readonly string[],
): Promise<{ last: JournalEntry | null; length: number }> {
  const bytes = await readFile(join(folder, names.at(-1) ?? ''));
  let end = bytes.length;
  while (end > 0) {
    const start = bytes.lastIndexOf(NEWLINE, end - 2) + 1;
    const isWhole = bytes[end - 1] === NEWLINE;
    const entry = isWhole ? decodeEntry(bytes.toString('utf8', start, end - 1)) : null;
    if (entry) return { last: entry, length: end };
    end = start;
  }
  const earlier = names.slice(0, -1);
  const before = earlier.length > 0 ? await readTail(folder, earlier) : null;
  return { last: before?.last ?? null, length: 0 };
}

export async function* readSegments(folder: string): AsyncGenerator<JournalEntry> {
  const names = await segments(folder);
  for (const name of names) {
    const lines = (await readFile(join(folder, name), 'utf8')).split('\n');
    const isLast = name === names.at(-1);
    for (const [index, line] of lines.entries()) {
      if (line === '') continue;
      const entry = decodeEntry(line);
      if (entry) yield entry;
      else if (!isLast || index < lines.length - 2) {
        throw new EmbedkeepError('EVIDENCE_DAMAGED', `Line ${index + 1} of ${name} is damaged.`, {
          detail: { file: name, line: index + 1 },
        });
      }
    }
  }
}

/** Every line done over, in a new file under the old name. A line that is not whole stays: damage is reported where it is read. */
export async function rewriteSegment(
  path: string,
  change: (entry: JournalEntry) => JournalEntry,
): Promise<void> {
  const lines = (await readFile(path, 'utf8')).split('\n');
  const changed = lines.map((line) => {
    const entry = line === '' ? null : decodeEntry(line);
    return entry ? encodeEntry(change(entry)).slice(0, -1) : line;
  });
  if (changed.every((line, index) => line === lines[index])) return;
  await writeFile(`${path}.part`, changed.join('\n'), { flush: true });
  await rename(`${path}.part`, path);
}

export const sizeOf = async (path: string): Promise<number> => (await stat(path)).size;
