/** How a process ends when what it is made of does not. */
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { createClosers } from '../../workers/closers.ts';
import { createLog } from '../../workers/log.ts';
import { startEmbedkeep } from '../support/embedkeep.ts';

test('what never stops is left after its grace, and the log says so', {
  timeout: 60_000,
}, async () => {
  const process = await startEmbedkeep(
    { SHUTDOWN_GRACE_MS: '100' },
    'tests/workers/never-stops.ts',
  );
  expect((await process.end('SIGTERM')).code).toBe(1);
  expect(process.lines.map(({ msg }) => msg)).toContain('did not stop in time: leaving');
});

test('all is closed in reverse order, though one hangs and one fails', async () => {
  const closed: string[] = [];
  const closers = createClosers(createLog(readConfig({ LOG_LEVEL: 'silent' })), 20);
  const close = (name: string, how: () => Promise<unknown>) =>
    closers.push(name, () => {
      closed.push(name);
      return how();
    });
  close('lock', () => Promise.resolve());
  close('store', () => Promise.reject(new Error('down')));
  close('queue', () => new Promise(() => {}));
  close('slow', () => sleep(1));
  await closers.closeAll();
  expect(closed).toEqual(['slow', 'queue', 'store', 'lock']);
});

test('a process lets garbage lie, however eager V8 is to collect it', {
  timeout: 60_000,
}, async () => {
  // Where this alone decides, the whole heap is looked through 26 times.
  const eager = '--heap-growing-percent=20';
  const { stdout } = await promisify(execFile)(process.execPath, [
    eager,
    'tests/workers/garbage.ts',
  ]);
  const { majors } = JSON.parse(stdout) as { majors: number };
  expect(majors).toBeGreaterThan(0);
  expect(majors).toBeLessThan(10);
});
