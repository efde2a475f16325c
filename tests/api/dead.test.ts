/** The dead-letter workbench over a real ledger on both backends. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as schemas from '../../src/api/schemas.ts';
import type { ErrorCode } from '../../src/errors.ts';
import { describeStores, HOUR, keptOf, orderAndClaim } from '../store/stores.ts';
import { startApi, type World } from './world.ts';

describeStores('dead letters', (current) => {
  let world: World;
  const failWith = async (url: string, code: ErrorCode, message: string) => {
    const { claim } = await orderAndClaim(current(), url);
    await current().store.ledger.fail(claim, { code, message, retry: false, detail: {} });
    return claim.run;
  };
  beforeAll(async () => {
    world = await startApi(current());
    for (let i = 0; i < 3; i++) await failWith(`https://a.example/${i}`, 'GONE', `gone ${i}`);
    await failWith('https://a.example/robot', 'BOT_CHALLENGE', 'a challenge');
    await failWith('https://b.example/', 'GONE', 'gone');
    const { claim } = await orderAndClaim(current(), 'https://a.example/alive');
    expect(claim.run.state).toBe('running');
  });
  afterAll(() => world.close());

  const groups = async (query = '') => (await world.call(`/v1/dead${query}`)).json.items;
  const retry = (body: unknown) => world.post('/v1/dead/retry', body);

  test('stand in groups by host and code, the largest first, with the newest reason', async () => {
    const items = await groups();
    for (const item of items) expect(schemas.deadGroup.parse(item)).toEqual(item);
    expect(items).toMatchObject([
      { host: 'a.example', code: 'GONE', articles: 3, message: 'gone 2' },
      { host: 'a.example', code: 'BOT_CHALLENGE', articles: 1 },
      { host: 'b.example', code: 'GONE', articles: 1 },
    ]);
    const newest = await world.call(`/v1/articles/${items[0].articleId}`);
    expect(newest.json.article.url).toBe('https://a.example/2');
    expect(await groups('?host=B.example')).toHaveLength(1);
    expect(await groups('?code=GONE')).toHaveLength(2);
  });

  test.each([
    ['nothing chosen', {}],
    ['an unknown code', { code: 'EVERYTHING' }],
    ['an unknown field', { host: 'a.example', everything: true }],
    ['a host with NUL', { host: 'a\0' }],
  ])('%s is a 400 and puts nothing back', async (_, body) => {
    const { status, json } = await retry(body);
    expect([status, json.code]).toEqual([400, 'PAYLOAD_INVALID']);
    expect(await groups()).toHaveLength(3);
  });

  test('a dry run says how many it would be and does nothing', async () => {
    const calls = world.enqueued.length;
    const { status, json } = await retry({ host: 'a.example', dryRun: true });
    expect([status, json]).toEqual([200, { matched: 4, items: [] }]);
    expect(await groups()).toHaveLength(3);
    expect(world.enqueued).toHaveLength(calls);
  });

  test('a group that is dropped is listed no more, and comes back only by name', async () => {
    const drop = (body: unknown) => world.post('/v1/dead/drop', body);
    const dry = await drop({ host: 'b.example', dryRun: true });
    expect(dry.json).toEqual({ matched: 1, items: [] });
    const { status, json } = await drop({ host: 'b.example' });
    expect([status, json.matched]).toEqual([200, 1]);
    expect(json.items).toMatchObject([{ url: 'https://b.example/', state: 'dropped' }]);
    expect(await groups()).toHaveLength(2);
    expect((await retry({ host: 'b.example' })).json).toEqual({ matched: 0, items: [] });
    const again = await world.call({
      method: 'POST',
      path: `/v1/articles/${json.items[0].articleId}/retry`,
    });
    expect(again.status).toBe(202);
    const { claim } = await orderAndClaim(current(), 'https://b.example/');
    await current().store.ledger.fail(claim, {
      code: 'GONE',
      message: 'gone',
      retry: false,
      detail: {},
    });
    expect((await drop({ articleId: claim.run.articleId, dryRun: true })).json.matched).toBe(1);
  });

  test('one group goes back, each article with a new run; the others stay', async () => {
    const { status, json } = await retry({ host: 'a.example', code: 'GONE' });
    expect(status).toBe(202);
    expect(json.matched).toBe(3);
    expect(json.items.map((run: { url: string; state: string }) => [run.url, run.state])).toEqual(
      [0, 1, 2].map((i) => [`https://a.example/${i}`, 'accepted']),
    );
    expect(world.enqueued.at(-1)).toHaveLength(3);
    expect(await groups()).toHaveLength(2);
    expect((await retry({ host: 'a.example', code: 'GONE' })).json).toEqual({
      matched: 0,
      items: [],
    });
  });

  test('all go back when that is said, as many at a time as asked for', async () => {
    const first = await retry({ all: true, limit: 1 });
    expect([first.json.matched, first.json.items.length]).toEqual([2, 1]);
    await retry({ all: true });
    expect(await groups()).toEqual([]);
  });

  test('are chosen by shape and by when they failed, and begin where it is said', async () => {
    const failKept = async (path: string, pageShape: string) => {
      const { claim } = await orderAndClaim(current(), `https://d.example/${path}`);
      const failure = { code: 'EMPTY_SHELL' as const, message: 'a shell', retry: false };
      const kept = keptOf(claim.run.url, current().now().toISOString());
      await current().store.ledger.fail(claim, { ...failure, detail: { pageShape } }, kept);
      current().pass(HOUR);
    };
    const began = current().now().toISOString();
    await failKept('one', 'plain-0123456789ab');
    const between = current().now().toISOString();
    await failKept('two', 'plain-ba9876543210');
    const chosen = async (query: string) =>
      (await groups(`?host=d.example&${query}`)).map((one: { shape: string }) => one.shape);
    expect(await chosen('shape=plain-0123456789ab')).toEqual(['plain-0123456789ab']);
    expect(await chosen(`since=${between}`)).toEqual(['plain-ba9876543210']);
    expect(await chosen(`since=${began}&until=${between}`)).toEqual(['plain-0123456789ab']);
    expect((await retry({ host: 'd.example', from: 'page' })).status).toBe(400);
    const dry = { host: 'd.example', dryRun: true };
    expect((await retry({ ...dry, until: between })).json.matched).toBe(1);
    expect((await retry({ ...dry, shape: 'plain-none00000000' })).json.matched).toBe(0);
    // A shell would be fetched again; its kept page is read where that is said.
    const [bytes] = (await retry({ host: 'd.example', until: between, from: 'bytes' })).json.items;
    const [network] = (await retry({ host: 'd.example' })).json.items;
    expect([bytes.url, network.url]).toEqual(['https://d.example/one', 'https://d.example/two']);
    expect([typeof bytes.replayOf, network.replayOf]).toEqual(['string', null]);
    expect(await groups('?host=d.example')).toEqual([]);
  });

  describe('on their page', () => {
    test('a group is retried by its form', async () => {
      await failWith('https://c.example/<b>', 'GONE', '<script>alert(1)</script>');
      const page = await world.call('/failures');
      expect(page.text).toContain('c.example');
      expect(page.text).not.toContain('<script');
      const { status, headers } = await world.call({
        method: 'POST',
        path: '/failures/retry?host=c.example&code=GONE',
        headers: { 'content-type': 'application/x-www-form-urlencoded', origin: world.origin },
      });
      expect([status, headers.location]).toEqual([303, '/failures']);
      expect(await groups()).toEqual([]);
      expect((await world.call('/failures')).text).toContain('Nothing has failed for good.');
    });

    test('a form without a group puts nothing back', async () => {
      await failWith('https://d.example/', 'GONE', 'gone');
      const { status } = await world.call({ method: 'POST', path: '/failures/retry?all=true' });
      expect(status).toBe(400);
      expect(await groups()).toHaveLength(1);
    });
  });
});
