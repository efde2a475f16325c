/**
 * One process per data directory: PGlite takes no lock of its own, and two on one directory lose rows silently.
 * The lock is a file beside the database that says who holds it and where that process can be asked.
 */
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbedkeepError } from './errors.ts';
import { aliveness, type Identity, myIdentity } from './process-identity.ts';

export const LOCK_FILE = 'embedkeep.lock';

export interface Holder extends Identity {
  /** Tells this holding from an earlier one of the same process. */
  readonly nonce: string;
  readonly since: string;
  /** Where its API listens, once it does. */
  readonly address: string | null;
}

export interface DataDirLock {
  /** Commands of other processes find the server by it. */
  publish(address: string): void;
  release(): void;
}

/** A holder whose process cannot be looked at from here (another machine, another container) gives signs of life. */
export interface Beat {
  readonly everyMs: number;
  /** Silence longer than this, and the holder counts as dead. */
  readonly patienceMs: number;
}
const BEAT: Beat = { everyMs: 2000, patienceMs: 15_000 };

/**
 * @throws EmbedkeepError DATA_DIR_LOCKED naming the holder, CONFIG_INVALID where nothing can be written. `onLost` is called if the lock is taken from us after all
 *   (we were frozen for long, in another container): then nothing may be written any more.
 */
export async function lockDataDir(
  dir: string,
  onLost: () => void,
  beat: Beat = BEAT,
): Promise<DataDirLock> {
  const file = join(dir, LOCK_FILE);
  let mine: Holder = {
    ...myIdentity(),
    nonce: randomBytes(8).toString('hex'),
    since: new Date().toISOString(),
    address: null,
  };
  try {
    makeDirectory(dir);
    await acquire(file, mine, beat);
  } catch (thrown) {
    throw unusable(dir, thrown);
  }

  const isMine = (): boolean => read(file)?.nonce === mine.nonce;
  const release = (): void => {
    clearInterval(timer);
    process.off('exit', release);
    if (isMine()) rmSync(file, { force: true });
  };
  const timer = setInterval(() => {
    if (!isMine()) {
      clearInterval(timer);
      onLost();
      return;
    }
    touch(file);
  }, beat.everyMs);
  timer.unref();
  process.once('exit', release);
  return {
    publish(address) {
      mine = { ...mine, address };
      replace(file, mine);
    },
    release,
  };
}

/** Folder by folder: the recursive form of Node never comes back where a parent takes no folders, as in /proc. */
function makeDirectory(dir: string): void {
  if (existsSync(dir) && statSync(dir).isDirectory()) return;
  const parent = dirname(resolve(dir));
  if (parent !== resolve(dir)) makeDirectory(parent);
  try {
    mkdirSync(dir);
  } catch (err) {
    // Another process may have made it a moment ago.
    if (!(existsSync(dir) && statSync(dir).isDirectory())) throw err;
  }
}

/** What another setting mends is told as one; a full disk and the like stay what they are. */
function unusable(dir: string, thrown: unknown): unknown {
  const { code = '', message = '' } = thrown as NodeJS.ErrnoException;
  if (!NOT_OURS.has(code)) return thrown;
  return new EmbedkeepError(
    'CONFIG_INVALID',
    `DATA_DIR: got ${JSON.stringify(dir)}, accepted is a directory in which this process may write (${message})`,
    { cause: thrown },
  );
}
const NOT_OURS = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ENOENT']);

/** Who holds the directory now; null where nobody does, or only a dead process. */
export function lockHolder(dir: string): Holder | null {
  const file = join(dir, LOCK_FILE);
  const holder = read(file);
  if (!holder || aliveness(holder) === 'dead') return null;
  return aliveness(holder) === 'alive' || silence(file) < BEAT.patienceMs ? holder : null;
}

async function acquire(file: string, mine: Holder, beat: Beat): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (create(file, mine)) return;
    const holder = read(file);
    if (holder && (await isAlive(file, holder, beat))) throw locked(file, holder);
    if (takeOver(file, holder, mine)) return;
    // Somebody else is taking over at this moment: look who it was.
    await sleep(20);
  }
  throw new EmbedkeepError('DATA_DIR_LOCKED', `${file} changes hands all the time; try again.`);
}

/** True where the process lives; where it cannot be seen, it is given the time to show a sign of life. */
async function isAlive(file: string, holder: Holder, beat: Beat): Promise<boolean> {
  const seen = aliveness(holder);
  if (seen !== 'unknown') return seen === 'alive';
  const last = mtime(file);
  while (silence(file) < beat.patienceMs) {
    if (mtime(file) !== last) return true;
    await sleep(Math.min(200, beat.everyMs));
  }
  return false;
}

/** Only one process may replace a dead holder's file: whoever could create the file beside it. */
function takeOver(file: string, dead: Holder | null, mine: Holder): boolean {
  const guard = `${file}.takeover`;
  if (!create(guard, mine)) {
    // Its creator died in the few instructions between.
    if (silence(guard) > GUARD_MS) rmSync(guard, { force: true });
    return false;
  }
  try {
    if (read(file)?.nonce !== dead?.nonce) return false;
    replace(file, mine);
    return true;
  } finally {
    rmSync(guard, { force: true });
  }
}
const GUARD_MS = 5000;

/** Appears complete or not at all. */
function create(file: string, holder: Holder): boolean {
  const draft = write(file, holder);
  try {
    linkSync(draft, file);
    return true;
  } catch (err) {
    if (err instanceof Error && 'code' in err && err.code === 'EEXIST') return false;
    throw err;
  } finally {
    rmSync(draft, { force: true });
  }
}

const replace = (file: string, holder: Holder): void => renameSync(write(file, holder), file);

function write(file: string, holder: Holder): string {
  const draft = `${file}.${holder.nonce}`;
  writeFileSync(draft, `${JSON.stringify(holder)}\n`);
  return draft;
}

function read(file: string): Holder | null {
  try {
    const holder = JSON.parse(readFileSync(file, 'utf8')) as Holder;
    return typeof holder?.nonce === 'string' ? holder : null;
  } catch {
    return null; // not there, or cut by a power failure: then nobody holds it
  }
}

function touch(file: string): void {
  try {
    const now = new Date();
    utimesSync(file, now, now);
  } catch {
    // a full or vanished disk shows at the next look
  }
}

const mtime = (file: string): number => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const silence = (file: string): number => Date.now() - mtime(file);

function locked(file: string, holder: Holder): EmbedkeepError {
  const where = holder.address ? `, listening at ${holder.address}` : '';
  return new EmbedkeepError(
    'DATA_DIR_LOCKED',
    `${file} is held by process ${holder.pid} on ${holder.host} since ${holder.since}${where}. ` +
      'Stop that process, talk to it over its address, or give this one another DATA_DIR. ' +
      'To run several processes on the same data set DATABASE_URL.',
    {
      detail: { pid: holder.pid, host: holder.host, address: holder.address, since: holder.since },
    },
  );
}
