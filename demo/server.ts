/**
 * The demo's little newspaper on loopback, a process of its own. Arguments: port (0 for any).
 * Prints its port; one page fails at first and one is gone, as pages are and do.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

const folder = path.join(import.meta.dirname, 'site');
const pages = new Map(
  readdirSync(folder).map((file) => [
    `/${path.basename(file, '.html')}`,
    readFileSync(path.join(folder, file)),
  ]),
);

/** Answers 503 once, so that the demo shows a retry. */
const OVERLOADED_AT_FIRST = '/ferry';
let overloaded = true;

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://site.invalid');
  if (pathname === OVERLOADED_AT_FIRST && overloaded) {
    overloaded = false;
    response.writeHead(503, { 'retry-after': '1' }).end('Too many readers, one moment.');
    return;
  }
  const page = pages.get(pathname);
  if (pathname === '/robots.txt') response.end('User-agent: *\nAllow: /\n');
  else if (page) response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
  else
    response
      .writeHead(404, { 'content-type': 'text/html; charset=utf-8' })
      .end('<h1>Not found</h1>');
});

server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  console.log((server.address() as AddressInfo).port);
});
// The demo holds this process's standard input: when it goes, in whatever way, so does the site.
process.stdin.on('end', () => process.exit()).resume();
