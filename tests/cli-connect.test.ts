/** Commands over HTTP: what a server that fails in the middle leaves behind. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { overHttp, serverOf } from '../src/cli/connect.ts';
import { saveAs } from '../src/cli/files.ts';

let dir: string;
let http: Server | undefined;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'embedkeep-connect-'));
});
afterEach(async () => {
  http?.closeAllConnections();
  http?.close();
  await rm(dir, { recursive: true, force: true });
});

async function client(answer: RequestListener, token?: string) {
  http = createServer(answer).listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  return serverOf(overHttp(`http://127.0.0.1:${port}`), token, () => Promise.resolve());
}

test('an answer that breaks off is an error by name, and no file is left', async () => {
  const server = await client((_request, response) => {
    response.writeHead(200);
    response.write('half of it');
    setTimeout(() => response.destroy(), 50);
  });
  const file = path.join(dir, 'posts.jsonl');
  const saving = saveAs(file, await server.stream('/v1/export'));
  await expect(saving).rejects.toMatchObject({ code: 'SERVER_UNREACHABLE' });
  expect(existsSync(file)).toBe(false);
  expect(await readdir(dir)).toEqual([]);
});

test('a problem document comes back as the error it was made of', async () => {
  const server = await client((_request, response) => {
    response.writeHead(409, { 'content-type': 'application/problem+json' });
    response.end(JSON.stringify({ code: 'LEGAL_HOLD', detail: 'held', status: 409 }));
  });
  const asked = server.post('/v1/removals', {}, [200]);
  await expect(asked).rejects.toMatchObject({ code: 'LEGAL_HOLD', message: 'held' });
  await expect(server.stream('/v1/reparse', {})).rejects.toMatchObject({ code: 'LEGAL_HOLD' });
});

test('the token goes with every call', async () => {
  const seen: (string | undefined)[] = [];
  const server = await client((request, response) => {
    seen.push(request.headers.authorization);
    response.end('{}');
  }, 'hush');
  await server.get('/v1/stats');
  await server.post('/v1/gc', {}, [200]);
  (await server.stream('/v1/export')).resume();
  expect(seen).toEqual(['Bearer hush', 'Bearer hush', 'Bearer hush']);
});
