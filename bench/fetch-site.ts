/**
 * The site that the benchmarks ask: 60 KB of made-up article, or the pages of a folder in turn, gzipped once.
 * `--small` instead: pages of 2 KB, each with two posts of its own.
 * `node bench/fetch-site.ts [folder | --small]` prints its port and ends with its parent.
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
const isSmall = folder === '--small';
const pages =
  folder && !isSmall
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.html'))
        .map((name) => readFileSync(path.join(folder, name)))
    : [Buffer.from(madeUp())];
const stock = pages.map((plain) => ({ plain, zipped: gzipSync(plain) }));

let served = 0;
/** Posts are never the same twice, their authors are a thousand. */
function small(): string {
  served += 1;
  const post = (id: number): string =>
    `<blockquote class="twitter-tweet"><p lang="en" dir="ltr">${word()} ${word()} ${word()} ${id}</p>&mdash; Ada Example (@ada${id % 1000}) <a href="https://twitter.com/ada${id % 1000}/status/${1_430_000_000_000_000_000n + BigInt(id)}">August 28, 2021</a></blockquote>`;
  return `<!doctype html><html><head><title>Story ${served}</title></head><body><article><h1>${word()}</h1><p>${Array.from({ length: 100 }, word).join(' ')}</p>${post(2 * served)}${post(2 * served + 1)}</article></body></html>`;
}
const server = createServer((request, response) => {
  if (request.url === '/robots.txt') {
    response.writeHead(404).end();
    return;
  }
  if (isSmall) {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(small());
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
