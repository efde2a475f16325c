/** Whom webhooks may be sent to: the same guard as for pages, when an endpoint is named and when it is asked; and the proxy. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPoster } from '../../src/fetch/post.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';

let receiver: Receiver;
let proxy: Server;
const tunnels: string[] = [];
beforeAll(async () => {
  receiver = await startReceiver();
  proxy = createServer();
  // Whatever is asked for, the receiver is reached: as a proxy inside would do.
  proxy.on('connect', (request, socket) => {
    tunnels.push(request.url ?? '');
    const inside = connect(Number(new URL(receiver.origin).port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      inside.pipe(socket).pipe(inside);
    });
    inside.on('error', () => socket.destroy());
    socket.on('error', () => inside.destroy());
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
});
afterAll(async () => {
  proxy.closeAllConnections();
  proxy.close();
  await receiver.close();
});

const posterOf = (over: Partial<Parameters<typeof createPoster>[0]>) =>
  createPoster({ userAgent: 'test', allowPrivate: [], timeoutMs: 30_000, ...over });
const message = { headers: { 'webhook-id': 'msg_1' }, body: '{}' };

test.each([
  'http://127.0.0.1/hook',
  'http://2130706433/hook',
  'http://[::ffff:127.0.0.1]/hook',
  'http://169.254.169.254/latest',
  'http://10.0.0.1/hook',
  'http://localhost/hook',
  'http://hooks.internal/hook',
  'https://hooks.example:8443/hook',
])('%s is refused, when it is named and when it is sent to', async (url) => {
  const poster = posterOf({});
  expect(() => poster.check(url)).toThrowError(expect.objectContaining({ code: 'URL_BLOCKED' }));
  await expect(poster.post(url, message)).rejects.toMatchObject({ code: 'URL_BLOCKED' });
});

test('a name that has moved inside since it was registered is refused when it is sent to', async () => {
  const poster = posterOf({
    resolve: (_, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
  });
  const url = 'http://hooks.example/hook';
  poster.check(url);
  await expect(poster.post(url, message)).rejects.toMatchObject({ code: 'URL_BLOCKED' });
  expect(receiver.received).toEqual([]);
});

test('what ALLOW_PRIVATE_HOSTS names is sent to', async () => {
  const poster = posterOf({ allowPrivate: [receiver.host] });
  receiver.answer('/named', () => ({ status: 201, body: 'thanks' }));
  expect(await poster.post(`${receiver.origin}/named`, message)).toEqual({
    status: 201,
    response: 'thanks',
    retryAfterMs: null,
  });
});

test('FETCH_PROXY is used, for plain HTTP too', async () => {
  const { port } = proxy.address() as AddressInfo;
  const poster = posterOf({ proxy: `http://127.0.0.1:${port}` });
  const { status } = await poster.post('http://hooks.example/proxied', message);
  expect([status, tunnels]).toEqual([204, ['hooks.example:80']]);
  expect(receiver.at('/proxied')[0]?.headers.host).toBe('hooks.example');
});

test('a body without an end is not waited for: the status is the receipt', async () => {
  const endless = createServer((_request, response) => {
    response.writeHead(200);
    response.write('x'.repeat(5000));
  });
  endless.listen(0, '127.0.0.1');
  await once(endless, 'listening');
  const host = `127.0.0.1:${(endless.address() as AddressInfo).port}`;
  const poster = posterOf({ allowPrivate: [host] });
  const answer = await poster.post(`http://${host}/`, message);
  expect([answer.status, answer.response.length]).toEqual([200, 1024]);
  endless.closeAllConnections();
  endless.close();
});
