/** POST /v1/articles over a real ledger on both backends. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { answers as answersSchema } from '../../src/api/schemas.ts';
import { describeStores } from '../store/stores.ts';
import { startApi, type World } from './world.ts';

// 10,000 orders on a busy machine take their time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let pages = 0;
const newUrl = () => `https://intake.example/${++pages}`;

describeStores('the intake', (current) => {
  let world: World;
  beforeAll(async () => {
    world = await startApi(current());
  });
  afterAll(() => world.close());

  const accepted = async () => (await current().store.reader.counts()).accepted;
  const send = (type: string, body: string | Buffer, headers: Record<string, string> = {}) =>
    world.call({
      method: 'POST',
      path: '/v1/articles',
      headers: { 'content-type': type, ...headers },
      body,
    });

  describe('what it takes', () => {
    test('an order as an object', async () => {
      const url = newUrl();
      const order = { url, priority: 3, tags: ['a', 'b'] };
      const sent = { ...order, reference: 'batch-1' };
      const { status, json } = await world.post('/v1/articles', sent);
      expect(status).toBe(202);
      expect(answersSchema.parse(json)).toEqual(json);
      expect(json).toMatchObject({ accepted: 1, known: 0, refused: 0 });
      expect(json.items).toMatchObject([{ index: 0, url, status: 'accepted' }]);
      const run = await world.call(`/v1/runs/${json.items[0].runId}`);
      expect(run.json).toMatchObject({ ...order, references: ['batch-1'] });
      expect(world.enqueued.at(-1)).toEqual([{ id: run.json.id, url, priority: 3 }]);
    });

    test('orders and strings in an array, answered in input order; the second of two is known', async () => {
      const [a, b] = [newUrl(), newUrl()];
      const { json } = await world.post('/v1/articles', [a, { url: b }, 'nonsense', a, 7]);
      expect(json.items.map((i: { index: number; status: string }) => [i.index, i.status])).toEqual(
        [
          [0, 'accepted'],
          [1, 'accepted'],
          [2, 'refused'],
          [3, 'known'],
          [4, 'refused'],
        ],
      );
      expect(json.items[3].runId).toBe(json.items[0].runId);
      expect(world.enqueued.at(-1)?.map((run) => run.url)).toEqual([a, b]);
      expect(json.items[2].reason.code).toBe('URL_INVALID');
      expect(json.items[4].reason.code).toBe('PAYLOAD_INVALID');
    });

    test('NDJSON, where a broken line spoils no other', async () => {
      const [a, b] = [newUrl(), newUrl()];
      const body = `{"url":"${a}","tags":["t"]}\r\n\n{"url": broken\n"${b}"\n`;
      const { status, json } = await send('application/x-ndjson', body);
      expect(status).toBe(202);
      expect(json.items).toMatchObject([
        { index: 0, url: a, status: 'accepted' },
        { index: 1, url: '{"url": broken', status: 'refused', reason: { code: 'PAYLOAD_INVALID' } },
        { index: 2, url: b, status: 'accepted' },
      ]);
    });

    test('text with a URL a line, in any of the line ends', async () => {
      const [a, b, c] = [newUrl(), newUrl(), newUrl()];
      const { json } = await send('text/plain; charset=utf-8', ` ${a}\r\n${b}\r${c}\n\n`);
      expect(json.items.map((i: { url: string }) => i.url)).toEqual([a, b, c]);
      expect(json.accepted).toBe(3);
    });

    test('10,000 URLs with 100 bad ones in one call', async () => {
      const before = await accepted();
      const urls = Array.from({ length: 10_000 }, (_, i) =>
        i % 100 === 7 ? `not a url ${i}` : `https://bulk.example/${i}`,
      );
      const { status, json } = await world.post('/v1/articles', urls);
      expect(status).toBe(202);
      expect(json).toMatchObject({ accepted: 9900, known: 0, refused: 100 });
      expect(json.items.map((i: { url: string }) => i.url)).toEqual(urls);
      expect(json.items.every((i: { index: number }, at: number) => i.index === at)).toBe(true);
      expect(await accepted()).toBe(before + 9900);
      expect(world.enqueued.at(-1)).toHaveLength(9900);
    });
  });

  describe('what it refuses', () => {
    test('all orders bad: 422, a problem document that has every answer', async () => {
      const { status, headers, json } = await world.post('/v1/articles', ['x', 'ftp://a.example/']);
      expect(status).toBe(422);
      expect(headers['content-type']).toContain('application/problem+json');
      expect(json).toMatchObject({ status: 422, code: 'URL_INVALID', refused: 2, accepted: 0 });
      expect(json.items).toHaveLength(2);
    });

    test('10,001 URLs: 413 with nothing taken', async () => {
      const before = await accepted();
      const urls = Array.from({ length: 10_001 }, (_, i) => `https://more.example/${i}`);
      const { status, json } = await world.post('/v1/articles', urls);
      expect([status, json.code]).toEqual([413, 'BODY_TOO_LARGE_REQUEST']);
      expect(await accepted()).toBe(before);
    });

    test('more than 16 MiB: 413 with nothing taken', async () => {
      const before = await accepted();
      const line = `https://large.example/${'x'.repeat(4000)}\n`;
      const { status, json } = await send('text/plain', line.repeat(4200));
      expect([status, json.code]).toEqual([413, 'BODY_TOO_LARGE_REQUEST']);
      expect(await accepted()).toBe(before);
    });

    const json = 'application/json';
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    test.each([
      { what: 'broken JSON', type: json, body: '[', is: [400, 'PAYLOAD_INVALID'] },
      { what: 'an empty body', type: json, body: '', is: [400, 'PAYLOAD_INVALID'] },
      { what: 'an empty array', type: json, body: '[]', is: [400, 'PAYLOAD_INVALID'] },
      { what: 'blank lines', type: 'text/plain', body: '\n \n', is: [400, 'PAYLOAD_INVALID'] },
      { what: 'HTML', type: 'text/html', body: '<p>', is: [415, 'UNSUPPORTED_MEDIA_TYPE'] },
      { what: 'XML', type: 'application/xml', body: '<a/>', is: [415, 'UNSUPPORTED_MEDIA_TYPE'] },
      {
        what: 'a compressed body',
        type: 'text/plain',
        body: gzipSync('https://a.example/'),
        headers: { 'content-encoding': 'gzip' },
        is: [415, 'UNSUPPORTED_MEDIA_TYPE'],
      },
      {
        what: 'bytes that are not UTF-8',
        type: 'text/plain',
        body: Buffer.from([0x68, 0xff, 0xfe]),
        is: [400, 'PAYLOAD_INVALID'],
      },
      { what: 'null', type: json, body: 'null', is: [422, 'PAYLOAD_INVALID'] },
      { what: 'a number', type: json, body: '5', is: [422, 'PAYLOAD_INVALID'] },
      { what: 'depth', type: json, body: deep, is: [422, 'PAYLOAD_INVALID'] },
      {
        what: 'an unknown field',
        type: json,
        body: '{"url":"https://a.example/","x":1}',
        is: [422, 'PAYLOAD_INVALID'],
      },
      {
        what: 'a prototype',
        type: json,
        body: '{"url":"https://a.example/","__proto__":{"force":true}}',
        is: [422, 'PAYLOAD_INVALID'],
      },
    ])('$what', async ({ type, body, headers = {}, is }) => {
      const reply = await send(type, body, headers);
      expect([reply.status, reply.json.code]).toEqual(is);
      expect(reply.headers['content-type']).toContain('application/problem+json');
    });

    test('text that a database cannot hold is never a 500', async () => {
      const url = newUrl();
      const orders = [
        { url: `${url}\0` },
        { url, tags: ['a\0b'] },
        { url, reference: '\ud800' },
        { url, tags: ['\udfff'] },
      ];
      for (const order of orders) {
        const { status } = await world.post('/v1/articles', order);
        expect([202, 422]).toContain(status);
      }
    });
  });

  describe('an Idempotency-Key', () => {
    test('gives the first answer again, and enqueues nothing twice', async () => {
      const body = [newUrl(), 'nonsense'];
      const first = await world.post('/v1/articles', body, { 'idempotency-key': 'k-1' });
      const calls = world.enqueued.length;
      const again = await world.post('/v1/articles', body, { 'idempotency-key': 'k-1' });
      expect(again.text).toBe(first.text);
      expect([again.status, again.headers['idempotency-replayed']]).toEqual([202, 'true']);
      expect(first.headers['idempotency-replayed']).toBeUndefined();
      expect(world.enqueued).toHaveLength(calls);
    });

    test('with another body is a 409', async () => {
      await world.post('/v1/articles', [newUrl()], { 'idempotency-key': 'k-2' });
      const other = await world.post('/v1/articles', [newUrl()], { 'idempotency-key': 'k-2' });
      expect([other.status, other.json.code]).toEqual([409, 'IDEMPOTENCY_MISMATCH']);
    });

    test('sent five times at once is one order', async () => {
      const url = newUrl();
      const replies = await Promise.all(
        Array.from({ length: 5 }, () =>
          world.post('/v1/articles', { url, force: true }, { 'idempotency-key': 'k-3' }),
        ),
      );
      expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
      const article = await world.call(`/v1/articles/${encodeURIComponent(url)}`);
      expect(article.json.runs).toHaveLength(1);
    });

    test('is forgotten after a day', async () => {
      const url = newUrl();
      await world.post('/v1/articles', [url], { 'idempotency-key': 'k-4' });
      current().pass(25 * 3_600_000);
      const later = await world.post('/v1/articles', [newUrl()], { 'idempotency-key': 'k-4' });
      expect(later.status).toBe(202);
    });

    test.each(['', ' ', 'a b', 'x'.repeat(256)])('%j is no key', async (key) => {
      const { status, json } = await world.post('/v1/articles', [newUrl()], {
        'idempotency-key': key,
      });
      expect([status, json.code]).toEqual([400, 'PAYLOAD_INVALID']);
    });
  });

  describe('a queue that is away', () => {
    test.each([
      ['refuses', () => Promise.reject(new Error('no queue'))],
      [
        'throws',
        () => {
          throw new Error('no queue');
        },
      ],
      ['never answers', () => new Promise(() => {})],
    ])('and %s un-accepts nothing', async (_, enqueue) => {
      const lonely = await startApi(current(), { enqueue });
      try {
        const { status, json } = await lonely.post('/v1/articles', newUrl());
        expect(status).toBe(202);
        const run = await current().store.reader.run(json.items[0].runId);
        expect(run?.state).toBe('accepted');
      } finally {
        await lonely.close();
      }
    });
  });

  test('many at once are refused with the time to come back; who hangs up holds no place', async () => {
    const release: (() => void)[] = [];
    const slow = await startApi(current(), {
      pressure: () => Promise.resolve(null),
      enqueue: () => new Promise<void>((resolve) => release.push(resolve)),
    });
    try {
      const { port } = new URL(slow.origin);
      const sockets = await Promise.all(
        Array.from({ length: 8 }, () => sendAndWait(Number(port), newUrl())),
      );
      await expect.poll(() => release.length, { timeout: 20_000 }).toBe(8);
      const refused = await slow.post('/v1/articles', newUrl());
      expect([refused.status, refused.headers['retry-after']]).toEqual([429, '1']);
      for (const socket of sockets) socket.destroy();
      await expect
        .poll(
          async () => {
            const answer = slow.post('/v1/articles', newUrl());
            for (const done of release.splice(0)) done();
            return (await answer).status;
          },
          { timeout: 20_000 },
        )
        .toBe(202);
    } finally {
      for (const done of release) done();
      await slow.close();
    }
  });

  test('under pressure it is refused with the time to come back, and takes nothing', async () => {
    const full = await startApi(current(), {
      pressure: () =>
        Promise.resolve({ retryAfterSeconds: 30, reason: 'The disk is nearly full.' }),
    });
    try {
      const before = await accepted();
      const { status, headers, json } = await full.post('/v1/articles', newUrl());
      expect([status, json.code, headers['retry-after']]).toEqual([503, 'INTAKE_PAUSED', '30']);
      expect(json.retryAfterSeconds).toBe(30);
      expect(json.detail).toBe('The disk is nearly full.');
      expect(await accepted()).toBe(before);
    } finally {
      await full.close();
    }
  });
});

/** A whole request whose answer nobody waits for. */
async function sendAndWait(port: number, url: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const head = 'POST /v1/articles HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n';
  socket.write(`${head}Content-Length: ${url.length}\r\n\r\n${url}`);
  return socket;
}
