/** Where the disk fails, nothing is acknowledged, and once it works again so does the archive. */
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { openArchive } from '../../src/store/archive/index.ts';
import { openJournal } from '../../src/store/journal.ts';
import { GENESIS } from '../../src/store/journal-entry.ts';
import { verifyArchive } from '../../src/store/verify.ts';
import { warcsInDirectory } from '../../src/store/verify-warcs.ts';
import { cutPower } from '../crash/power.ts';
import { make } from '../store/verify-made.ts';
import { startEmbedkeep } from '../support/embedkeep.ts';
import { preparePGlite } from '../support/pglite-template.ts';
import { describeWith, findProgram } from '../support/services.ts';
import type { Report } from './failing-disk-writer.ts';
import { madeCapture } from './made-capture.ts';

const BIN = fileURLToPath(new URL('../../bin/embedkeep.mjs', import.meta.url));
const unavailable = { code: 'STORE_UNAVAILABLE' };
let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'embedkeep-failing-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));
const recorded: string[] = [];
afterAll(() => Promise.all(recorded.map((one) => rm(one, { recursive: true }))));

test('a directory removed under an open WARC is noticed, not written into the void', async () => {
  const warcs = join(dir, 'warc');
  const archive = await openArchive({ url: pathToFileURL(warcs).href });
  await archive.write(madeCapture('/first'));
  await rm(warcs, { recursive: true });
  await expect(archive.write(madeCapture('/second'))).rejects.toMatchObject(unavailable);
  await expect(archive.write(madeCapture('/third'))).rejects.toMatchObject(unavailable);
  await mkdir(warcs);
  const stored = await archive.write(madeCapture('/fourth'));
  expect((await archive.read(stored)).length).toBe(stored.size);
  await archive.close();
});

test('a directory that is none is refused', async () => {
  const file = join(dir, 'file');
  await writeFile(file, '');
  await expect(openArchive({ url: pathToFileURL(file).href })).rejects.toMatchObject(unavailable);
});

test('a journal whose directory was removed acknowledges nothing more', async () => {
  const folder = join(dir, 'journal');
  const journal = await openJournal(folder);
  const entry = {
    n: 1,
    at: '2026-03-01T00:00:00.000Z',
    hash: GENESIS,
    bodies: [],
    deed: { op: 'note' as const },
  };
  await journal.append(entry);
  await rm(folder, { recursive: true });
  await expect(journal.append({ ...entry, n: 2 })).rejects.toMatchObject(unavailable);
  await journal.close();
});

test('what is acknowledged was synced before: a power cut takes nothing of it', async () => {
  // Not in the test's own folder: it goes on recording in the tests after this one.
  const outside = await mkdtemp(join(tmpdir(), 'embedkeep-synced-'));
  recorded.push(outside);
  const log = join(outside, 'log');
  process.env['SYNC_LOG'] = log;
  // It records what every file had when it was synced; files are cut there.
  await import('../crash/victim-sync.ts');
  const warcs = join(dir, 'kept', 'warc');
  const folder = join(dir, 'kept', 'journal');
  await mkdir(warcs, { recursive: true });
  const archive = await openArchive({ url: pathToFileURL(warcs).href });
  const journal = await openJournal(folder);
  const stored = [await archive.write(madeCapture('/a')), await archive.write(madeCapture('/b'))];
  const noted = { at: '2026-03-01T00:00:00.000Z', bodies: [], deed: { op: 'note' as const } };
  await journal.append({ ...noted, n: 1, hash: GENESIS });
  await appendFile(join(folder, '000001.jsonl'), '{"n":2');
  expect(await cutPower(join(dir, 'kept'), log, new Map())).toEqual({ removed: 0, bytes: 6 });
  for (const one of stored) expect((await archive.read(one)).length).toBe(one.size);
  expect((await openJournal(folder)).last?.n).toBe(1);
  await Promise.all([archive.close(), journal.close()]);
});

test('with no file left to open, a capture is refused, and kept once there is one', async () => {
  const script = fileURLToPath(new URL('./few-files.ts', import.meta.url));
  const command = 'ulimit -n 80 && exec "$0" "$1" "$2"';
  const args = ['-c', command, process.execPath, script, dir];
  const { stdout } = await promisify(execFile)('bash', args);
  expect(stdout).toBe('kept EMFILE STORE_UNAVAILABLE kept');
  const report = await verifyArchive({ warcs: warcsInDirectory(dir), store: null });
  expect(report.damages).toBe(0);
});

