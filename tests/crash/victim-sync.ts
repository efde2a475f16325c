/**
 * Writes down what would survive a power cut, where SYNC_LOG names a file: the size that a file had when it was synced,
 * the names that a directory had. Recorded before the sync and written after it: what was not yet told is not counted.
 */
import { appendFileSync, fstatSync, readdirSync, readlinkSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

const log = process.env['SYNC_LOG'];
if (log) {
  const probe = await open(import.meta.filename);
  const handles = Object.getPrototypeOf(probe) as FileHandle;
  await probe.close();
  for (const name of ['sync', 'datasync'] as const) {
    const real = handles[name];
    handles[name] = async function synced(this: FileHandle): Promise<void> {
      const path = readlinkSync(`/proc/self/fd/${this.fd}`);
      const stat = fstatSync(this.fd);
      const kept = stat.isDirectory() ? { names: readdirSync(path) } : { size: stat.size };
      await real.call(this);
      appendFileSync(log, `${JSON.stringify({ path, ...kept })}\n`);
    };
  }
}
