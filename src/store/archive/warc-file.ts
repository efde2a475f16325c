/**
 * The WARC that this process writes: appended, synced to the disk before anybody is told, rotated by size.
 * Captures that wait while the disk works go together in the next write.
 */
import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbedkeepError } from '../../errors.ts';
import { myIdentity } from '../../process-identity.ts';
import { diskError } from '../disk-error.ts';
import { warcinfo } from './capture-records.ts';
import type { Appended } from './place.ts';
import { serializeRecord } from './warc-record.ts';

export interface WarcFiles {
  /** Resolves when these members are durable, all of them. */
  append(members: readonly Uint8Array[]): Promise<Appended>;
  /** Where the last write failed: tries whether a file can be written now. @throws STORE_FULL or STORE_UNAVAILABLE while not */
  check(): Promise<void>;
  close(): Promise<void>;
}

export interface WarcFilesOptions {
  readonly dir: string;
  readonly software: string;
  /** A file that has reached this is left for a new one. */
  readonly rotateBytes: number;
}

/** Beside the WARC while its writer lives: who that is. */
export const OWNER_SUFFIX = '.owner';
/** The owner's file is touched this often, for whoever cannot see its process. */
const HEARTBEAT_MS = 60_000;
const PUNCTUATION = /[-:]|\.\d+/g;

interface Waiting {
  readonly members: readonly Uint8Array[];
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: unknown) => void;
}

interface OpenFile {
  readonly name: string;
  readonly handle: FileHandle;
  size: number;
  /** A sync of it failed: one that succeeds later proves nothing of what was written before, so nothing more goes into it. */
  isDoubtful: boolean;
}

export function openWarcFiles(options: WarcFilesOptions): WarcFiles {
  return new Writer(options);
}

class Writer implements WarcFiles {
  readonly #options: WarcFilesOptions;
  readonly #heartbeat: NodeJS.Timeout;
  #file: OpenFile | null = null;
  #waiting: Waiting[] = [];
  #working: Promise<void> | null = null;
  #closed = false;
  #hasFailed = false;

  constructor(options: WarcFilesOptions) {
    this.#options = options;
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS);
    this.#heartbeat.unref();
  }

  append(members: readonly Uint8Array[]): Promise<Appended> {
    if (this.#closed) {
      return Promise.reject(new EmbedkeepError('STORE_UNAVAILABLE', 'The archive is closed.'));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ members, resolve, reject });
      this.#working ??= this.#work();
    });
  }

  /** By an append of nothing. */
  async check(): Promise<void> {
    if (this.#hasFailed && !this.#closed) await this.append([]);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#heartbeat);
    await this.#working;
    if (this.#file) await finish(this.#file, this.#options.dir);
    this.#file = null;
  }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      await this.#writeTogether(batch);
    }
    this.#working = null;
  }

  async #writeTogether(batch: readonly Waiting[]): Promise<void> {
    const { dir, rotateBytes } = this.#options;
    try {
      // A check writes something only where it begins a file.
      const isCheck = this.#hasFailed && batch.every(({ members }) => members.length === 0);
      if (this.#file && (isCheck || this.#file.size >= rotateBytes)) {
        this.#file = await finish(this.#file, dir);
      }
      this.#file ??= await create(this.#options);
      const places = await writeBatch(this.#file, batch);
      this.#hasFailed = false;
      for (const [index, { resolve }] of batch.entries()) resolve(places[index] as Appended);
    } catch (cause) {
      this.#hasFailed = true;
      const isKept = this.#file && (await cutBack(this.#file));
      if (this.#file && !isKept) this.#file = await abandon(this.#file);
      for (const { reject } of batch) reject(asStoreError(cause));
    }
  }

  #beat(): void {
    if (!this.#file) return;
    const now = new Date();
    const mark = join(this.#options.dir, this.#file.name + OWNER_SUFFIX);
    utimes(mark, now, now).catch(() => undefined);
  }
}

/** The owner's mark first: a WARC without one is finished. What could not be begun leaves nothing behind, if it can be helped. */
async function create({ dir, software }: WarcFilesOptions): Promise<OpenFile> {
  const now = new Date();
  const stamp = now.toISOString().replaceAll(PUNCTUATION, '');
  const name = `embedkeep-${stamp}-${randomBytes(4).toString('hex')}.warc.gz`;
  const path = join(dir, name);
  let handle: FileHandle | null = null;
  try {
    await writeMark(path + OWNER_SUFFIX);
    handle = await open(path, 'wx');
    const info = await serializeRecord(warcinfo({ fileName: name, software, now }));
    await writeAll(handle, info, 0);
    await handle.sync();
    await syncDir(dir);
    return { name, handle, size: info.length, isDoubtful: false };
  } catch (cause) {
    await handle?.close().catch(() => undefined);
    for (const left of [path, path + OWNER_SUFFIX]) await rm(left, { force: true }).catch(() => {});
    throw cause;
  }
}

async function writeMark(path: string): Promise<void> {
  const mark = await open(path, 'wx');
  try {
    await mark.writeFile(JSON.stringify(myIdentity()));
    await mark.sync();
  } finally {
    await mark.close();
  }
}

async function writeBatch(file: OpenFile, batch: readonly Waiting[]): Promise<Appended[]> {
  let end = file.size;
  const places = batch.map(({ members }) => ({
    location: file.name,
    offsets: members.map((member) => {
      const offset = end;
      end += member.length;
      return offset;
    }),
  }));
  await writeAll(file.handle, Buffer.concat(batch.flatMap(({ members }) => members)), file.size);
  await synced(file);
  await assertLinked(file.handle, file.name);
  file.size = end;
  return places;
}

async function synced(file: OpenFile): Promise<void> {
  try {
    await file.handle.datasync();
  } catch (cause) {
    file.isDoubtful = true;
    throw cause;
  }
}

/** What is written to a file that was deleted, or whose directory was, is synced, and gone with the last handle. */
export async function assertLinked(handle: FileHandle, name: string): Promise<void> {
  const { nlink } = await handle.stat();
  if (nlink > 0) return;
  const said = `${name} was deleted while it was written to.`;
  throw new EmbedkeepError('STORE_UNAVAILABLE', said, { detail: { file: name } });
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, at + done);
    done += bytesWritten;
  }
}

/** After a failed write nothing half-written stays. False where not even that works, or the file is left for another. */
async function cutBack(file: OpenFile): Promise<boolean> {
  try {
    await file.handle.truncate(file.size);
    await file.handle.sync();
    await assertLinked(file.handle, file.name);
    return !file.isDoubtful;
  } catch {
    return false;
  }
}

/** Keeps the owner's mark, so that the next start looks at the tail. */
async function abandon(file: OpenFile): Promise<null> {
  await file.handle.close().catch(() => undefined);
  return null;
}

async function finish(file: OpenFile, dir: string): Promise<null> {
  await file.handle.close();
  await rm(join(dir, file.name + OWNER_SUFFIX), { force: true });
  return null;
}

export async function syncDir(dir: string): Promise<void> {
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export const asStoreError = (cause: unknown): EmbedkeepError => diskError('The archive', cause);
