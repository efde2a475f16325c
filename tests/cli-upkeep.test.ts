/** Commands of operators and archivists, as processes: first against a running server, then on what it leaves behind. */
import { spawnSync } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkOrders } from '../src/article-url.ts';
import { openArchive } from '../src/store/archive/index.ts';
import { openStore } from '../src/store/index.ts';
import { extractionOf, tweet } from './store/made.ts';
import { pageAt } from './store/verify-made.ts';
import { type Embedkeep, QUICK_START, startEmbedkeep } from './support/embedkeep.ts';
import { preparePGlite } from './support/pglite-template.ts';
import { findProgram } from './support/services.ts';

const bin = path.join(import.meta.dirname, '../bin/embedkeep.mjs');
const KEPT = 'https://news.example/story';
const DEAD = 'https://closed.example/story';
const ID = '1431500000000000000';
const PAGE = `<html><head><title>A title</title></head><body><article><p>Words.</p><blockquote class="twitter-tweet"><p lang="en">Hello.</p>&mdash; Example Name (@example_user) <a href="https://twitter.com/example_user/status/${ID}">August 28, 2021</a></blockquote>${'<p>More words.</p>'.repeat(60)}</article></body></html>`;

let dir: string;
let server: Embedkeep;

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'embedkeep-upkeep-'));
  await preparePGlite(path.join(dir, 'data'));
  await fill(path.join(dir, 'data'));
  server = await startEmbedkeep({ DATA_DIR: path.join(dir, 'data'), RECONCILE_MS: '3600000' });
}, 180_000);
afterAll(async () => {
  server.child.kill('SIGKILL');
  await rm(dir, { recursive: true, force: true });
});

/** One page as an older parser read it (no author's name), and one dead letter. */
async function fill(dataDir: string): Promise<void> {
  const store = await openStore({ dataDir });
  const archive = await openArchive({ url: pathToFileURL(path.join(dataDir, 'warc')).href });
  const answers = await store.ledger.accept(checkOrders([KEPT, { url: DEAD, tags: ['court'] }]));
  const [kept, dead] = await Promise.all(
    answers.map(({ runId }) => store.ledger.claim(runId ?? '', new Date())),
  );
  if (!kept || !dead) throw new Error('not claimed');
  const capture = pageAt(KEPT, PAGE);
  const stored = await archive.write(capture);
  const old = tweet({ id: ID, handle: 'example_user', name: null, text: 'Hello.' });
  await store.ledger.finish(kept, { capture, stored }, extractionOf([old], '0'));
  const failure = { code: 'DNS_FAIL', message: 'no such host', retry: true, detail: {} } as const;
  await store.ledger.fail(dead, failure);
  await archive.close();
  await store.close();
}

function embedkeep(args: readonly string[], dataDir = 'data') {
  const run = spawnSync(process.execPath, [...QUICK_START, bin, ...args], {
    cwd: dir,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], DATA_DIR: path.join(dir, dataDir) },
  });
  return { code: run.status, out: run.stdout, err: run.stderr };
}

test('why says what an article died of, and of its host', () => {
  const { code, out } = embedkeep(['why', DEAD]);
  expect(out).toContain('failed for good');
  expect(out).toContain('DNS_FAIL: no such host');
  expect(out).toContain('closed.example can be asked now');
  expect(code).toBe(0);
  expect(embedkeep(['why', 'https://news.example/other'])).toMatchObject({ code: 1, out: '' });
});

test('dead letters are listed by group, retried only for real, and given up', () => {
  expect(JSON.parse(embedkeep(['dead', 'list', '--json']).out)).toMatchObject([
    { host: 'closed.example', code: 'DNS_FAIL', articles: 1 },
  ]);
  const retried = (...more: string[]) =>
    embedkeep(['dead', 'retry', '--error', 'DNS_FAIL', '--dry-run', ...more]);
  expect(retried().out).toContain('1 would be back on the queue');
  // Nothing was fetched, so there is no page to read again.
  expect(retried('--from', 'bytes').out).toContain('0 would be back on the queue');
  expect(retried('--from', 'network').out).toContain('1 would be back on the queue');
  expect(retried('--from', 'memory')).toMatchObject({ code: 2, out: '' });
  expect(embedkeep(['dead', 'drop', DEAD]).out).toContain('1 given up');
  const again = embedkeep(['dead', 'drop', DEAD]);
  expect(again).toMatchObject({ code: 1 });
  expect(again.err).toContain('is no dead letter');
  expect(embedkeep(['dead', 'retry']).code).toBe(1);
});