describeWith(['gcc'], 'a disk that fails', () => {
  let library: string;
  beforeAll(async () => {
    library = join(await mkdtemp(join(tmpdir(), 'embedkeep-shim-')), 'shim.so');
    const source = fileURLToPath(new URL('./disk-shim.c', import.meta.url));
    const compiler = findProgram('gcc') ?? 'cc';
    execFileSync(compiler, ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl']);
  });
  const shim = (below: string, plan: string) => ({
    LD_PRELOAD: library,
    FAULT_DIR: below,
    FAULT_PLAN: plan,
  });

  test('acknowledges nothing that it did not take, and all that it did take is there after a kill', async () => {
    const script = fileURLToPath(new URL('./failing-disk-writer.ts', import.meta.url));
    const data = join(dir, 'data');
    const plan = join(dir, 'plan');
    const env = { PATH: process.env['PATH'], ...shim(data, plan) };
    await mkdir(data);
    const run = spawnSync(process.execPath, [script, data, plan], { encoding: 'utf8', env });
    expect([run.stderr, run.signal]).toEqual(['', 'SIGKILL']);
    const { kept, links, said, files } = JSON.parse(
      await readFile(`${plan}.report`, 'utf8'),
    ) as Report;
    // Archive and journal, twice each; their checks during it; their checks after it.
    expect(said).toEqual({
      'fsync EIO': 'down down down down down down kept kept',
      'fsync EIO once': 'down kept kept kept kept kept kept kept',
      'write EIO': 'down down down down down down kept kept',
      'no space in the middle': 'full full full full full full kept kept',
      'file too large': 'full full full full full full kept kept',
      'read-only': 'down down down down down down kept kept',
      'rename EIO': 'down kept',
      'rename again': 'kept kept',
    });
    // After a sync that failed nothing goes into the same file: a later sync would prove nothing.
    for (const [fault, [warcs = 0, segments = 0, warcsAfter, segmentsAfter]] of Object.entries(
      files,
    )) {
      expect([fault, warcsAfter]).toEqual([fault, warcs + 1]);
      const isHit = fault !== 'fsync EIO once';
      expect([fault, segmentsAfter]).toEqual([fault, segments + (isHit ? 1 : 0)]);
    }

    const warcs = join(data, 'warc');
    const archive = await openArchive({ url: pathToFileURL(warcs).href });
    for (const { text, stored } of kept) {
      expect(Buffer.from(await archive.read(stored)).toString()).toBe(text);
    }
    await archive.close();
    const report = await verifyArchive({ warcs: warcsInDirectory(warcs), store: null });
    expect(report.damages).toBe(0);
    const journal = await openJournal(join(data, 'journal'));
    const lines: [number, string | undefined][] = [];
    for await (const { n, bodies } of journal.entries()) lines.push([n, bodies[0]]);
    await journal.close();
    expect(lines).toEqual(links.map((n) => [n, `done ${n}`]));
  });

  test('full under an export: it says so and leaves no half file, be it at once or in the middle', async () => {
    const made = await make();
    await made.store.close();
    const out = join(dir, 'out');
    const plan = join(dir, 'plan');
    await mkdir(out);
    try {
      for (const nth of [1, 3]) {
        await writeFile(plan, `write ${constants.errno.ENOSPC} ${nth} 1000000\n`);
        const run = spawnSync(process.execPath, [BIN, 'export', '--wacz', join(out, 'all.wacz')], {
          encoding: 'utf8',
          env: { PATH: process.env['PATH'], DATA_DIR: made.dir, ...shim(out, plan) },
        });
        expect(run.stderr).toContain('STORE_FULL');
        expect([run.status, run.signal, run.stderr.includes('INTERNAL')]).toEqual([1, null, false]);
        expect(await readdir(out)).toEqual([]);
      }
    } finally {
      await rm(made.dir, { recursive: true });
    }
  }, 60_000);

  test('under a server: it says so, answers by name, and goes on when the disk is back', {
    timeout: 180_000,
  }, async () => {
    await preparePGlite(dir);
    const plan = join(tmpdir(), `embedkeep-plan-${process.pid}`);
    const server = await startEmbedkeep({ DATA_DIR: dir, ...shim(join(dir, 'journal'), plan) });
    const order = async (path: string) => {
      const body = JSON.stringify([`http://127.0.0.1:9/${path}`]);
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${server.address}/v1/articles`, {
        method: 'POST',
        headers,
        body,
      });
      return { status: answer.status, ...((await answer.json()) as { code?: string }) };
    };
    const ready = () => server.get<{ problems: string[] }>('/readyz');
    expect((await order('before')).status).toBe(202);
    await writeFile(plan, `fsync ${constants.errno.EIO} 1 1000000\n`);
    expect(await order('during')).toMatchObject({ status: 503, code: 'STORE_UNAVAILABLE' });
    expect((await ready()).problems.join()).toContain('the journal fails');
    expect(JSON.stringify(server.lines)).toContain('The journal cannot be written: EIO');
    await rm(plan);
    expect((await ready()).problems).toEqual([]);
    expect((await order('after')).status).toBe(202);
    const { items } = await server.get<{ items: { url: string }[] }>('/v1/articles');
    const paths = items.map(({ url }) => new URL(url).pathname);
    expect(paths).toEqual(['/after', '/before']);
    expect((await server.end('SIGTERM')).code).toBe(0);
    expect(await readFile(join(dir, 'journal', '000002.jsonl'), 'utf8')).toContain('/after');
  });
});
