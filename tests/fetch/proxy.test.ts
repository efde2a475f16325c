/** Fetching through the operator's proxy: a real CONNECT proxy on loopback, well and badly behaved. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { EmbedkeepError } from '../../src/errors.ts';
import { createFetcher, type Fetcher } from '../../src/fetch/fetcher.ts';
import { outcomeOf } from '../../src/fetch/outcome.ts';

type Manner = (request: IncomingMessage, socket: Socket) => void;

const pem = (name: string) =>
  readFileSync(new URL(`fixtures/tls/${name}.pem`, import.meta.url), 'utf8');
const PAGE = '<!doctype html><article><p>through the tunnel</p></article>';
const CONNECT_TIMEOUT_MS = 1000;

const asked: { authority: string; auth: string | null }[] = [];
const sockets = new Set<Socket>();
const servers: Server[] = [];
let manner: Manner;
let [proxyPort, sitePort, tlsPort] = [0, 0, 0];

/** Names resolve at the proxy: every one is this machine. */
const tunnel: Manner = (request, client) => {
  const port = Number(new URL(`http://${request.url}`).port);
  const upstream = connect(port, '127.0.0.1', () => {
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    upstream.pipe(client).pipe(upstream);
  });
  for (const [one, other] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
  }
};

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

beforeAll(async () => {
  const answer = (_request: unknown, response: { end(text: string): void }) => response.end(PAGE);
  sitePort = await listen(
    createServer((q, r) => answer(q, r.setHeader('content-type', 'text/html'))),
  );
  const tls = createTlsServer({ cert: pem('good'), key: pem('key') }, (q, r) =>
    answer(q, r.setHeader('content-type', 'text/html')),
  );
  tlsPort = await listen(tls as unknown as Server);
  const proxy = createServer((_request, response) => response.writeHead(400).end());
  proxy.on('connect', (request: IncomingMessage, socket: Socket) => {
    const { url = '', headers } = request;
    asked.push({ authority: url, auth: headers['proxy-authorization'] ?? null });
    socket.on('error', () => undefined);
    manner(request, socket);
  });
  proxyPort = await listen(proxy);
});
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers) server.close();
});

let fetcher: Fetcher;
afterEach(() => fetcher.close());

function open(how: Manner, credentials = '', port = proxyPort): void {
  manner = how;
  asked.length = 0;
  fetcher = createFetcher({
    ...{ timeoutMs: 3000, connectTimeoutMs: CONNECT_TIMEOUT_MS },
    userAgent: 'embedkeep-test/1',
    allowPrivate: [`site.test:${sitePort}`, `site.test:${tlsPort}`],
    proxy: `http://${credentials}127.0.0.1:${port}`,
    ca: pem('good'),
    // The proxy resolves; here nobody may.
    resolve: () => expect.unreachable(),
  });
}

const refuse =
  (status: string): Manner =>
  (_request, socket) =>
    socket.end(`HTTP/1.1 ${status}\r\nContent-Length: 2\r\n\r\nno`);

async function failure(url: string): Promise<EmbedkeepError> {
  const thrown: unknown = await fetcher.fetch(url, { reason: 'first' }).catch((error) => error);
  if (thrown instanceof EmbedkeepError) return thrown;
  return expect.unreachable(`got ${JSON.stringify(thrown)}`);
}

const site = (): string => `http://site.test:${sitePort}/story`;

describe('through a proxy', () => {
  it('http pages come whole, by one tunnel that is kept, and nobody looks up the name here', async () => {
    open(tunnel);
    for (let i = 0; i < 2; i += 1) {
      const { body, hops, failure } = await fetcher.fetch(site(), { reason: 'first' });
      expect(Buffer.from(body ?? []).toString()).toBe(PAGE);
      expect(failure).toBeUndefined();
      // The peer is the proxy, which is nobody's business.
      expect(hops[0]).toMatchObject({ remoteAddress: null, tls: null });
    }
    expect(asked).toEqual([{ authority: `site.test:${sitePort}`, auth: null }]);
  });

  it('https pages are encrypted end to end, the certificate checked against the name', async () => {
    open(tunnel);
    const { body, hops } = await fetcher.fetch(`https://site.test:${tlsPort}/`, {
      reason: 'first',
    });
    expect(Buffer.from(body ?? []).toString()).toBe(PAGE);
    expect(hops[0]).toMatchObject({ remoteAddress: null, tls: 'TLSv1.3' });
    await fetcher.close();
    open(tunnel);
    manner = (request, socket) => {
      request.url = `site.test:${sitePort}`;
      tunnel(request, socket);
    };
    expect((await failure(`https://site.test:${tlsPort}/`)).code).toMatch(
      /^(TLS_FAIL|CONNECT_FAIL|HTTP_PROTOCOL)$/,
    );
  });

  it('its user and password are sent, decoded, to it alone', async () => {
    open(tunnel, 'desk:p%40ss@');
    const { body, hops } = await fetcher.fetch(site(), { reason: 'first' });
    expect(Buffer.from(body ?? []).toString()).toBe(PAGE);
    const basic = `Basic ${Buffer.from('desk:p@ss').toString('base64')}`;
    expect(asked[0]?.auth).toBe(basic);
    expect(JSON.stringify(hops)).not.toMatch(/authorization|p@ss/i);
  });

  it('address literals are still checked here, and ports', async () => {
    open(tunnel);
    for (const url of [
      'http://127.0.0.1/',
      'http://169.254.169.254/',
      'http://[::1]/',
      'http://site.test:22/',
    ]) {
      expect((await failure(url)).code).toBe('URL_BLOCKED');
    }
    expect(asked).toEqual([]);
  });
});

describe('a proxy that does not work', () => {
  it.each([
    ['403 Forbidden', 403],
    ['407 Proxy Authentication Required', 407],
    ['502 Bad Gateway', 502],
  ])('and answers %s is named, not the host', async (status, proxyStatus) => {
    open(refuse(status), 'desk:wrong@');
    const error = await failure(site());
    expect(error).toMatchObject({ code: 'PROXY_FAIL', detail: { proxyStatus }, retry: true });
    expect(error.message).toContain(String(proxyStatus));
    // the host's circuit stays closed
    expect(outcomeOf(null, { ...error, message: '', retry: true }).outcome).toBe('neutral');
  });

  it.each<[string, Manner]>([
    ['closes', (_request, socket) => socket.destroy()],
    ['answers no HTTP', (_request, socket) => socket.end('hello\r\n\r\n')],
  ])('and %s is named', async (_, how) => {
    open(how);
    expect((await failure(site())).code).toBe('PROXY_FAIL');
  });

  it('and is not there is named', async () => {
    const gone = createServer();
    gone.listen(0, '127.0.0.1');
    await once(gone, 'listening');
    const { port } = gone.address() as AddressInfo;
    gone.close();
    await once(gone, 'close');
    open(tunnel, '', port);
    expect((await failure(site())).code).toBe('PROXY_FAIL');
  });

  it('and never answers ends at the deadline of connecting, its socket closed', async () => {
    let left = false;
    open((_request, socket) => {
      socket.resume();
      socket.on('end', () => {
        left = true;
      });
    });
    const started = performance.now();
    expect((await failure(site())).code).toBe('TIMEOUT_CONNECT');
    expect(performance.now() - started).toBeLessThan(3 * CONNECT_TIMEOUT_MS);
    await expect.poll(() => left, { timeout: 10_000 }).toBe(true);
  });
});
