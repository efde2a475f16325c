/** The site that bench/fetch.ts asks: 60 KB of made-up article, gzipped once. Prints its port; ends with its parent. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

const words = 'harbour storm council ferry museum bridge market river tower garden'.split(' ');
let seed = 1;
const word = (): string => {
  seed = (seed * 48_271) % 2_147_483_647;
  return words[seed % words.length] ?? '';
};
const paragraph = (): string => `<p>${Array.from({ length: 80 }, word).join(' ')}</p>`;
const page = `<!doctype html><html><head><title>A story</title><meta property="og:type" content="article"></head><body><article>${Array.from({ length: 100 }, paragraph).join('\n')}</article></body></html>`;
const plain = Buffer.from(page);
const zipped = gzipSync(plain);

const server = createServer((request, response) => {
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
