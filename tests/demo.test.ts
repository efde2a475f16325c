/** `npm run demo` as a newcomer meets it, and with its worker killed in the middle. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
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
  if (orphan) process.kill(orphan.pid, 'SIGKILL');
  await sleep(200);
  rmSync(dir, { recursive: true, force: true });
});

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
  const second = start();
  expect(await second.exit, second.output()).toBe(0);
  expect(second.output()).toContain('goes on where it stopped');
});
