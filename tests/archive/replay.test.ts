/**
 * Our WACZ in replayweb.page, as a reader meets it: its two scripts beside the file on loopback, in Chromium.
 * The program is AGPL and no dependency of ours, not even for development (its tree names versions that lock files
 * cannot hold): npm brings its tarball, 2.3 MB, which is held to its digest and kept in the temporary directory.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Browser, chromium, type Frame } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { warcsInDirectory } from '../../src/store/verify-warcs.ts';
import { writeWacz } from '../../src/store/wacz.ts';
import { snapshotOf } from '../../src/store/wacz-snapshot.ts';
import { type Made, make } from '../store/verify-made.ts';
import { chromiumPath, describeWith } from '../support/services.ts';

const REPLAYWEB = 'replaywebpage@2.5.3';
const SHA512 =
  'nCj2PSON3BxeSJKE8AsYPyULv0XPZKJWfy4l9PyQre9SqwLZ+WKZVs/sfLqPOQ4GrH+0YkjbwOhr8cSTH08gsQ==';
const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];
const run = promisify(execFile);

/** Folder of the unpacked program. @throws where npm does not bring it, or brings something else. */
async function replayweb(): Promise<string> {
  const folder = join(tmpdir(), `embedkeep-${REPLAYWEB.replace('@', '-')}`);
  const tarball = join(folder, 'replaywebpage-2.5.3.tgz');
  await mkdir(folder, { recursive: true });
  if (!existsSync(tarball)) await run('npm', ['pack', REPLAYWEB, '--pack-destination', folder]);
  const digest = createHash('sha512').update(readFileSync(tarball)).digest('base64');
  expect(digest, tarball).toBe(SHA512);
  await run('tar', ['-xzf', tarball, '-C', folder, 'package/ui.js', 'package/sw.js']);
  return join(folder, 'package');
}

const PAGES = new Map([
  ['/harbour', ['https://news.example/harbour', 'The harbour is open again']],
  ['/tram', ['http://news.example/tram', 'Ünïcode and long and long']],
]);

const viewer = (url: string): string =>
  `<!doctype html><meta charset="utf-8"><script src="/ui.js"></script><replay-web-page source="/export.wacz" replayBase="/replay/" embed="replayonly" url="${url}" style="height:600px"></replay-web-page>`;

function serve(files: ReadonlyMap<string, Buffer>) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const path = new URL(request.url ?? '/', 'http://x').pathname;
    const [url = ''] = PAGES.get(path) ?? [];
    const body = url ? Buffer.from(viewer(url)) : files.get(path);
    if (!body) return void response.writeHead(404).end();
    const type = url ? 'text/html' : path.endsWith('.js') ? 'text/javascript' : 'application/wacz';
    response.setHeader('content-type', type).setHeader('accept-ranges', 'bytes');
    const range = rangeOf(request.headers.range, body.length);
    if (!range) return void response.end(body);
    const [start, end] = range;
    response.writeHead(206, { 'content-range': `bytes ${start}-${end}/${body.length}` });
    response.end(body.subarray(start, end + 1));
  };
}

/** First and last byte; a suffix longer than the file is the whole file. */
function rangeOf(header: string | undefined, length: number): [number, number] | null {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (from !== '') return [Number(from), to === '' ? length - 1 : Math.min(Number(to), length - 1)];
  return to === '' ? null : [Math.max(0, length - Number(to)), length - 1];
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describeWith(['chromium'], 'a WACZ in replayweb.page', () => {
  /** What the browser asked of anybody but our server, service workers included. */
  const outside: string[] = [];
  const servers: Server[] = [];
  let browser: Browser;
  let made: Made;
  let dir: string;
  let site: string;

  beforeAll(async () => {
    const program = await replayweb();
    dir = await mkdtemp(join(tmpdir(), 'embedkeep-replay-'));
    made = await make();
    const wacz = join(dir, 'export.wacz');
    const snapshot = await snapshotOf(made.store.db);
    await writeWacz(wacz, { warcs: warcsInDirectory(made.warcDir), snapshot });
    const script = await readFile(join(program, 'sw.js'));
    const files = new Map([
      ['/export.wacz', await readFile(wacz)],
      ['/ui.js', await readFile(join(program, 'ui.js'))],
      ['/replay/sw.js', script],
    ]);
    const proxy = createServer((request, response) => {
      outside.push(request.url ?? '');
      response.writeHead(502).end();
    });
    proxy.on('connect', (request, socket) => {
      outside.push(request.url ?? '');
      socket.end();
    });
    servers.push(createServer(serve(files)), proxy);
    const [here = '', away] = await Promise.all(servers.map(listen));
    site = `http://${here}`;
    browser = await chromium.launch({
      executablePath: chromiumPath() ?? '',
      args: FLAGS,
      env: { HOME: dir },
      proxy: { server: `http://${away}`, bypass: '127.0.0.1' },
    });
  });
  afterAll(async () => {
    await browser?.close();
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
    await made?.remove();
    if (dir) await rm(dir, { recursive: true, force: true });
  });

  test.each([...PAGES])(
    'shows %s as it was captured, and asks nobody else',
    async (...row) => {
      const [path, [, text = '']] = row;
      const page = await browser.newPage();
      page.setDefaultTimeout(90_000);
      await page.goto(site + path);
      let opened = Date.now();
      const shown = (frame: Frame): Promise<string> =>
        frame
          .locator('body')
          .innerText({ timeout: 2000 })
          .catch(() => '');
      await expect
        .poll(
          async () => {
            if (Date.now() - opened > RELOAD_MS) {
              await page.reload();
              opened = Date.now();
            }
            return (await Promise.all(page.frames().map(shown))).join('\n');
          },
          { timeout: 90_000, interval: 250 },
        )
        .toContain(text);
      await page.close();
      expect(outside.filter((url) => !NOISE.test(hostOf(url)))).toEqual([]);
    },
    120_000,
  );
});

/** The viewer's frame now and then asks before its service worker has taken over, and stays empty; a reader loads again. */
const RELOAD_MS = 15_000;

/** Chromium's own start-up questions, which no page caused. */
const NOISE = /(^|\.)(google|googleapis|gstatic|gvt1)\.com$/;
const hostOf = (target: string): string =>
  new URL(target.includes('//') ? target : `http://${target}`).hostname;
