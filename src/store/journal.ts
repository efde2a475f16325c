/**
 * The journal of the embedded store: PGlite never syncs its files, so what is acknowledged is also written here and synced
 * first. A line is written inside the transaction, before the commit: after a crash the journal may know one link more than
 * the database, never one less. Segments are numbered files; only the last one is written to.
 */
import { type FileHandle, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { assertLinked, syncDir } from './archive/warc-file.ts';
import { diskError } from './disk-error.ts';
import { encodeEntry, GENESIS, type JournalEntry } from './journal-entry.ts';
import {
  letGo,
  openSegment,
  readSegments,
  readTail,
  removeLeftovers,
  rewriteSegment,
  SEGMENT,
  segmentName,
  segments,
  sizeOf,
  writeFully,
} from './journal-segments.ts';

export { SEGMENT };

export interface Journal {
  /** The last whole entry when it was opened. */
  readonly last: JournalEntry | null;
  /** Resolves when the entry is on the disk. */
  append(entry: JournalEntry): Promise<void>;
  /** Where the last write failed: tries whether the next one can go on. @throws STORE_FULL or STORE_UNAVAILABLE while not */
  check(): Promise<void>;
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
  const finished: Finished[] = [];
  for (const name of names.slice(0, -1)) {
    finished.push({ name, length: await sizeOf(join(folder, name)) });
  }
  const handle = await openSegment(folder, newest, tail.length);
  const number = Number.parseInt(newest, 10);
  return new Segments(
    { folder, segmentBytes },
    { last: tail.last, finished },
    {
      ...{ number, length: tail.length, handle, isTrusted: true },
    },
  );
}

interface Finished {
  readonly name: string;
  length: number;
}

interface Current {
  readonly number: number;
  /** Of the lines that were acknowledged; what lies behind was not. */
  length: number;
  handle: FileHandle | null;
  /** False after a write or sync that failed: a later sync that succeeds proves nothing of what was written before. */
  isTrusted: boolean;
}

class Segments implements Journal {
  readonly last: JournalEntry | null;
  readonly #options: { readonly folder: string; readonly segmentBytes: number };
  readonly #finished: Finished[];
  #current: Current;
  #end: Pick<JournalEntry, 'n' | 'hash'> | null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    options: { readonly folder: string; readonly segmentBytes: number },
    known: { readonly last: JournalEntry | null; readonly finished: Finished[] },
    current: Current,
  ) {
    this.#options = options;
    this.last = known.last;
    this.#end = known.last;
    this.#finished = known.finished;
    this.#current = current;
  }

  append = (entry: JournalEntry): Promise<void> => this.#inTurn(() => this.#append(entry));

  check = (): Promise<void> =>
    this.#inTurn(async () => {
      await this.#ready();
    });

  /** A segment a turn: appending waits for one at most, also while a journal of gigabytes is done over. */
  rewrite = async (change: (entry: JournalEntry) => JournalEntry): Promise<void> => {
    let at = 0;
    for (let segment = this.#finished[0]; segment; segment = this.#finished[at]) {
      const next = segment;
      await this.#inTurn(() => this.#rewriteFinished(next, change));
      at += 1;
    }
    await this.#inTurn(async () => {
      for (const segment of this.#finished.slice(at)) await this.#rewriteFinished(segment, change);
      await this.#rewriteCurrent(change);
    });
  };

  checkpoint = (): Checkpoint => {
    const { number, length } = this.#current;
    return {
      folder: this.#options.folder,
      links: this.#end?.n ?? 0,
      hash: this.#end?.hash ?? GENESIS,
      segments: [...this.#finished, { name: segmentName(number), length }],
    };
  };

  entries = (): AsyncGenerator<JournalEntry> => settled(readSegments(this.#options.folder));

  close = async (): Promise<void> => {
    const { handle } = this.#current;
    if (handle) await letGo(handle);
  };

  /** One at a time, in the order of the calls, whether or not the one before failed. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work, work).catch((cause: unknown) => {
      throw diskError('The journal', cause);
    });
    this.#turn = done.catch(() => {});
    return done;
  }

  async #append(entry: JournalEntry): Promise<void> {
    const handle = await this.#ready();
    const current = this.#current;
    const bytes = Buffer.from(encodeEntry(entry));
    try {
      await writeFully(handle, bytes, current.length);
      await handle.datasync();
      await assertLinked(handle, segmentName(current.number));
    } catch (cause) {
      current.isTrusted = false;
      await handle.truncate(current.length).catch(() => {});
      throw cause;
    }
    current.length += bytes.length;
    this.#end = entry;
  }

  /** A segment that can be written to: the same one, or the next where it is full or a write to it has failed. */
  async #ready(): Promise<FileHandle> {
    const { folder, segmentBytes } = this.#options;
    const { number, length, handle, isTrusted } = this.#current;
    if (handle && isTrusted && length < segmentBytes) return handle;
    if (!isTrusted) await this.#cut();
    // What never held a line that counts is made anew, so that a disk which fails for hours is not littered.
    const next = length === 0 ? number : number + 1;
    if (length === 0) await rm(join(folder, segmentName(number)), { force: true });
    const opened = await openSegment(folder, segmentName(next), 0);
    if (!isTrusted) await tryOut(opened);
    if (length > 0) this.#finished.push({ name: segmentName(number), length });
    this.#current = { number: next, length: 0, handle: opened, isTrusted: true };
    if (handle) await letGo(handle).catch(() => {});
    return opened;
  }

  /** Half a line must not stand before another segment. */
  async #cut(): Promise<void> {
    const { folder } = this.#options;
    const current = this.#current;
    const name = segmentName(current.number);
    if (!current.handle) {
      // Only one that is there: a new file of this length would be zeros.
      await sizeOf(join(folder, name));
      current.handle = await openSegment(folder, name, current.length);
    }
    await current.handle.truncate(current.length);
    await current.handle.sync();
    await assertLinked(current.handle, name);
  }

  async #rewriteFinished(
    segment: Finished,
    change: (entry: JournalEntry) => JournalEntry,
  ): Promise<void> {
    const path = join(this.#options.folder, segment.name);
    try {
      await rewriteSegment(path, change);
    } finally {
      segment.length = await sizeOf(path);
    }
    await syncDir(this.#options.folder);
  }

  async #rewriteCurrent(change: (entry: JournalEntry) => JournalEntry): Promise<void> {
    const { folder } = this.#options;
    await this.#ready();
    const current = this.#current;
    const path = join(folder, segmentName(current.number));
    if (current.handle) await letGo(current.handle);
    current.handle = null;
    // Whether a rename that failed was done all the same, the file says: old or new, it is whole.
    current.isTrusted = false;
    try {
      await rewriteSegment(path, change);
    } finally {
      current.length = await sizeOf(path);
    }
    current.handle = await openSegment(folder, segmentName(current.number), current.length);
    current.isTrusted = true;
  }
}

/** Whether it takes a byte; an empty line is none. */
async function tryOut(handle: FileHandle): Promise<void> {
  try {
    await writeFully(handle, Buffer.from('\n'), 0);
    await handle.datasync();
    await handle.truncate(0);
  } catch (cause) {
    await letGo(handle).catch(() => {});
    throw cause;
  }
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
