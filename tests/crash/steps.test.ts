import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { startEmbedkeep } from '../support/embedkeep.ts';
import { preparePGlite } from '../support/pglite-template.ts';
import { STEPS } from './steps.ts';

vi.setConfig({ testTimeout: 240_000 });

test('the matrix kills before and after every function of the story, of intake and of webhooks', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'embedkeep-steps-'));
  await preparePGlite(dir);
  const settings = { DATA_DIR: dir, CRASH_LIST: '1' };
  const victim = await startEmbedkeep(settings, 'tests/crash/victim.ts');
  const told = () => victim.lines.find(({ msg }) => msg === 'steps')?.['steps'];
  await expect.poll(told, { timeout: 30_000 }).toEqual([...STEPS].sort());
  await victim.end('SIGKILL');
  await rm(dir, { recursive: true, force: true });
});
