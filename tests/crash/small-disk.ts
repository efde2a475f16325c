/**
 * A disk of a few megabytes: a tmpfs in a mount namespace of its own, which nothing outside sees and which is gone with its
 * holder. From outside its files are under /proc/<holder>/root.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallDisk {
  /** As processes inside name it. */
  readonly dir: string;
  /** The same, for whoever is outside. */
  readonly seen: string;
  /** Runs another command inside. */
  readonly prefix: readonly string[];
  /** Takes all space but this; to the last byte with 0. */
  fill(leaveBytes: number): Promise<void>;
  free(): Promise<void>;
  close(): void;
}

/** Whether this machine lets us mount (root, or a container with CAP_SYS_ADMIN). */
export function canMount(): boolean {
  try {
    execFileSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const MEGABYTE = 1_048_576;

export async function mountSmallDisk(megabytes: number): Promise<SmallDisk> {
  const dir = mkdtempSync(join(tmpdir(), 'embedkeep-disk-'));
  const script = `mount -t tmpfs -o size=${megabytes}m,mode=755 tmpfs "$0" && echo ready && exec cat`;
  const holder: ChildProcess = spawn('unshare', ['-m', 'sh', '-c', script, dir]);
  if (!holder.stdout) throw new Error('no stdout');
  await once(holder.stdout, 'data');
  const seen = `/proc/${holder.pid}/root${dir}`;
  const ballast = join(seen, 'ballast');
  return {
    dir,
    seen,
    prefix: ['nsenter', '-m', '-t', String(holder.pid), '--'],
    async fill(leaveBytes) {
      const file = await open(ballast, 'a');
      const block = Buffer.alloc(MEGABYTE);
      try {
        for (;;) {
          const { bavail, bsize } = statfsSync(seen);
          const room = bavail * bsize - leaveBytes;
          if (room <= 0) break;
          await file.write(block, 0, Math.min(MEGABYTE, room));
        }
      } catch (thrown) {
        if ((thrown as NodeJS.ErrnoException).code !== 'ENOSPC') throw thrown;
      } finally {
        await file.close();
      }
    },
    free: () => rm(ballast, { force: true }),
    close() {
      // Its standard input ends, and so does `cat`.
      holder.stdin?.end();
      holder.kill('SIGKILL');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
