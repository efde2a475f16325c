/** Objects on a real Ceph gateway, straight and through a proxy that fails as networks and servers do. */
import {
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { parseS3Url } from '../../src/store/archive/s3-address.ts';
import { openS3Objects, type S3Objects } from '../../src/store/archive/s3-objects.ts';
import { type Ceph, startCeph } from '../support/ceph.ts';
import { describeWith } from '../support/services.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const all = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
};
const limits = { connectMs: 2000, answerMs: 1000 };

describeWith(['ceph'], 'objects on S3', () => {
  let ceph: Ceph;
  let objects: S3Objects;

  beforeAll(async () => {
    ceph = await startCeph();
    process.env['AWS_ACCESS_KEY_ID'] = ceph.accessKey;
    process.env['AWS_SECRET_ACCESS_KEY'] = ceph.secretKey;
    objects = await openS3Objects(addressOf(ceph.endpoint), limits);
  });
  afterAll(async () => {
    objects.close();
    await ceph.stop();
  });

  const text = async (key: string, part?: { offset: number; length: number }) => {
    const found = await objects.get(key, part);
    return found && Buffer.from(found).toString();
  };
  const addressOf = (endpoint: string, bucket = ceph.bucket) =>
    parseS3Url(`s3://${bucket}/a/b?endpoint=${encodeURIComponent(endpoint)}&region=default`);

  test('what was put is read back, whole, in part and beyond its end', async () => {
    await objects.put('whole', bytes('0123456789'));
    expect(await text('whole')).toBe('0123456789');
    expect(await text('whole', { offset: 3, length: 4 })).toBe('3456');
    expect((await objects.get('whole', { offset: 8, length: 40 }))?.length).toBe(2);
    expect((await objects.get('whole', { offset: 80, length: 4 }))?.length).toBe(0);
    expect(await objects.get('nowhere')).toBeNull();
  });

  test('the same bytes again are fine; other bytes never replace them', async () => {
    await objects.put('once', bytes('first'));
    await objects.put('once', bytes('first'));
    await expect(objects.put('once', bytes('other'))).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
    expect(await text('once')).toBe('first');
  });

  test('of many writers of one key with different bytes exactly one wins', async () => {
    const writers = Array.from({ length: 8 }, (_, i) => objects.put('race', bytes(`writer ${i}`)));
    const settled = await Promise.allSettled(writers);
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('listing passes a thousand keys, in order and under the prefix alone', async () => {
    const names = Array.from({ length: 1005 }, (_, i) => `many/${String(i).padStart(5, '0')}`);
    for (let i = 0; i < names.length; i += 50) {
      await Promise.all(names.slice(i, i + 50).map((name) => objects.put(name, bytes('x'))));
    }
    const listed = await all(objects.list('many/'));
    expect(listed.map(({ key }) => key)).toEqual(names);
    expect(await all(objects.list('many/', 2))).toHaveLength(2);
  });

  test.each([
    { bucket: 'nosuchbucket', environment: {}, words: 'the bucket does not exist' },
    { environment: { AWS_SECRET_ACCESS_KEY: 'wrong' }, words: 'the secret key is wrong' },
    { environment: { AWS_ACCESS_KEY_ID: 'NOBODY' }, words: 'the access key is unknown' },
  ])('a setting gone wrong is told in words: $words', async ({ bucket, environment, words }) => {
    const before = { ...process.env };
    Object.assign(process.env, environment);
    const wrong = await openS3Objects(addressOf(ceph.endpoint, bucket), limits);
    const put = wrong.put('k', bytes('v'));
    await expect(put).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await expect(put).rejects.toThrow(words);
    wrong.close();
    Object.assign(process.env, before);
  });

  test('a frozen server is STORE_UNAVAILABLE within the limits, and served again once it wakes', async () => {
    ceph.freeze();
    await expect(objects.put('frozen', bytes('ice'))).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
    ceph.thaw();
    await objects.put('frozen', bytes('ice'));
    expect(await text('frozen')).toBe('ice');
  });

  describeFaults();

  function describeFaults(): void {
    let proxy: Server;
    let through: S3Objects;
    let fault: Fault = none;
    let calls: string[] = [];

    beforeAll(async () => {
      proxy = createServer((incoming, outgoing) => {
        calls.push(incoming.method ?? '');
        void fault({ incoming, outgoing, endpoint: ceph.endpoint, call: calls.length });
      });
      await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
      const { port } = proxy.address() as AddressInfo;
      through = await openS3Objects(addressOf(`http://127.0.0.1:${port}`), limits);
    });
    afterAll(() => {
      through.close();
      proxy.closeAllConnections();
      proxy.close();
    });
    beforeEach(() => {
      calls = [];
      fault = none;
    });

    test('503 twice, then well: put once, verified', async () => {
      fault = (p) => (p.call <= 2 ? void p.outgoing.writeHead(503).end() : forward(p));
      await through.put('busy', bytes('patience'));
      expect(calls).toEqual(['PUT', 'PUT', 'PUT', 'GET']);
    });

    test('503 for ever is STORE_UNAVAILABLE; 507 is STORE_FULL', async () => {
      fault = ({ outgoing }) => void outgoing.writeHead(503).end();
      await expect(through.put('down', bytes('x'))).rejects.toMatchObject({
        code: 'STORE_UNAVAILABLE',
      });
      fault = ({ outgoing }) => void outgoing.writeHead(507).end();
      await expect(through.put('full', bytes('x'))).rejects.toMatchObject({ code: 'STORE_FULL' });
      expect(await objects.get('full')).toBeNull();
    });

    test('a put that landed although its answer was lost is found and verified, not doubled', async () => {
      fault = (p) => (p.call === 1 ? forward(p, { dropAnswer: true }) : forward(p));
      await through.put('lost-answer', bytes('landed'));
      expect(calls).toEqual(['PUT', 'PUT', 'GET']);
      expect(await text('lost-answer')).toBe('landed');
    });

    test('an answer later than the limit is STORE_UNAVAILABLE; the next try finds what had landed', async () => {
      fault = (p) => (p.incoming.method === 'PUT' ? forward(p, { delayMs: 2500 }) : forward(p));
      await expect(through.put('slow', bytes('late'))).rejects.toMatchObject({
        code: 'STORE_UNAVAILABLE',
      });
      fault = none;
      await through.put('slow', bytes('late'));
      expect(await text('slow')).toBe('late');
      fault = (p) => forward(p, { delayMs: 200 });
      await through.put('unhurried', bytes('in time'));
      expect(await text('unhurried')).toBe('in time');
    });

    test('an ETag that is not that of the bytes changes nothing: the bytes decide', async () => {
      fault = (p) => forward(p, { etag: '"00000000000000000000000000000000"' });
      await through.put('etag', bytes('evidence'));
      expect(await text('etag')).toBe('evidence');
    });

    test('an answer that is cut off, or shorter than what was put, is never taken for the object', async () => {
      await objects.put('part', bytes('the whole of it'));
      fault = (p) => (p.incoming.method === 'GET' ? forward(p, { cut: 'broken off' }) : forward(p));
      await expect(through.get('part')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
      fault = (p) => (p.incoming.method === 'GET' ? forward(p, { cut: 'short' }) : forward(p));
      await expect(through.put('short', bytes('the whole of it'))).rejects.toMatchObject({
        code: 'STORE_UNAVAILABLE',
      });
    });

    test('an upload that reached the server in part leaves no object', async () => {
      fault = (p) => (p.incoming.method === 'PUT' ? forward(p, { cut: 'upload' }) : forward(p));
      await expect(through.put('upload', bytes('the whole of it'))).rejects.toMatchObject({
        code: 'STORE_UNAVAILABLE',
      });
      expect(await objects.get('upload')).toBeNull();
    });

    test('bytes garbled on the way in are refused by the server', async () => {
      fault = (p) => (p.incoming.method === 'PUT' ? forward(p, { garble: 'request' }) : forward(p));
      await expect(through.put('garbled-in', bytes('evidence'))).rejects.toMatchObject({
        code: 'STORE_UNAVAILABLE',
      });
      expect(await objects.get('garbled-in')).toBeNull();
    });

    test('a server that returns other bytes than were put is not believed, whatever its status and ETag', async () => {
      fault = (p) => (p.incoming.method === 'GET' ? forward(p, { garble: 'answer' }) : forward(p));
      await expect(through.put('liar', bytes('evidence'))).rejects.toMatchObject({
        code: 'STORE_UNAVAILABLE',
      });
    });
  }
});

interface Proxied {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly endpoint: string;
  /** 1 for the first call of a test. */
  readonly call: number;
}
type Fault = (proxied: Proxied) => void;
interface Harm {
  readonly dropAnswer?: boolean;
  readonly garble?: 'request' | 'answer';
  /** Before the answer is handed on. */
  readonly delayMs?: number;
  readonly etag?: string;
  /** Half an answer with its length kept or made to fit; half an upload. */
  readonly cut?: 'broken off' | 'short' | 'upload';
}
const none: Fault = (proxied) => forward(proxied);

function forward({ incoming, outgoing, endpoint }: Proxied, harm: Harm = {}): void {
  const upstream = request(
    new URL(incoming.url ?? '/', endpoint),
    { method: incoming.method, headers: incoming.headers, setHost: false },
    (answer) => {
      void answer.toArray().then((chunks: Buffer[]) => {
        setTimeout(() => handOn(Buffer.concat(chunks), { answer, outgoing, harm }), harm.delayMs);
      });
    },
  );
  upstream.on('error', () => outgoing.destroy());
  void incoming.toArray().then((chunks: Buffer[]) => {
    const body = Buffer.concat(chunks);
    if (harm.garble === 'request' && body.length > 0) body[0] = (body[0] ?? 0) ^ 1;
    if (harm.cut !== 'upload') upstream.end(body);
    else upstream.write(body.subarray(0, body.length >> 1), () => upstream.destroy());
  });
}

function handOn(
  body: Buffer,
  { answer, outgoing, harm }: { answer: IncomingMessage; outgoing: ServerResponse; harm: Harm },
): void {
  if (harm.dropAnswer || outgoing.destroyed) {
    outgoing.destroy();
    return;
  }
  if (harm.garble === 'answer' && body.length > 0) body[0] = (body[0] ?? 0) ^ 1;
  const headers = { ...answer.headers, ...(harm.etag && { etag: harm.etag }) };
  const half = body.subarray(0, body.length >> 1);
  if (harm.cut === 'short') headers['content-length'] = String(half.length);
  outgoing.writeHead(answer.statusCode ?? 500, headers);
  if (harm.cut === 'broken off') outgoing.write(half, () => outgoing.destroy());
  else outgoing.end(harm.cut === 'short' ? half : body);
}
