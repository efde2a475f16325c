/** A writer whose disk is full: a process with a limit on the size of its files, which the kernel answers as a full disk. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { StoredBody } from '../../src/capture.ts';
import { openArchive } from '../../src/store/archive/index.ts';
import { madeCapture } from './made-capture.ts';

const dirs: string[] = [];
afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
});

interface Report {
  readonly kept: readonly { readonly text: string; readonly stored: StoredBody }[];
  readonly failed: readonly string[];
}

/** Blocks of 1,024 bytes. */
const LIMIT_BLOCKS = 600;

function fill(dir: string): Report {
  const script = new URL('full-disk-writer.ts', import.meta.url).pathname;
  // SIGXFSZ would kill the process; ignored, the write fails instead
  const limited = `trap '' XFSZ; ulimit -f ${LIMIT_BLOCKS}; exec "$0" "$@"`;
  const run = spawnSync('bash', ['-c', limited, process.execPath, script, dir], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  expect(run.stderr).toBe('');
  return JSON.parse(run.stdout) as Report;
}

describe('a WARC whose disk is full', () => {
  it('fails by name, serves nothing half-written, and goes on once there is space', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'embedkeep-full-'));
    dirs.push(dir);
    const { kept, failed } = fill(dir);
    expect(kept.length).toBeGreaterThan(2);
    expect(new Set(failed)).toEqual(new Set(['STORE_FULL']));
    // a small capture fits again behind the cut of the large one
    expect(kept.at(-1)?.text).toContain('small');

    const warcs = () => readdirSync(dir).filter((name) => name.endsWith('.warc.gz'));
    for (const name of warcs())
      expect(statSync(join(dir, name)).size).toBeLessThanOrEqual(LIMIT_BLOCKS * 1024);
    const archive = await openArchive({ url: pathToFileURL(`${dir}/`).href });
    try {
      for (const { text, stored } of kept) {
        expect(Buffer.from(await archive.read(stored)).toString()).toBe(text);
      }
      const text = `<p>${'space again '.repeat(100_000)}</p>`;
      const stored = await archive.write(madeCapture(text));
      expect(Buffer.from(await archive.read(stored)).toString()).toBe(text);
    } finally {
      await archive.close();
    }
    // every byte of every file belongs to a whole record
    for (const name of warcs()) expect(inflates(readFileSync(join(dir, name)))).toBe(true);
  });
});

/** Whether all of it inflates: a torn member, or anything behind the last, does not. */
const inflates = (bytes: Buffer): boolean =>
  spawnSync('gzip', ['-t'], { input: bytes }).status === 0;