test('reparse shows each field before it writes, writes, and has nothing left to do', () => {
  const planned = embedkeep(['reparse', '--dry-run']);
  expect(planned.err).toBe('');
  expect(planned.out).toMatch(
    /author\.name +1 +0 +0 +x\/1431500000000000000: null → "Example Name"/,
  );
  expect(planned.out).toContain('1 capture read again, 1 differ, 0 failed; nothing was written');
  const lines = embedkeep(['reparse', '--json', '--host', 'news.example']).out.trim().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ from: '0', failure: null }]);
  expect(embedkeep(['reparse']).out).toContain('0 captures read again');
  expect(embedkeep(['show', `x/${ID}`]).out).toContain('Example Name');
});

test('a reader that has seen enough ends an export quietly', () => {
  const words = [process.execPath, ...QUICK_START, bin, 'export'].map((word) => `'${word}'`);
  const run = spawnSync('sh', ['-c', `{ ${words.join(' ')}; echo $? > code; } | true; cat code`], {
    cwd: dir,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], DATA_DIR: path.join(dir, 'data') },
  });
  expect(run).toMatchObject({ stdout: '0\n', stderr: '' });
});

test('exports go whole into files; a WACZ verifies anywhere, and no longer when a byte is changed', async () => {
  expect(embedkeep(['export', '--format', 'parquet', '-o', 'posts.parquet']).code).toBe(0);
  expect((await readFile(path.join(dir, 'posts.parquet'))).subarray(0, 4).toString()).toBe('PAR1');

  for (const filter of [[], ['--handle', '@EXAMPLE_user']]) {
    expect(embedkeep(['export', '--wacz', 'some.wacz', ...filter]).err).toBe('');
    const whole = embedkeep(['verify', 'some.wacz', '--json']);
    expect(JSON.parse(whole.out)).toMatchObject({
      ok: true,
      checked: { captures: 1, sightings: 2 },
    });
    expect(whole.code).toBe(0);
  }
  expect(embedkeep(['export', '--wacz', 'all.wacz']).code).toBe(0);
  const bytes = await readFile(path.join(dir, 'some.wacz'));
  bytes[500] = (bytes[500] ?? 0) ^ 1;
  await writeFile(path.join(dir, 'some.wacz'), bytes);
  const damaged = embedkeep(['verify', 'some.wacz']);
  expect(damaged.code).toBe(1);
  expect(damaged.out).toContain('DAMAGE');
});

