/**
 * The journal of the embedded store: PGlite never syncs its files, so what is acknowledged is also written here and synced
 * first. A line is written inside the transaction, before the commit: after a crash the journal may know one link more than
 * the database, never one less. Segments are numbered files; only the last one is written to.
 */
import {
  type FileHandle,
  mkdir,
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
import { assertLinked } from './archive/warc-file.ts';
import { decodeEntry, encodeEntry, GENESIS, type JournalEntry } from './journal-entry.ts';

export interface Journal {
  /** The last whole entry when it was opened. */
  readonly last: JournalEntry | null;
  /** Resolves when the entry is on the disk. */
  append(entry: JournalEntry): Promise<void>;
  /** Where the journal stands now: a copy of these bytes is a journal that ends here. */
  checkpoint(): Checkpoint;
  /** Every line done over, segment by segment; appending waits. A crash leaves old or new segments, never half ones. */
  rewrite(change: (entry: JournalEntry) => JournalEntry): Promise<void>;
  /** Whole entries in order, those written again later left out. */
  entries(): AsyncGenerator<JournalEntry>;
  close(): Promise<void>;
}

export interface Checkpoint {
  readonly folder: string;
  readonly links: number;
  readonly hash: string;
  readonly segments: readonly { readonly name: string; readonly length: number }[];
}

const SEGMENT_BYTES = 16 * 1024 * 1024;
export const SEGMENT = /^\d{6}\.jsonl$/;
const LEFTOVER = /^\d{6}\.jsonl\.part$/;
const NEWLINE = 10;

export const JOURNAL_FOLDER = 'journal';

/** Cuts off the line that a crash tore; a broken line anywhere else is damage. */
export async function openJournal(
  folder: string,
  { segmentBytes = SEGMENT_BYTES }: { segmentBytes?: number } = {},
): Promise<Journal> {
  await mkdir(folder, { recursive: true });
  await removeLeftovers(folder);
  const names = await segments(folder);
  const newest = names.at(-1) ?? segmentName(1);
  const tail = names.length > 0 ? await readTail(folder, names) : { last: null, length: 0 };
  let number = Number.parseInt(newest, 10);
  let length = tail.length;
  let handle = await openSegment(folder, newest, length);
  let end: Pick<JournalEntry, 'n' | 'hash'> | null = tail.last;
  const finished: { name: string; length: number }[] = [];
  for (const name of names.slice(0, -1)) {
    finished.push({ name, length: (await stat(join(folder, name))).size });
  }

  let turn: Promise<unknown> = Promise.resolve();
  /** One at a time, in the order of the calls, whether or not the one before failed. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = turn.then(work, work);
    turn = done.catch(() => {});
    return done;
  }

  /** A segment a turn: appending waits for one at most, also while a journal of gigabytes is done over. */
  async function rewrite(change: (entry: JournalEntry) => JournalEntry): Promise<void> {
    const again = async (segment: { name: string; length: number }): Promise<void> => {
      segment.length = await rewriteSegment(join(folder, segment.name), change);
    };
    let at = 0;
    for (let segment = finished[0]; segment; segment = finished[at]) {
      const next = segment;
      await inTurn(() => again(next));
      at += 1;
    }
    await inTurn(async () => {
      for (const segment of finished.slice(at)) await again(segment);
      await letGo(handle);
      try {
        length = await rewriteSegment(join(folder, segmentName(number)), change);
      } finally {
        handle = await openSegment(folder, segmentName(number), length);
      }
    });
  }

  async function append(entry: JournalEntry): Promise<void> {
    if (length >= segmentBytes) {
      const next = await openSegment(folder, segmentName(number + 1), 0);
      await letGo(handle);
      finished.push({ name: segmentName(number), length });
      handle = next;
      number += 1;
      length = 0;
    }
    const bytes = Buffer.from(encodeEntry(entry));
    try {
      // At `length`, over the remains of a write that failed: those were never acknowledged.
      await writeFully(handle, bytes, length);
      await handle.datasync();
      await assertLinked(handle, segmentName(number));
    } catch (cause) {
      await handle.truncate(length).catch(() => {});
      throw full(cause);
    }
    length += bytes.length;
    end = entry;
  }

  return {
    last: tail.last,
    append: (entry) => inTurn(() => append(entry)),
    rewrite,
    checkpoint: () => ({
      folder,
      links: end?.n ?? 0,
      hash: end?.hash ?? GENESIS,
      segments: [...finished, { name: segmentName(number), length }],
    }),
    entries: () => settled(readSegments(folder)),
    close: () => letGo(handle),
  };
}

const segmentName = (number: number): string => `${String(number).padStart(6, '0')}.jsonl`;

async function segments(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => SEGMENT.test(name)).sort();
}

/** Of a rewrite that was killed: the segment itself is still the old one. */
async function removeLeftovers(folder: string): Promise<void> {
  const left = (await readdir(folder)).filter((name) => LEFTOVER.test(name));
  for (const name of left) await rm(join(folder, name), { force: true });
}

/** Node 26 ends a process that lets an open handle be collected; a store of which only `db` is used would. */
const held = new Set<FileHandle>();

function letGo(handle: FileHandle): Promise<void> {
  held.delete(handle);
  return handle.close();
}

async function openSegment(folder: string, name: string, length: number): Promise<FileHandle> {
  // Not `a`: the place of every write is ours to say.
  const handle = await open(join(folder, name), 'r+').catch(() => open(join(folder, name), 'w+'));
  held.add(handle);
  await handle.truncate(length);
  await handle.sync();
  const directory = await open(folder, 'r');
  await directory.sync();
  await directory.close();
  return handle;
}

async function writeFully(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

/** The last whole entry, and where in the newest segment whole lines end. */
async function readTail(
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

async function* readSegments(folder: string): AsyncGenerator<JournalEntry> {
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

/** Answers its new length. A line that is not whole stays as it is: damage is reported where it is read. */
async function rewriteSegment(
  path: string,
  change: (entry: JournalEntry) => JournalEntry,
): Promise<number> {
  const lines = (await readFile(path, 'utf8')).split('\n');
  const changed = lines.map((line) => {
    const entry = line === '' ? null : decodeEntry(line);
    return entry ? encodeEntry(change(entry)).slice(0, -1) : line;
  });
  const bytes = Buffer.from(changed.join('\n'));
  if (changed.every((line, index) => line === lines[index])) return bytes.length;
  await writeFile(`${path}.part`, bytes, { flush: true });
  await rename(`${path}.part`, path);
  return bytes.length;
}

/** A link whose commit failed is written again under the same number: the later one is what happened. */
async function* settled(entries: AsyncIterable<JournalEntry>): AsyncGenerator<JournalEntry> {
  let held: JournalEntry | null = null;
  for await (const entry of entries) {
    if (held && entry.n > held.n) yield held;
    held = entry;
  }
  if (held) yield held;
}

function full(cause: unknown): EmbedkeepError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  const said = `The journal cannot be written: ${message}`;
  return new EmbedkeepError(isFull ? 'STORE_FULL' : 'STORE_UNAVAILABLE', said, { cause });
}
