/** A disk that fills up: nothing is acknowledged that is not kept, and all goes on when there is space again. Long form only. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { ALL_WELL } from './oracle.ts';
import { ROUNDS } from './seed.ts';
import { canMount, mountSmallDisk } from './small-disk.ts';
import { openStage } from './stage.ts';

vi.setConfig({ testTimeout: 900_000 });

const SIZE_MB = 300;
const FULL_MS = 20_000;

const mounts = ROUNDS > 0 && canMount();
if (ROUNDS > 0 && !mounts)
  console.warn('skipped: a full disk, which needs the right to mount a tmpfs');

describe.skipIf(!mounts)('a full disk', () => {
  test('under the embedded default: intake says no, nothing is lost, work goes on with the space', async () => {
    const disk = await mountSmallDisk(SIZE_MB);
    const place = { name: 'embedded' as const, settings: () => Promise.resolve({}) };
    const stage = await openStage(place, { disk, settings: { MIN_FREE_MB: '64' } });
    const server = await stage.server();
    stage.pages.delayMs = 50;
    expect(await stage.offer(stage.pages.fresh(40))).toBe(202);
    await disk.fill(0);
    const answers = new Set<number>();
    const until = performance.now() + FULL_MS;
    while (performance.now() < until) {
      answers.add(await stage.offer());
      await sleep(500);
    }
    await disk.free();
    stage.faults += 1;
    // Before the look at the disk an order may still have found room; then it is kept, as the verdict shows.
    expect(
      [...answers].filter((status) => status !== 202 && status !== 503 && status !== 507),
    ).toEqual([]);
    // Refused by the look at the disk, or by the store that has found it full.
    expect(answers.has(503) || answers.has(507)).toBe(true);
    expect(server.child.exitCode).toBeNull();
    await expect.poll(() => stage.offer(), { timeout: 180_000, interval: 1000 }).toBe(202);
    expect(await stage.conclude('disk full')).toMatchObject(ALL_WELL);
    await stage.close();
    disk.close();
  });
});