const TOOLS = ['unzip', 'jq', 'sha256sum', 'python3'];
const RECIPE = /\nunzip -q archive\.wacz[\s\S]*?(?=```)/;

test.runIf(TOOLS.every(findProgram))(
  'a fact is followed to its bytes with other people’s tools, as docs/EXPORTS.md has it',
  async () => {
    const docs = await readFile(path.join(import.meta.dirname, '../docs/EXPORTS.md'), 'utf8');
    const [recipe = ''] = RECIPE.exec(docs) ?? [];
    await copyFile(path.join(dir, 'all.wacz'), path.join(dir, 'archive.wacz'));
    const env = { PATH: process.env['PATH'], POST: ID };
    const run = spawnSync('sh', ['-euc', recipe], { cwd: dir, encoding: 'utf8', env });
    expect(run).toMatchObject({ status: 0, stderr: '' });
    const [said = '', , body = '', stated, words, ...rest] = run.stdout.trimEnd().split('\n');
    expect(JSON.parse(said)[0]).toBe('example_user');
    expect(body).toBe(`${stated}  body`);
    expect(words).toContain('(@example_user)');
    const [vouching = '', ...heads] = rest;
    expect(JSON.parse(vouching)).toContain('reparsed');
    expect(heads[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(heads).toEqual([heads[0], heads[0]]);
  },
);

test('a backup is made while the server works, once; the directory in use is nobody else’s', () => {
  expect(embedkeep(['backup', 'copy']).out).toMatch(/copy: \d+ files, \d+ bytes/);
  expect(embedkeep(['backup', 'copy'])).toMatchObject({ code: 1, out: '' });
  for (const command of [['restore', 'copy'], ['rebuild'], ['verify', 'data']]) {
    const { code, err } = embedkeep(command);
    expect(err).toContain('DATA_DIR_LOCKED');
    expect(code).toBe(75);
  }
});

test('nothing that a capture rests on is garbage', () => {
  expect(embedkeep(['gc', '--dry-run']).out).toBe('0 bodies that no capture names\n');
  expect(embedkeep(['gc', '--json'])).toMatchObject({ code: 0, out: '[]\n' });
});

test('what is held cannot be removed; what is removed is gone and the store still verifies', () => {
  expect(embedkeep(['hold', KEPT, '--reason', 'case 12']).out).toContain('case 12');
  const held = embedkeep(['remove', `x/${ID}`, '--reason', 'order 7', '--json']);
  expect(held.code).toBe(1);
  expect(JSON.parse(held.err)).toMatchObject({ error: { code: 'LEGAL_HOLD' } });
  expect(embedkeep(['unhold', KEPT]).code).toBe(0);
  const planned = embedkeep(['remove', `x/${ID}`, '--reason', 'order 7', '--dry-run']);
  expect(planned.out).toContain('would go');
  expect(embedkeep(['show', `x/${ID}`]).out).toContain('Hello.');
  expect(embedkeep(['remove', `x/${ID}`, '--reason', 'order 7']).code).toBe(0);
  expect(embedkeep(['show', `x/${ID}`]).out).not.toContain('Hello.');
  const verified = embedkeep(['verify', '--json']);
  expect(JSON.parse(verified.out)).toMatchObject({ ok: true });
  expect(verified.code).toBe(0);
});

test('without the server: the directory verifies, the backup is restored beside it, the journal rebuilds it', async () => {
  await server.end('SIGTERM');
  expect(embedkeep(['verify', 'data'])).toMatchObject({ code: 0, err: '' });

  expect(embedkeep(['verify', 'copy'])).toMatchObject({ code: 0, err: '' });
  const restored = embedkeep(['restore', 'copy', '--json'], 'new');
  expect(restored.err).toBe('');
  // The backup was made before the takedown.
  expect(JSON.parse(restored.out)).toMatchObject({ captures: 1, posts: 1, runs: { dropped: 1 } });
  expect(embedkeep(['export'], 'new').out).toContain('Hello.');
  expect(embedkeep(['restore', 'copy'], 'new')).toMatchObject({ code: 1, out: '' });

  await preparePGlite(path.join(dir, 'other'));
  const refused = embedkeep(['import', 'some.wacz'], 'other');
  expect(refused.code).toBe(1);
  expect(refused.err).toContain('[RECORD_DAMAGED]');
  expect(refused.err).toContain('IMPORT_REFUSED');
  const imported = embedkeep(['import', 'all.wacz'], 'other');
  expect(imported.err).toBe('');
  expect(imported.out).toContain('imported with its event chain: 1 captures');
  expect(embedkeep(['verify', 'other'])).toMatchObject({ code: 0, err: '' });

  const rebuilt = embedkeep(['rebuild', '--json']);
  expect(rebuilt.err).toBe('');
  expect(JSON.parse(rebuilt.out)).toMatchObject({ captures: 1, posts: 1, runs: { dropped: 1 } });
  expect(embedkeep(['verify', 'data']).code).toBe(0);
}, 240_000);
