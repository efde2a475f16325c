/** `npm run demo` as a newcomer meets it, and with its worker killed in the middle. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lockHolder } from '../src/data-dir-lock.ts';
import { preparePGlite } from './support/pglite-template.ts';

const LONGEST = 300_000;
let dir: string;
let children: ChildProcess[];

beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'embedkeep-demo-'));
  children = [];
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  const orphan = lockHolder(path.join(dir, 'demo'));
  if (orphan) killed(orphan.pid);
  await sleep(200);
  rmSync(dir, { recursive: true, force: true });
});

/** It may end by itself meanwhile. */
function killed(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (thrown) {
    expect(thrown).toMatchObject({ code: 'ESRCH' });
  }
}

function start(): { child: ChildProcess; output: () => string; exit: Promise<number | null> } {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, '../workers/demo.ts')], {
    env: { ...process.env, DATA_DIR: dir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let text = '';
  child.stdout.on('data', (chunk) => (text += chunk));
  child.stderr.on('data', (chunk) => (text += chunk));
  return {
    child,
    output: () => text,
    exit: once(child, 'exit').then(([code]) => code as number | null),
  };
}

async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + LONGEST;
  while (!holds()) {
    if (Date.now() > end) throw new Error('did not come to hold');
    await sleep(20);
  }
}

/** A worker left behind, which ends after it was seen and before it can be told to stop: when the site is asked for. */
async function orphanThatEnds(demo: string): Promise<ChildProcess> {
  await until(() => !lockHolder(demo));
  const lock = pathToFileURL(path.join(import.meta.dirname, '../src/data-dir-lock.ts')).href;
  const script = `import { lockDataDir } from '${lock}';
    await lockDataDir(process.argv[1], () => {});
    console.log('locked');
    setInterval(() => {}, 1000);`;
  const orphan = spawn(process.execPath, ['--input-type=module', '-e', script, demo]);
  children.push(orphan);
  expect(await Promise.race([once(orphan.stdout, 'data'), once(orphan, 'exit')])).toHaveLength(1);
  const site = createServer((socket) => {
    site.close();
    orphan.once('exit', () => socket.destroy());
    orphan.kill('SIGKILL');
  });
  site.listen(Number(readFileSync(path.join(demo, 'site-port'), 'utf8')), '127.0.0.1');
  await once(site, 'listening');
  return orphan;
}

const urlsDone = (output: string): number =>
  Number(/ (\d+)\/14 /.exec(output.split('\n').findLast((l) => l.includes('/14')) ?? '')?.[1] ?? 0);

it('preserves what it must and exits 0', { timeout: LONGEST }, async () => {
  const { exit, output } = start();
  expect(await exit, output()).toBe(0);
  expect(output()).toContain('Anderson Cooper 360°');
  expect(output()).toContain('pic.twitter.com/XV7RggUEg4');
});

it('ends with every URL done once although its worker is killed in the middle', {
  timeout: LONGEST,
}, async () => {
  await preparePGlite(path.join(dir, 'demo'));
  const { exit, output } = start();
  await until(() => urlsDone(output()) > 0 || output().includes('enqueued'));
  process.kill(lockHolder(path.join(dir, 'demo'))?.pid ?? 0, 'SIGKILL');
  expect(await exit, output()).toBe(0);
  expect(output()).toContain('The worker process ended (SIGKILL)');
});

it('goes on where it stopped when everything was killed', { timeout: LONGEST }, async () => {
  await preparePGlite(path.join(dir, 'demo'));
  const first = start();
  await until(() => first.output().includes('enqueued'));
  process.kill(lockHolder(path.join(dir, 'demo'))?.pid ?? 0, 'SIGKILL');
  first.child.kill('SIGKILL');
  await first.exit;
  const orphan = await orphanThatEnds(path.join(dir, 'demo'));
  const second = start();
  expect(await second.exit, second.output()).toBe(0);
  expect(orphan.signalCode).toBe('SIGKILL');
  expect(second.output()).toContain('goes on where it stopped');
});
