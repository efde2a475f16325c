/** What endpoints are told, how often, and what becomes of those that do not answer: a real receiver, both backends. */
import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createWebhookOutbox, remove } from '../../src/store/index.ts';
import { webhookMessageSchema } from '../../src/webhook.ts';
import {
  describeStores,
  HOUR,
  ingestOnce,
  orderAndClaim,
  type TestStore,
  tweet,
} from '../store/stores.ts';
import { type Received, type Receiver, startReceiver } from '../support/receiver.ts';
import { LEASE_MS, type Sender, startSender, until } from './sender.ts';

vi.setConfig({ testTimeout: 300_000 });

const DAY = 24 * HOUR;
let number = 0;
/** Each test has its own site: articles and tags of others are not told to its endpoints. */
const newHost = (): string => `site-${++number}.example`;

describeStores('webhooks', (current) => {
  let receiver: Receiver;
  let sender: Sender;
  let host: string;
  let started: TestStore;
  beforeEach(async () => {
    receiver = await startReceiver();
    started = current();
    sender = startSender(started, receiver.host);
    host = newHost();
  });
  afterEach(async () => {
    for (const { id } of await sender.book.list()) await sender.book.remove(id);
    await sender.stop();
    await receiver.close();
  });

  const add = (path: string, more: object = {}) =>
    sender.book.add({ url: receiver.origin + path, host, ...more });
  const article = (...ids: string[]) =>
    ingestOnce(current(), {
      url: `http://${host}/story`,
      embeds: ids.map((id) => tweet({ id })),
      force: true,
    });
  const failing = async () => {
    const { claim } = await orderAndClaim(current(), { url: `http://${host}/bad`, force: true });
    const failure = { code: 'GONE', message: 'not there', retry: false, detail: {} } as const;
    await current().store.ledger.fail(claim, failure);
    return claim.run;
  };
  const log = async (id: string, state?: 'waiting' | 'failed' | 'delivered' | 'withheld') =>
    (await sender.book.deliveries(id, state ? { state } : {})).items;
  const events = async (action: string) => {
    const rows = await current()
      .store.db.selectFrom('events')
      .select('body')
      .where('kind', '=', 'webhook')
      .execute();
    return rows
      .map(({ body }) => JSON.parse(body))
      .filter((event) => event.detail.action === action);
  };
  const types = (received: readonly Received[]) => received.map(({ message }) => message.type);

  test('each event is told once, in a thin message that its secret signs', async () => {
    // The library looks at the time of the attempt.
    started.pass(Date.now() - started.now().getTime());
    const { endpoint, secret } = await add('/all');
    const { captureId } = await article('11', '12');
    await article('12');
    const run = await failing();
    await until(() => receiver.at('/all').length >= 6);
    await until(async () => (await sender.book.get(endpoint.id)).waiting === 0);
    const got = receiver
      .at('/all')
      .toSorted((a, b) => Number(a.message.data.event) - Number(b.message.data.event));
    expect(types(got)).toEqual([
      'article.done',
      'embed.seen',
      'embed.seen',
      'article.done',
      'embed.vanished',
      'article.failed',
    ]);
    expect(new Set(got.map(({ id }) => id)).size).toBe(6);
    for (const { message } of got) expect(webhookMessageSchema.parse(message)).toEqual(message);
    expect(got[1]?.message.data).toMatchObject({
      v: 1,
      captureId,
      article: { url: `http://${host}/story` },
      post: { platform: 'x', id: '11' },
      role: 'embed',
    });
    expect(got[4]?.message.data).toMatchObject({
      post: { id: '11' },
      previousCaptureId: captureId,
    });
    expect(got[5]?.message.data).toMatchObject({
      runId: run.id,
      error: { code: 'GONE', attempts: 1 },
    });
    // Nothing of what the post or the page says.
    expect(JSON.stringify(got.map(({ message }) => message))).not.toMatch(/harbour|Jane R/i);
    for (const one of got) {
      expect(new Webhook(secret).verify(one.text, one.headers as Record<string, string>)).toEqual(
        one.message,
      );
      const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
      const signed = `${one.id}.${one.headers['webhook-timestamp']}.${one.text}`;
      const mac = createHmac('sha256', key).update(signed).digest('base64');
      expect(one.headers['webhook-signature']).toBe(`v1,${mac}`);
    }
    expect(await log(endpoint.id)).toHaveLength(6);
    expect((await log(endpoint.id))[0]).toMatchObject({
      state: 'delivered',
      status: 204,
      attempts: 1,
    });
  });

  test('a filter lets types, a host and a tag through, and a new endpoint begins now or where it is told', async () => {
    await article('21');
    const seen = await add('/seen', { types: ['embed.seen'] });
    const tagged = await add('/tagged', { tag: 'election' });
    const earlier = await add('/earlier', { after: 0, types: ['article.done'] });
    const { claim } = await orderAndClaim(current(), {
      url: `http://${host}/tagged`,
      force: true,
      tags: ['election'],
    });
    const failure = { code: 'GONE', message: 'not there', retry: false, detail: {} } as const;
    await current().store.ledger.fail(claim, failure);
    await article('21', '22');
    await until(async () =>
      (
        await Promise.all([seen, tagged, earlier].map((one) => log(one.endpoint.id, 'delivered')))
      ).every((done, index) => done.length === [1, 1, 2][index]),
    );
    expect(receiver.at('/seen').map(({ message }) => message.data.post?.id)).toEqual(['22']);
    expect(types(receiver.at('/tagged'))).toEqual(['article.failed']);
    expect(types(receiver.at('/earlier'))).toEqual(['article.done', 'article.done']);
  });

  test('what fails is sent again under the same id, at the times of the schedule, ten times at most', async () => {
    receiver.answer('/down', () => ({ status: 503, body: `busy ${'x'.repeat(5000)}` }));
    const { endpoint } = await add('/down', { types: ['article.done'] });
    await article();
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 10; attempt += 1) {
      await until(() => sender.outcomes.length === attempt);
      const [delivery] = await log(endpoint.id);
      if (!delivery?.nextAt) break;
      const wait = Date.parse(delivery.nextAt) - started.now().getTime();
      waits.push(wait);
      // At least as long as an endpoint that keeps failing is left alone.
      started.pass(Math.max(wait, 400_000));
    }
    expect(waits.map((ms) => Math.round(ms / 1000))).toEqual([
      5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400,
    ]);
    expect(new Set(receiver.at('/down').map(({ id }) => id)).size).toBe(1);
    const [given] = await log(endpoint.id, 'failed');
    expect(given).toMatchObject({ attempts: 10, status: 503, code: 'HTTP_STATUS', nextAt: null });
    expect(given?.response?.length).toBeLessThanOrEqual(1000);
    expect(sender.outcomes.at(-1)).toBe('failed');
    // By hand, and under the same id.
    receiver.answer('/down', () => ({ status: 200 }));
    expect(await sender.book.replay(endpoint.id, { since: '2026-01-01T00:00:00Z' })).toBe(1);
    await until(async () => (await log(endpoint.id, 'delivered')).length === 1);
    expect(new Set(receiver.at('/down').map(({ id }) => id)).size).toBe(1);
    expect(await events('replayed')).toHaveLength(1);
  });

  test('Retry-After is honoured, clamped, and holds for the whole endpoint', async () => {
    receiver.answer('/slow-down', () => ({ status: 429, headers: { 'retry-after': '99999999' } }));
    const { endpoint } = await add('/slow-down', { types: ['article.done'] });
    await article();
    await until(() => receiver.at('/slow-down').length === 1);
    await until(async () => (await log(endpoint.id))[0]?.status === 429);
    const [delivery] = await log(endpoint.id);
    expect(Date.parse(delivery?.nextAt ?? '') - started.now().getTime()).toBe(DAY);
    await article();
    await until(async () => (await log(endpoint.id)).length === 2);
    started.pass(HOUR);
    expect(await sender.outbox.claim(endpoint.id, 4)).toEqual([]);
    receiver.answer('/slow-down', () => ({ status: 204 }));
    started.pass(DAY);
    await until(async () => (await log(endpoint.id, 'delivered')).length === 2);
  });

  test('410 disables the endpoint with an event; enabled again it goes on where it was', async () => {
    receiver.answer('/gone', () => ({ status: 410 }));
    const { endpoint } = await add('/gone', { types: ['article.done'] });
    await article();
    await until(async () => (await sender.book.get(endpoint.id)).state === 'disabled');
    expect((await sender.book.get(endpoint.id)).disabledReason).toContain('410');
    expect((await events('disabled')).at(-1).detail).toMatchObject({ endpoint: endpoint.id });
    await article();
    receiver.answer('/gone', () => ({ status: 204 }));
    const before = receiver.at('/gone').length;
    await sender.book.change(endpoint.id, { enabled: true });
    started.pass(HOUR);
    await until(async () => (await log(endpoint.id, 'delivered')).length === 2);
    expect(receiver.at('/gone').length - before).toBe(2);
  });

  test('an endpoint that nothing has reached for five days is disabled', async () => {
    receiver.answer('/dead', () => ({ status: 500 }));
    const { endpoint } = await add('/dead', { types: ['article.done'] });
    await article();
    await until(async () => (await sender.book.get(endpoint.id)).failingSince !== null);
    await until(() => sender.idle());
    started.pass(4 * DAY);
    await until(() => receiver.at('/dead').length >= 2);
    await until(() => sender.idle());
    expect((await sender.book.get(endpoint.id)).state).toBe('enabled');
    started.pass(2 * DAY);
    await until(async () => (await sender.book.get(endpoint.id)).state === 'disabled');
    expect((await sender.book.get(endpoint.id)).disabledReason).toContain(
      'nothing has arrived since',
    );
  });

  test('an endpoint that hangs holds up nobody else', async () => {
    receiver.answer('/hangs', () => null);
    await sender.stop();
    sender = startSender(started, receiver.host, { timeoutMs: 10_000 });
    const hangs = await add('/hangs', { types: ['embed.seen'] });
    const quick = await add('/quick', { types: ['embed.seen'] });
    await article(...Array.from({ length: 12 }, (_, i) => String(3100 + i)));
    await until(async () => (await log(quick.endpoint.id, 'delivered')).length === 12);
    expect(await log(hangs.endpoint.id, 'waiting')).toHaveLength(12);
    await until(async () =>
      (await log(hangs.endpoint.id)).some(({ code }) => code === 'TIMEOUT_TOTAL'),
    );
    expect(receiver.at('/hangs').length).toBeLessThan(12);
  });

  test('an endpoint that keeps failing is asked with one delivery at a time, ever more seldom', async () => {
    receiver.answer('/dead', () => ({ status: 500 }));
    const { endpoint } = await add('/dead', { types: ['embed.seen'] });
    await article(...Array.from({ length: 30 }, (_, i) => String(3300 + i)));
    await until(() => sender.outcomes.length >= 5);
    await until(() => sender.idle());
    const asked = receiver.at('/dead').length;
    expect(asked).toBeLessThanOrEqual(8);
    // After 5 s, 10 s, 20 s, … five minutes, one delivery each time.
    for (let probe = 1; probe <= 2; probe += 1) {
      started.pass(400_000);
      await until(() => sender.outcomes.length === asked + probe);
      await until(() => sender.idle());
      expect(receiver.at('/dead')).toHaveLength(asked + probe);
    }
    expect((await sender.book.get(endpoint.id)).state).toBe('enabled');
  });

  test('a redirect is not followed, wherever it leads', async () => {
    receiver.answer('/moved', () => ({
      status: 307,
      headers: { location: `${receiver.origin}/inside` },
    }));
    const { endpoint } = await add('/moved', { types: ['article.done'] });
    await article();
    await until(async () => (await log(endpoint.id))[0]?.status === 307);
    expect((await log(endpoint.id))[0]?.message).toContain('redirects are not followed');
    expect(receiver.at('/inside')).toEqual([]);
  });

  test('while a secret is rotated both are valid, and afterwards the new one alone', async () => {
    const { endpoint, secret: old } = await add('/rotated', { types: ['article.done'] });
    const { secret, endpoint: shown } = await sender.book.rotate(endpoint.id, HOUR);
    expect(JSON.stringify([shown, await sender.book.list()])).not.toContain(secret.slice(10, 30));
    await article();
    await until(() => receiver.at('/rotated').length === 1);
    started.pass(2 * HOUR);
    await article();
    await until(() => receiver.at('/rotated').length === 2);
    const [both, one] = receiver.at('/rotated');
    const signatures = (given: Received | undefined) =>
      String(given?.headers['webhook-signature']).split(' ').length;
    expect([signatures(both), signatures(one)]).toEqual([2, 1]);
    const of = (given: Received | undefined, key: string) => {
      const stamp = given?.headers['webhook-timestamp'];
      const mac = createHmac('sha256', Buffer.from(key.slice(6), 'base64'));
      return `v1,${mac.update(`${given?.id}.${stamp}.${given?.text}`).digest('base64')}`;
    };
    expect(String(both?.headers['webhook-signature']).split(' ')).toEqual([
      of(both, secret),
      of(both, old),
    ]);
    expect(one?.headers['webhook-signature']).toBe(of(one, secret));
  });

  test('what a takedown took is not sent any more, replayed or not', async () => {
    const { endpoint } = await add('/takedown', { types: ['embed.seen'] });
    await article('41');
    await until(async () => (await log(endpoint.id, 'delivered')).length === 1);
    const [delivery] = await log(endpoint.id);
    const erase = () => Promise.resolve();
    const order = { target: { platform: 'x', postId: '41' }, reason: 'test' };
    await remove(order, { ...current().store.world, erase });
    expect(await sender.book.replay(endpoint.id, { deliveryId: delivery?.id ?? '' })).toBe(1);
    await until(async () => (await log(endpoint.id, 'withheld')).length === 1);
    expect(receiver.at('/takedown')).toHaveLength(1);
    await expect(
      sender.book.replay(endpoint.id, { deliveryId: delivery?.id ?? '' }),
    ).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('two senders beside each other send each delivery once', async () => {
    const other = startSender(started, receiver.host);
    const { endpoint } = await add('/shared', { types: ['embed.seen'] });
    await article(...Array.from({ length: 30 }, (_, i) => String(5100 + i)));
    await until(() => receiver.at('/shared').length >= 30);
    await until(async () => (await sender.book.get(endpoint.id)).waiting === 0);
    await other.stop();
    expect(receiver.at('/shared')).toHaveLength(30);
    expect(new Set(receiver.at('/shared').map(({ id }) => id)).size).toBe(30);
    expect(other.outcomes.length + sender.outcomes.length).toBe(30);
  });

  test('a delivery of a sender that died is sent by another when its lease is over', async () => {
    await sender.stop();
    const { endpoint } = await add('/leased', { types: ['article.done'] });
    await article();
    const outbox = createWebhookOutbox(started.store.world, { leaseMs: LEASE_MS });
    expect(await outbox.derive(endpoint.id)).toBeGreaterThan(0);
    const [claimed] = await outbox.claim(endpoint.id, 4);
    expect(claimed?.attempts).toBe(1);
    expect(await outbox.claim(endpoint.id, 4)).toEqual([]);
    started.pass(LEASE_MS + 1);
    const [again] = await outbox.claim(endpoint.id, 4);
    expect([again?.id, again?.attempts]).toEqual([claimed?.id, 2]);
    // At once where nobody else can have it.
    expect(await outbox.takeBack()).toBe(1);
    expect((await outbox.claim(endpoint.id, 4))[0]?.attempts).toBe(3);
    // The one that was thought dead comes late: its failure changes nothing.
    const receipt = { status: 500, code: 'HTTP_STATUS', message: '', response: '', durationMs: 1 };
    const setback = { receipt, nextAt: null, pauseUntil: () => null, isGone: true };
    if (claimed) await outbox.notDelivered(claimed, setback);
    expect((await sender.book.get(endpoint.id)).state).toBe('enabled');
    expect((await log(endpoint.id))[0]?.state).toBe('waiting');
    sender = startSender(started, receiver.host);
  });

  test('an endpoint that is being changed is left alone until it is', {
    timeout: 60_000,
  }, async () => {
    // One connection, so nothing happens meanwhile.
    if (started.backend === 'pglite') return;
    await sender.stop();
    const { endpoint } = await add('/changed', { types: ['article.done'] });
    await article();
    await started.store.db.transaction().execute(async (trx) => {
      await trx
        .updateTable('webhook_endpoints')
        .set({ cursor: 0 })
        .where('id', '=', endpoint.id)
        .execute();
      expect(await sender.outbox.derive(endpoint.id)).toBe(0);
    });
    // Told from the beginning, as it was set to; not from where somebody else believed it to be.
    expect((await sender.book.get(endpoint.id)).position).toBe(0);
    sender = startSender(started, receiver.host);
  });

  test('a clock that ran ahead and is put right holds nothing up', async () => {
    await sender.stop();
    const { endpoint } = await add('/ahead', { types: ['article.done'] });
    for (let n = 0; n < 3; n += 1) await article();
    started.pass(HOUR);
    while ((await sender.outbox.derive(endpoint.id)) > 0);
    const [failed, taken] = await sender.outbox.claim(endpoint.id, 2);
    const receipt = { status: 500, code: 'HTTP_STATUS', message: '', response: '', durationMs: 1 };
    const nextAt = new Date(started.now().getTime() + 5000);
    const setback = { receipt, nextAt, pauseUntil: () => nextAt, isGone: false };
    if (failed) await sender.outbox.notDelivered(failed, setback);
    expect(await sender.outbox.busy()).not.toContain(endpoint.id);
    started.pass(-HOUR);
    // One is to be tried again in an hour, one is taken until then, one was made then.
    expect(await sender.outbox.busy()).toContain(endpoint.id);
    const all = await sender.outbox.claim(endpoint.id, 4);
    expect(all.map(({ attempts }) => attempts).toSorted()).toEqual([1, 2, 2]);
    expect(all.map(({ id }) => id)).toEqual(expect.arrayContaining([failed?.id, taken?.id]));
    // Whoever took them dies before anything came of it.
    started.pass(LEASE_MS + 1);
    const again = await sender.outbox.claim(endpoint.id, 4);
    expect(again.map(({ attempts }) => attempts).toSorted()).toEqual([2, 3, 3]);
    sender = startSender(started, receiver.host);
  });

  describe('what a newer version has written is left to it', () => {
    test('a delivery, an endpoint and an event kind are neither sent nor failed nor passed over', async () => {
      const { db } = current().store;
      const { endpoint } = await add('/newer', { types: ['article.done'] });
      const theirs = await add('/theirs', { types: ['article.done'] });
      await db
        .updateTable('webhook_endpoints')
        .set({ types: ['article.archived'] })
        .where('id', '=', theirs.endpoint.id)
        .execute();
      const later = await add('/later', { types: ['article.done'] });
      await db
        .updateTable('webhook_endpoints')
        .set({ v: 2 })
        .where('id', '=', later.endpoint.id)
        .execute();
      const { position: untouched } = await sender.book.get(theirs.endpoint.id);
      receiver.answer('/newer', () => ({ status: 500 }));
      await article();
      await until(async () => (await log(endpoint.id)).some(({ status }) => status === 500));
      await db
        .updateTable('webhook_deliveries')
        .set({ v: 2 })
        .where('endpoint_id', '=', endpoint.id)
        .execute();
      receiver.answer('/newer', () => ({ status: 204 }));
      started.pass(HOUR);
      await article();
      await until(async () => (await log(endpoint.id, 'delivered')).length === 1);
      const left = (await log(endpoint.id, 'waiting'))[0];
      expect(left).toMatchObject({ attempts: 1, status: 500 });
      expect(receiver.at('/theirs')).toEqual([]);
      expect(receiver.at('/later')).toEqual([]);
      expect((await sender.book.get(theirs.endpoint.id)).position).toBe(untouched);
      // A kind of event that this version does not know stops the cursor before it.
      const last = await db
        .selectFrom('events')
        .select(['seq'])
        .orderBy('seq', 'desc')
        .limit(1)
        .executeTakeFirstOrThrow();
      await article();
      await until(async () => (await sender.book.get(endpoint.id)).position > last.seq);
      await sender.stop();
      const done = await article();
      const row = await db
        .selectFrom('events')
        .select(['seq', 'kind'])
        .where('capture_id', '=', done.captureId)
        .where('kind', '=', 'captured')
        .executeTakeFirstOrThrow();
      await db
        .updateTable('events')
        .set({ kind: 'captured-in-2030' })
        .where('seq', '=', row.seq)
        .execute();
      expect(await sender.outbox.derive(endpoint.id)).toBeGreaterThan(0);
      expect(await sender.outbox.derive(endpoint.id)).toBe(0);
      expect((await sender.book.get(endpoint.id)).position).toBe(row.seq - 1);
      await db.updateTable('events').set({ kind: 'captured' }).where('seq', '=', row.seq).execute();
      expect(await sender.outbox.derive(endpoint.id)).toBeGreaterThan(0);
      sender = startSender(started, receiver.host);
      // Else it could not even be removed.
      await db.updateTable('webhook_endpoints').set({ v: 1 }).execute();
    });
  });
});
