/** kill -9 while WARCs are written, fifty times in one directory: nothing acknowledged is lost, no file is unreadable. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WARCParser } from 'warcio';
import type { StoredBody } from '../../src/capture.ts';
import { openArchive } from '../../src/store/archive/index.ts';
import type { Recovered } from '../../src/store/archive/recover.ts';

const ROUNDS = 50;

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'embedkeep-kill-'));
});
afterAll(() => rm(dir, { recursive: true }));

/** Kills after so many acknowledgements and a moment more, so that it strikes anywhere in a write. */
async function round(n: number): Promise<{ stored: StoredBody[]; recovered: Recovered[] }> {
  const program = new URL('dying-writer.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [program, dir, String(n)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const stored: StoredBody[] = [];
  const recovered: Recovered[] = [];
  let dying = false;
  for await (const line of createInterface({ input: child.stdout })) {
    // The kill may cut the last line.
    const message = line.endsWith('}') || line.endsWith('"') ? JSON.parse(line) : {};
    if (message.stored) stored.push(message.stored);
    if (message.recovered) recovered.push(message.recovered);
    if (stored.length < 1 + (n % 4) || dying) continue;
    dying = true;
    setTimeout(() => child.kill('SIGKILL'), (n * 7) % 60);
  }
  await exited;
  return { stored, recovered };
}

it('every acknowledged capture verifies and npm warcio reads every file to its end', async () => {
  const stored: StoredBody[] = [];
  const recovered: Recovered[] = [];
  for (let n = 0; n < ROUNDS; n += 1) {
    const seen = await round(n);
    stored.push(...seen.stored);
    recovered.push(...seen.recovered);
  }
  const archive = await openArchive({
    url: pathToFileURL(`${dir}/`).href,
    onRecovered: (one) => recovered.push(one),
  });
  expect(stored.length).toBeGreaterThanOrEqual(ROUNDS);
  for (const place of stored) expect((await archive.read(place)).length).toBe(place.size);
  await archive.close();

  const files = (await readdir(dir)).toSorted();
  expect(files.filter((name) => !name.endsWith('.warc.gz'))).toEqual([]);
  let responses = 0;
  for (const file of files) {
    for await (const record of new WARCParser(createReadStream(join(dir, file)))) {
      await record.readFully(false);
      if (record.warcType === 'response') responses += 1;
    }
  }
  expect(responses).toBeGreaterThanOrEqual(stored.length);
  // Each round but the first found what the one before had left; each torn tail was seen and cut.
  expect(recovered.length).toBeGreaterThanOrEqual(ROUNDS);
  expect(recovered.every((one) => one.damagedAt === null)).toBe(true);
  console.info(
    `${stored.length} acknowledged, ${recovered.filter((one) => one.cut > 0).length} torn tails cut, ${files.length} files`,
  );
}, 180_000);
