/** Who may come in, over real HTTP: tokens, Host, other sites; and what the log says about it. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeStores } from '../store/stores.ts';
import { startApi, type World } from './world.ts';

const TOKEN = 'canary-5f1c9a77';
const OTHER = 'canary-d20b3e14';
const basic = (password: string) => `Basic ${Buffer.from(`me:${password}`).toString('base64')}`;

describeStores('with tokens', (current) => {
  let world: World;
  beforeAll(async () => {
    const config = { HOST: '127.0.0.1', API_TOKENS: [TOKEN, OTHER], ALLOWED_HOSTS: [] };
    world = await startApi(current(), { config });
  });
  afterAll(() => world.close());

  const PATHS = [
    ...['/', '/articles', '/posts/x/1', `/articles/${'a'.repeat(64)}`, '/favicon.svg'],
    ...['/v1/articles', '/v1/posts', '/v1/export', '/v1/stats', '/v1/hosts/a.example', '/metrics'],
    ...['/openapi.json', '/docs', '/docs/json', '/docs/static/index.html', '/dashboard'],
    ...['/dashboard/api/queues', '/nothing/here', '//healthz', '/healthz/../v1/posts', '/HEALTHZ'],
  ];

  test.each(PATHS)('%s is closed without one', async (path) => {
    const { status, headers } = await world.call(path);
    expect(status).toBe(401);
    expect(headers['www-authenticate']).toContain('Basic realm="embedkeep"');
    expect(headers['www-authenticate']).toContain('Bearer');
  });

  test.each(['/healthz', '/readyz', '/healthz?deep=1'])('%s is open', async (path) => {
    expect((await world.call(path)).status).toBe(200);
  });

  test.each([
    ['Bearer', `Bearer ${TOKEN}`],
    ['the second token', `Bearer ${OTHER}`],
    ['Basic, as password', basic(TOKEN)],
  ])('%s opens', async (_, authorization) => {
    const { status } = await world.call({ path: '/v1/stats', headers: { authorization } });
    expect(status).toBe(200);
  });

  test.each([
    ['a wrong token', `Bearer ${TOKEN}x`],
    ['a shorter token', `Bearer ${TOKEN.slice(0, -1)}`],
    ['both tokens', `Bearer ${TOKEN},${OTHER}`],
    ['the token as user', `Basic ${Buffer.from(`${TOKEN}:`).toString('base64')}`],
    ['no scheme', TOKEN],
    ['an empty password', basic('')],
  ])('%s does not', async (_, authorization) => {
    const { status, json } = await world.call({ path: '/v1/stats', headers: { authorization } });
    expect([status, json.code]).toEqual([401, 'UNAUTHORIZED']);
  });

  test('a token in the query opens nothing and is not logged', async () => {
    const { status } = await world.call(`/v1/stats?token=${TOKEN}&access_token=${TOKEN}`);
    expect(status).toBe(401);
  });

  test('a write without one changes nothing', async () => {
    const { status } = await world.post('/v1/articles', ['https://closed.example/']);
    expect(status).toBe(401);
    expect((await current().store.reader.counts()).accepted).toBe(0);
  });

  test('no log line ever holds a token', async () => {
    await world.call({ path: '/v1/posts?cursor=x', headers: { authorization: basic(TOKEN) } });
    expect(world.log.length).toBeGreaterThan(10);
    const all = world.log.join('');
    for (const secret of [
      'canary',
      Buffer.from(TOKEN).toString('base64').slice(4, 16),
      basic(TOKEN),
    ]) {
      expect(all).not.toContain(secret);
    }
  });
});

describeStores('without tokens', (current) => {
  let world: World;
  beforeAll(async () => {
    const config = { HOST: '127.0.0.1', API_TOKENS: [], ALLOWED_HOSTS: ['keep.example'] };
    world = await startApi(current(), { config });
  });
  afterAll(() => world.close());

  describe('the Host header', () => {
    test.each(['localhost', '127.0.0.1:1', '[::1]:8080', 'keep.example', 'KEEP.example:443'])(
      '%s is served',
      async (host) => {
        expect((await world.call({ path: '/v1/stats', headers: { host } })).status).toBe(200);
      },
    );

    test.each([
      ['/v1/stats', 'evil.example'],
      ['/', 'evil.example'],
      ['/dashboard', 'evil.example'],
      ['/healthz', 'evil.example'],
      ['/v1/stats', 'localhost.evil.example'],
      ['/v1/stats', '127.0.0.1.nip.example'],
      ['/v1/stats', '10.0.0.1'],
    ])('%s for %s is refused', async (path, host) => {
      const { status, json } = await world.call({ path, headers: { host } });
      expect([status, json.code]).toEqual([403, 'FORBIDDEN']);
    });
  });

  describe('a write', () => {
    const write = (path: string, headers: Record<string, string>) =>
      world.call({
        method: 'POST',
        path,
        headers: { 'content-type': 'text/plain', ...headers },
        body: 'https://written.example/\n',
      });

    test('from our own page passes', async () => {
      const headers = { origin: world.origin, 'sec-fetch-site': 'same-origin' };
      expect((await write('/v1/articles', headers)).status).toBe(202);
    });

    test.each([
      ['/v1/articles', { origin: 'https://evil.example' }],
      ['/v1/articles', { 'sec-fetch-site': 'cross-site' }],
      ['/v1/articles', { origin: 'null' }],
      [`/v1/articles/${'a'.repeat(64)}/retry`, { origin: 'https://evil.example' }],
      [`/articles/${'a'.repeat(64)}/retry`, { origin: 'https://evil.example' }],
      ['/dashboard/api/queues/embedkeep-article/retry/failed', { origin: 'https://evil.example' }],
      ['/nothing/here', { origin: 'https://evil.example' }],
    ])('to %s with %j is refused', async (path, headers) => {
      const { status, json } = await write(path, headers as unknown as Record<string, string>);
      expect([status, json.code]).toEqual([403, 'FORBIDDEN']);
    });

    test.each(['PUT', 'DELETE', 'PATCH'])(
      'by %s from another site is refused too',
      async (method) => {
        const headers = { origin: 'https://evil.example' };
        const { status } = await world.call({
          method,
          path: '/dashboard/api/queues/x/pause',
          headers,
        });
        expect(status).toBe(403);
      },
    );
  });

  test('a preflight is promised nothing', async () => {
    const { headers } = await world.call({
      method: 'OPTIONS',
      path: '/v1/articles',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    });
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  test.each(['/', '/v1/stats', '/nothing', '/docs', '/dashboard'])(
    '%s has the security headers',
    async (path) => {
      const { headers } = await world.call(path);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
      expect(headers['content-security-policy']?.includes('unsafe-inline')).toBe(
        path === '/dashboard',
      );
      expect(headers['content-security-policy']).not.toMatch(/https?:|unsafe-eval|\*/);
      expect(headers['access-control-allow-origin']).toBeUndefined();
    },
  );

  test.each([
    ['no HTTP', 'hello\r\n\r\n', '400'],
    ['HTTP/1.1 without Host', 'GET /v1/stats HTTP/1.1\r\n\r\n', '400'],
    ['HTTP/1.0 without Host', 'GET /v1/stats HTTP/1.0\r\n\r\n', '403'],
    [
      'a header of 100 KB',
      `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`,
      '431',
    ],
    [
      'an address that cannot be decoded',
      'GET /%ff HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
      '400',
    ],
  ])('%s is answered and closed', async (_, bytes, status) => {
    const answer = await raw(Number(new URL(world.origin).port), bytes);
    expect(answer.split(' ')[1]).toBe(status);
  });

  test('what goes wrong inside is a 500 that tells nothing, and a log line that tells all', async () => {
    const metrics = () => Promise.reject(new Error('postgres://user:hunter2@db/ is away'));
    const broken = await startApi(current(), { metrics });
    try {
      const { status, text, json } = await broken.call('/metrics');
      expect([status, json.code]).toEqual([500, 'INTERNAL']);
      expect(text).not.toContain('hunter2');
      expect(broken.log.join('')).toContain('is away');
    } finally {
      await broken.close();
    }
  });

  test('a hostile address is one log line', async () => {
    const before = world.log.length;
    await world.call('/nothing%0d%0a{"level":60}%1b[31m');
    expect(world.log.slice(before).join('').trimEnd().split('\n')).toHaveLength(1);
  });
});

async function raw(port: number, bytes: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}
