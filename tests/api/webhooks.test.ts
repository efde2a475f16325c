/** Webhooks by API and page: the secret is shown once, addresses are checked, what is sent again is said. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { webhookDesk } from '../../workers/webhooks.ts';
import { describeStores, ingestOnce, tweet } from '../store/stores.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { startSender, until } from '../webhooks/sender.ts';
import { startApi, type World } from './world.ts';

describeStores('webhooks by API', (current) => {
  let world: World;
  let receiver: Receiver;
  beforeAll(async () => {
    receiver = await startReceiver();
    const config = readConfig({ ALLOW_PRIVATE_HOSTS: receiver.host });
    world = await startApi(current(), {
      webhooks: webhookDesk({ config, store: current().store }),
    });
  });
  afterAll(async () => {
    await world.close();
    await receiver.close();
  });
  const add = (body: object) => world.post('/v1/webhooks', body);
  const send = (method: string, path: string, body?: object) =>
    world.call({
      method,
      path,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });

  test('an endpoint is made, shown without its secret, changed, rotated and removed', async () => {
    const made = await add({
      url: `${receiver.origin}/a`,
      types: ['embed.seen'],
      host: 'News.Example',
    });
    expect(made.status).toBe(201);
    const { endpoint, secret } = made.json;
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(endpoint).toMatchObject({
      state: 'enabled',
      types: ['embed.seen'],
      host: 'news.example',
    });
    const path = `/v1/webhooks/${endpoint.id}`;
    const shown = await world.call(path);
    expect(shown.json).toEqual(endpoint);
    expect(shown.text + (await world.call('/v1/webhooks')).text).not.toContain(secret.slice(6, 20));
    const changed = await send('PATCH', path, { enabled: false, host: null, tag: 'election' });
    expect(changed.json).toMatchObject({
      state: 'disabled',
      disabledReason: 'by hand',
      host: null,
      tag: 'election',
    });
    const rotated = await send('POST', `${path}/secret`, { overlapHours: 2 });
    expect(rotated.json.secret).not.toBe(secret);
    expect(rotated.json.endpoint.secrets).toMatchObject([
      { validUntil: null },
      { validUntil: expect.any(String) },
    ]);
    expect(rotated.json.endpoint.secrets[1].hint).toBe(`whsec_…${secret.slice(-5, -1)}`);
    expect((await send('DELETE', path)).status).toBe(204);
    expect((await world.call(path)).json.code).toBe('NOT_FOUND');
    // No line of the log says it either.
    expect(world.log.join('')).not.toContain(secret.slice(6, 20));
  });

  test.each([
    [{ url: 'http://10.0.0.7/hook' }, 422, 'URL_BLOCKED'],
    [{ url: 'ftp://hooks.example/' }, 422, 'URL_INVALID'],
    [{ url: 'https://user:word@hooks.example/' }, 422, 'URL_INVALID'],
    [{ url: 'nonsense' }, 400, 'PAYLOAD_INVALID'],
    [{ url: 'https://hooks.example/', types: ['embed.sung'] }, 400, 'PAYLOAD_INVALID'],
    [{ url: 'https://hooks.example/', secret: 'whsec_mine' }, 400, 'PAYLOAD_INVALID'],
    [{ url: 'https://hooks.example/', after: 1_000_000 }, 400, 'PAYLOAD_INVALID'],
    [{}, 400, 'PAYLOAD_INVALID'],
  ])('%j is refused', async (body, status, code) => {
    const answer = await add(body);
    expect([answer.status, answer.json.code]).toEqual([status, code]);
  });

  test('a test message arrives, and what comes back is answered', async () => {
    receiver.answer('/test', () => ({ status: 418, body: 'short and stout' }));
    const { json } = await add({ url: `${receiver.origin}/test` });
    const { json: receipt } = await send('POST', `/v1/webhooks/${json.endpoint.id}/test`, {});
    expect(receipt).toMatchObject({
      status: 418,
      code: 'HTTP_STATUS',
      response: 'short and stout',
    });
    expect(receiver.at('/test')[0]?.message).toMatchObject({
      type: 'webhook.test',
      data: { v: 1, event: null },
    });
  });

  test('the log is listed and sent again, by API and by the button of its page', async () => {
    receiver.answer('/log', () => ({ status: 500, body: '<script>alert(1)</script>' }));
    const { json } = await add({ url: `${receiver.origin}/log`, types: ['embed.seen'] });
    const path = `/v1/webhooks/${json.endpoint.id}`;
    const sender = startSender(current(), receiver.host);
    await ingestOnce(current(), { url: 'http://news.example/log', embeds: [tweet({ id: '77' })] });
    await until(() => receiver.at('/log').length === 1);
    await until(() => sender.idle());
    const { items } = (await world.call(`${path}/deliveries?state=waiting`)).json;
    expect(items).toMatchObject([
      { status: 500, attempts: 1, type: 'embed.seen', code: 'HTTP_STATUS' },
    ]);
    const page = await world.call({
      path: `/webhooks/${json.endpoint.id}`,
      headers: { accept: 'text/html' },
    });
    expect(page.text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    receiver.answer('/log', () => ({ status: 204 }));
    const [, action = ''] =
      /action="(\/webhooks\/[^"]+\/replay\?delivery=[^"]+)"/.exec(page.text) ?? [];
    const pressed = await world.call({
      method: 'POST',
      path: action,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect([pressed.status, pressed.headers.location]).toEqual([
      303,
      `/webhooks/${json.endpoint.id}`,
    ]);
    await until(() => receiver.at('/log').length === 2);
    expect(receiver.at('/log')[1]?.id).toBe(items[0].id);
    await until(() => sender.idle());
    expect((await send('POST', `${path}/replay`, { deliveryId: 'msg_none' })).json.code).toBe(
      'NOT_FOUND',
    );
    expect((await send('POST', `${path}/replay`, {})).json.code).toBe('PAYLOAD_INVALID');
    expect((await send('POST', `${path}/replay`, { since: '2020-01-01T00:00:00Z' })).json).toEqual({
      replayed: 0,
    });
    const list = await world.call({ path: '/webhooks', headers: { accept: 'text/html' } });
    expect(list.text).toContain('/log');
    await sender.stop();
  });
});
