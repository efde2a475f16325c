/**
 * Exports and checks in a heap that could not hold what they go through. SMALL_HEAP=1 adds the WACZ (a minute of CPU: every record
 * is read five times), SMALL_HEAP=10 in ten times the size.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { preparePGlite } from '../support/pglite-template.ts';

const { SMALL_HEAP: times = '' } = process.env;
const CHILD = join(import.meta.dirname, 'small-heap', 'child.ts');
const run = promisify(execFile);

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'embedkeep-small-heap-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** A heap that overflows ends the process. */
async function inSmallHeap(
  megabytes: number,
  what: string,
  { captures = 0, place = dir }: { captures?: number; place?: string } = {},
) {
  const flags = [`--max-old-space-size=${megabytes}`, '--max-semi-space-size=1'];
  const { stdout } = await run(process.execPath, [...flags, CHILD, what, place, `${captures}`]);
  return JSON.parse(stdout);
}

test('50 MB of sightings, nearly all of one post, are exported as JSON lines, CSV and Parquet in 64 MB', async () => {
  await preparePGlite(join(dir, 'store'));
  const { jsonl, csv, parquet } = await inSmallHeap(64, 'rows');
  expect(jsonl).toMatchObject({ lines: 500 });
  expect(jsonl.bytes).toBeGreaterThan(50_000_000);
  // A header, and a row a sighting.
  expect(csv).toMatchObject({ lines: 5501 });
  // Its texts are all the same, so a dictionary has them once a group.
  expect(parquet.bytes).toBeGreaterThan(5000);
}, 240_000);

test.skipIf(times === '')(
  'a WACZ is written and verified, and its store too, in 32 MB',
  async () => {
    const captures = 6000 * Number(times);
    const reports = await inSmallHeap(32, 'bytes', { captures });
    for (const { checked, findings } of reports) {
      expect(findings).toEqual([]);
      expect(checked).toMatchObject({ captures, sightings: captures * 4, events: captures });
    }
  },
  600_000,
);

test.skipIf(times === '')(
  'a WACZ is imported into the embedded database in 64 MB',
  async () => {
    const captures = 2000 * Number(times);
    const place = join(dir, 'import');
    await preparePGlite(join(place, 'store'));
    const answer = await inSmallHeap(64, 'import', { captures, place });
    expect(answer).toMatchObject({ kind: 'whole', captures, sightings: captures * 4 });
  },
  600_000,
);
