/**
 * The site that the benchmarks ask: 60 KB of made-up article, or the pages of a folder in turn, gzipped once.
 * `node bench/fetch-site.ts [folder]` prints its port and ends with its parent.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

const folder = process.argv[2];

const words = 'harbour storm council ferry museum bridge market river tower garden'.split(' ');
let seed = 1;
const word = (): string => {
  seed = (seed * 48_271) % 2_147_483_647;
  return words[seed % words.length] ?? '';
};
const paragraph = (): string => `<p>${Array.from({ length: 80 }, word).join(' ')}</p>`;
const madeUp = (): string =>
  `<!doctype html><html><head><title>A story</title><meta property="og:type" content="article"></head><body><article>${Array.from({ length: 100 }, paragraph).join('\n')}</article></body></html>`;
const pages = folder
  ? readdirSync(folder)
      .filter((name) => name.endsWith('.html'))
      .map((name) => readFileSync(path.join(folder, name)))
  : [Buffer.from(madeUp())];
const stock = pages.map((plain) => ({ plain, zipped: gzipSync(plain) }));

let served = 0;
const server = createServer((request, response) => {
  if (request.url === '/robots.txt') {
    response.writeHead(404).end();
    return;
  }
  const { plain, zipped } = stock[served % stock.length] as (typeof stock)[number];
  served += 1;
  // Each page is another, so that nothing is a revisit.
  const mark = Buffer.from(`<!-- ${request.url} -->`);
  const isZipped = request.headers['accept-encoding']?.includes('gzip') ?? false;
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    ...(isZipped && { 'content-encoding': 'gzip' }),
  });
  response.end(Buffer.concat(isZipped ? [zipped, gzipSync(mark, { level: 1 })] : [plain, mark]));
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
process.stdin.on('end', () => process.exit()).resume();
