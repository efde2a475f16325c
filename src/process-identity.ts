/** Which process this is, so surely that a later one can tell whether it still runs. */
import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

export interface Identity {
  readonly host: string;
  readonly pid: number;
  /** When the process started, in its system's own units; a pid that is used again has another. */
  readonly started: string | null;
  /** Of the running kernel; after a reboot every earlier process is dead. */
  readonly bootId: string | null;
  /** Containers number their processes apart: a pid means something only within its own namespace. */
  readonly pidSpace: string | null;
}

export const myIdentity = (): Identity => ({
  host: hostname(),
  pid: process.pid,
  started: startedAt(process.pid),
  bootId: bootId(),
  pidSpace: pidSpace(),
});

/** `unknown`: another machine or container, whose processes cannot be seen from here. */
export function aliveness(
  of: Identity,
  here: Identity = myIdentity(),
): 'alive' | 'dead' | 'unknown' {
  if (of.host === here.host && of.bootId !== here.bootId) return 'dead';
  if (of.host !== here.host || of.pidSpace !== here.pidSpace) return 'unknown';
  if (!exists(of.pid)) return 'dead';
  return startedAt(of.pid) === of.started ? 'alive' : 'dead';
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (err) {
    return err instanceof Error && 'code' in err && err.code === 'EPERM';
  }
}

/** Field 22 of /proc/PID/stat, counted after the name, which may hold anything; elsewhere what `ps` says. */
function startedAt(pid: number): string | null {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  if (stat) return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  return attempt(() => run('ps', ['-o', 'lstart=', '-p', String(pid)]));
}

/** Of the running kernel; null where the system does not tell. */
export const bootId = (): string | null =>
  attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()) ??
  attempt(() => run('sysctl', ['-n', 'kern.bootsessionuuid']));

const pidSpace = (): string | null => attempt(() => readlinkSync('/proc/self/ns/pid'));

const run = (program: string, args: string[]): string =>
  execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();

function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
