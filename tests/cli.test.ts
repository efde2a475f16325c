/** The command line as scripts meet it: what goes to stdout, what to stderr, and with which exit code. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QUICK_START } from './support/embedkeep.ts';
import { preparePGlite } from './support/pglite-template.ts';

const bin = path.join(import.meta.dirname, '../bin/embedkeep.mjs');
let dir: string;

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'embedkeep-cli-'));
  await preparePGlite(path.join(dir, 'data'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function embedkeep(
  args: readonly string[],
  more: { input?: string; env?: NodeJS.ProcessEnv } = {},
) {
  const run = spawnSync(process.execPath, [...QUICK_START, bin, ...args], {
    cwd: dir,
    encoding: 'utf8',
    input: more.input ?? '',
    env: { PATH: process.env['PATH'], DATA_DIR: path.join(dir, 'data'), ...more.env },
  });
  return { code: run.status, out: run.stdout, err: run.stderr };
}

const TWEET = `<article><p>Words.</p><blockquote class="twitter-tweet"><p lang="en">Hello.</p>&mdash; Example Name (@example_user) <a href="https://twitter.com/example_user/status/1431500000000000000">August 28, 2021</a></blockquote></article>`;

describe('embedkeep extract', () => {
  it('answers each file in order and the unreadable one with an error, exit code 1', () => {
    writeFileSync(path.join(dir, 'a.html'), TWEET);
    writeFileSync(path.join(dir, 'b.txt'), 'No post here.');
    const { code, out, err } = embedkeep(['extract', '--jsonl', 'a.html', 'missing.html', 'b.txt']);
    const answers = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(answers.map((a) => a.file)).toEqual(['a.html', 'missing.html', 'b.txt']);
    expect(answers[0].embeds).toMatchObject([
      { platform: 'x', author: { handle: 'example_user' } },
    ]);
    expect(answers[1].error.code).toBe('FILE_UNREADABLE');
    expect(answers[2].embeds).toEqual([]);
    expect(code).toBe(1);
    expect(err).toBe('');

    const read = embedkeep(['extract', 'missing.html', 'b.txt']);
    expect(read).toMatchObject({ code: 1, out: expect.stringContaining('no embedded posts') });
    expect(read.err).toContain('FILE_UNREADABLE  missing.html: ENOENT');
  });

  it('reads standard input and takes the page address', () => {
    const { code, out } = embedkeep(
      ['extract', '--jsonl', '--url', 'https://news.example/story', '-'],
      { input: TWEET },
    );
    expect(JSON.parse(out)).toMatchObject({ file: '-', url: 'https://news.example/story' });
    expect(code).toBe(0);
  });

  it('prints a table without terminal escapes from the page', () => {
    const { out } = embedkeep(['extract', '-'], {
      input: TWEET.replace('Example Name', 'Evil \u001b]0;title\u0007Name'),
    });
    expect(out).toContain('example_user');
    expect(out).not.toContain('\u001b]0');
  });
});

describe('wrong usage', () => {
  it.each([
    [['nope']],
    [['extract']],
    [['list', '--limit', 'many']],
    [['export', '--format', 'xml']],
  ])('%j exits 2 with help on stderr', (args) => {
    const { code, out, err } = embedkeep(args);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toContain('error:');
  });
});

describe('wrong input', () => {
  it.each([
    [['add'], 'PAYLOAD_INVALID', 1],
    [['add', '--file', 'missing.txt'], 'FILE_UNREADABLE', 1],
    [['add', '--file', '.'], 'FILE_UNREADABLE', 1],
    [['verify', 'missing.wacz'], 'NOT_FOUND', 1],
  ])('%j is answered with %s before anything is opened', (args, name, exit) => {
    const { code, out, err } = embedkeep(args, { env: { DATA_DIR: '/proc/nothing/here' } });
    expect(err.trim().split('\n')).toEqual([expect.stringMatching(`^${name}  `)]);
    expect(out).toBe('');
    expect(code).toBe(exit);
  });

  it('a data directory that is a file is named, with exit code 78', () => {
    writeFileSync(path.join(dir, 'file'), '');
    const { code, err } = embedkeep(['list'], { env: { DATA_DIR: 'file' } });
    expect(err).toMatch(/^CONFIG_INVALID {2}DATA_DIR: got "file", accepted is a directory.*\n$/);
    expect(code).toBe(78);
  });
});

describe('embedkeep config', () => {
  it('reports every wrong setting at once, without secrets, and exits 78', () => {
    const { code, err } = embedkeep(['config'], {
      env: {
        PORT: 'abc',
        LOG_LEVEL: 'loud',
        REDIS_URL: 'http://x',
        HOST: '127.0.0.1',
        API_TOKENS: 'hush',
      },
    });
    expect(code).toBe(78);
    for (const name of ['PORT', 'LOG_LEVEL', 'REDIS_URL']) expect(err).toContain(name);
    expect(err).toContain('"abc"');
    expect(err).not.toContain('hush');
  });

  it('masks passwords and tokens', () => {
    const { code, out } = embedkeep(['config', '--json'], {
      env: { API_TOKENS: 'hush,hush2', DATABASE_URL: 'postgres://u:hush@db/x' },
    });
    expect(code).toBe(0);
    expect(out).not.toContain('hush');
    expect(JSON.parse(out)).toMatchObject({
      DATABASE_URL: 'postgres://u:***@db/x',
      API_TOKENS: ['***', '***'],
    });
  });

  it('reads a .env, which the environment overrides', () => {
    writeFileSync(path.join(dir, '.env'), 'PORT=1234\nHOST_INTERVAL_MS=5\n');
    const { out } = embedkeep(['config', '--json'], { env: { PORT: '4321' } });
    rmSync(path.join(dir, '.env'));
    expect(JSON.parse(out)).toMatchObject({ PORT: 4321, HOST_INTERVAL_MS: 5 });
  });
});

describe('without a server', () => {
  it('list takes the data directory and shows an empty ledger', () => {
    const { code, out, err } = embedkeep(['list', '--json']);
    expect(err).toBe('');
    expect(JSON.parse(out)).toEqual({ items: [], next: null });
    expect(code).toBe(0);
  });

  it('a named server that does not answer exits 69', () => {
    const { code, err } = embedkeep(['--server', 'http://127.0.0.1:9', 'list']);
    expect(code).toBe(69);
    expect(err).toContain('SERVER_UNREACHABLE');
  });

  it('add refuses a bad URL by name, accepts the rest and exits 1', () => {
    const { code, out } = embedkeep([
      'add',
      '--json',
      'https://news.example/story',
      'ftp://news.example/x',
    ]);
    expect(JSON.parse(out)).toMatchObject([
      { status: 'accepted' },
      { status: 'refused', reason: { code: 'URL_INVALID' } },
    ]);
    expect(code).toBe(1);
  });
});
