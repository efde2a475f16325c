/** The ledger: what is accepted, joined, claimed, put back and ended; the same on both backends. */
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { checkOrders } from '../../src/article-url.ts';
import { toFailure } from '../../src/errors.ts';
import {
  describeStores,
  extractionOf,
  HOUR,
  ingestOnce,
  keptOf,
  order,
  orderAndClaim,
  tweet,
} from './stores.ts';

let pages = 0;
const newUrl = () => `https://news.example/ledger/${++pages}`;

describeStores('ledger', (current) => {
  describe('accept', () => {
    test('answers in input order and takes the good ones whatever the bad ones are', async () => {
      const { store } = current();
      const [a, b] = [newUrl(), newUrl()];
      const answers = await order(store, a, 'nonsense', { url: b, tags: ['x'] }, a);
      expect(answers.map(({ index, status }) => [index, status])).toEqual([
        [0, 'accepted'],
        [1, 'refused'],
        [2, 'accepted'],
        [3, 'known'],
      ]);
      expect(answers[1]).toMatchObject({ url: 'nonsense', reason: { code: 'URL_INVALID' } });
      expect(answers[3]?.runId).toBe(answers[0]?.runId);
      const run = await store.reader.run(answers[2]?.runId ?? '');
      expect(run).toMatchObject({ url: b, state: 'accepted', tags: ['x'], attempts: 0, waits: 0 });
    });

    test('an open run is joined, with tags and references attached once', async () => {
      const { store } = current();
      const url = newUrl();
      const [first] = await order(store, { url, tags: ['a'], reference: 'r1', priority: 50 });
      const [again] = await order(store, { url, tags: ['a', 'b'], reference: 'r2', priority: 2 });
      await order(store, { url, reference: 'r2' });
      expect(again).toMatchObject({ status: 'known', runId: first?.runId });
      expect(await store.reader.run(first?.runId ?? '')).toMatchObject({
        tags: ['a', 'b'],
        references: ['r1', 'r2'],
        priority: 2,
      });
    });

    test('a captured article is known within its window and captured again after it', async () => {
      const { store, pass } = current();
      const url = newUrl();
      const { runId } = await ingestOnce(current(), { url, embeds: [] });
      pass(23 * HOUR);
      expect(await order(store, url)).toMatchObject([{ status: 'known', runId }]);
      pass(2 * HOUR);
      const [later] = await order(store, url);
      expect(later?.status).toBe('accepted');
      expect(await store.reader.run(later?.runId ?? '')).toMatchObject({ reason: 'recapture' });
    });

    test('force starts a new run within the window', async () => {
      const { store } = current();
      const url = newUrl();
      const { runId } = await ingestOnce(current(), { url, embeds: [] });
      const [forced] = await order(store, { url, force: true });
      expect(forced?.status).toBe('accepted');
      expect(forced?.runId).not.toBe(runId);
      expect(await store.reader.run(forced?.runId ?? '')).toMatchObject({ reason: 'manual' });
    });

    test('after a final failure a new run starts', async () => {
      const { store } = current();
      const url = newUrl();
      const { claim } = await orderAndClaim(current(), url);
      await store.ledger.fail(claim, toFailure(new Error('no')));
      const [again] = await order(store, url);
      expect(again?.status).toBe('accepted');
      expect(again?.runId).not.toBe(claim.run.id);
    });

    test('ten thousand orders with a hundred bad ones are answered in one call', async () => {
      const { store } = current();
      const given = Array.from({ length: 10_000 }, (_, n) =>
        n % 100 === 7 ? `bad ${n}` : `https://bulk.example/${n}`,
      );
      const answers = await store.ledger.accept(checkOrders(given));
      expect(answers).toHaveLength(10_000);
      expect(answers.filter((one) => one.status === 'accepted')).toHaveLength(9900);
      expect(answers.every((one, index) => one.index === index && one.url === given[index])).toBe(
        true,
      );
    });

    test('NUL and half surrogates in a tag or reference do not spoil the call', async () => {
      const { store } = current();
      const [answer] = await order(store, { url: newUrl(), tags: ['a\0b'], reference: 'c\ud800' });
      expect(await store.reader.run(answer?.runId ?? '')).toMatchObject({
        tags: ['ab'],
        references: ['c\ufffd'],
      });
    });
  });

  describe('claim', () => {
    test('counts an attempt and makes every earlier token stale', async () => {
      const { store, now } = current();
      const { claim: first } = await orderAndClaim(current(), newUrl());
      const second = await store.ledger.claim(first.run.id, now());
      expect(second?.run).toMatchObject({ attempts: 2, state: 'running' });
      // Nobody said how the first try ended: a death, which does not lengthen the wait after a failure.
      expect([first.deaths, second?.deaths]).toEqual([0, 1]);
      const late = keptOf(first.run.url, now().toISOString());
      const lost = expect.objectContaining({ code: 'LOCK_LOST' });
      await expect(store.ledger.finish(first, late, extractionOf([]))).rejects.toEqual(lost);
      await expect(store.ledger.postpone(first, now(), 'x')).rejects.toEqual(lost);
      await expect(store.ledger.retryLater(first, now(), toFailure('x'))).rejects.toEqual(lost);
      await expect(store.ledger.fail(first, toFailure('x'))).rejects.toEqual(lost);
      expect((await store.reader.run(first.run.id))?.state).toBe('running');
    });

    test('takes no run from a living job of another name, and costs it nothing', async () => {
      const { store, now, pass } = current();
      const own = { job: 'own', longestTryMs: 60_000 };
      const copy = { job: 'copy', longestTryMs: 60_000 };
      const [answer] = await order(store, newUrl());
      const id = answer?.runId ?? '';
      const first = await store.ledger.claim(id, now(), own);
      if (!first) throw new Error('not claimed');
      pass(60_000);
      expect(await store.ledger.claim(id, now(), copy)).toBeNull();
      expect(await store.reader.run(id)).toMatchObject({ state: 'running', attempts: 1 });
      await store.ledger.postpone(first, now(), 'x');
      // What waits is anybody's; the postponed try was given back.
      const second = await store.ledger.claim(id, now(), copy);
      expect(second).toMatchObject({ run: { attempts: 1 }, deaths: 0 });
      expect(await store.ledger.claim(id, now(), own)).toBeNull();
    });

    test('gives a run at once to its own job again, and to another when no try lasts so long', async () => {
      const { store, now, pass } = current();
      const by = (job: string) => ({ job, longestTryMs: 60_000 });
      const [answer] = await order(store, newUrl());
      const claimed = async (job: string) => {
        const claim = await store.ledger.claim(answer?.runId ?? '', now(), by(job));
        return claim && [claim.run.attempts, claim.deaths];
      };
      expect(await claimed('own/1\0')).toEqual([1, 0]);
      expect(await claimed('1')).toBeNull();
      expect(await claimed('own/1\0')).toEqual([2, 1]);
      pass(60_001);
      expect(await claimed('copy')).toEqual([3, 2]);
      expect(await claimed('own/1\0')).toBeNull();
      // Claimed by a clock that was an hour ahead.
      pass(-HOUR);
      expect(await claimed('own/1\0')).toEqual([4, 3]);
      pass(HOUR);
    });

    test('leaves a run that an older version claimed, which names no job, until no try lasts so long', async () => {
      const { store, now, pass } = current();
      const by = { job: 'own', longestTryMs: 60_000 };
      const { claim } = await orderAndClaim(current(), newUrl());
      await sql`update embedkeep.runs set token = left(token, 24) where id = ${claim.run.id}`.execute(
        store.db,
      );
      expect(await store.ledger.claim(claim.run.id, now(), by)).toBeNull();
      pass(60_001);
      expect(await store.ledger.claim(claim.run.id, now(), by)).toMatchObject({ deaths: 1 });
    });

    test('is null for what is final or unknown', async () => {
      const { store, now } = current();
      const { runId } = await ingestOnce(current(), { url: newUrl(), embeds: [] });
      expect(await store.ledger.claim(runId, now())).toBeNull();
      expect(await store.ledger.claim('rnothing', now())).toBeNull();
    });

    test('brings the validators of the last capture, but not to a forced one', async () => {
      const { store, now, pass } = current();
      const url = newUrl();
      const { claim } = await orderAndClaim(current(), url);
      expect(claim.validators).toBeNull();
      const kept = keptOf(url, now().toISOString(), [['ETag', '"v1"']]);
      const { captureId } = await store.ledger.finish(claim, kept, extractionOf([]));
      pass(25 * HOUR);
      const { claim: again } = await orderAndClaim(current(), url);
      expect(again.validators).toEqual({ captureId, etag: '"v1"', lastModified: null });
      await store.ledger.finish(again, keptOf(url, now().toISOString()), extractionOf([]));
      const { claim: forced } = await orderAndClaim(current(), { url, force: true });
      expect(forced.validators).toBeNull();
    });
  });

  describe('waits and retries', () => {
    test('a politeness wait gives the attempt back, a retry spends it', async () => {
      const { store, now } = current();
      const { claim } = await orderAndClaim(current(), newUrl());
      const until = new Date(now().getTime() + 5000);
      await store.ledger.postpone(claim, until, 'host is busy');
      expect(await store.reader.run(claim.run.id)).toMatchObject({
        state: 'waiting',
        attempts: 0,
        waits: 1,
        nextAt: until.toISOString(),
        waitReason: 'host is busy',
      });
      await store.ledger.postpone(claim, until, 'host is busy'); // the answer got lost: once is once
      expect(await store.reader.run(claim.run.id)).toMatchObject({ attempts: 0, waits: 1 });
      expect(await store.ledger.claim(claim.run.id, now())).toBeNull();
      const again = await store.ledger.claim(claim.run.id, until);
      if (!again) throw new Error('not claimed');
      await store.ledger.retryLater(again, until, toFailure(new Error('reset')));
      expect(await store.reader.run(claim.run.id)).toMatchObject({
        state: 'waiting',
        attempts: 1,
        waits: 1,
        failure: { code: 'INTERNAL', message: 'reset' },
      });
    });

    test('due lists what waits for nobody: handed over, past its date, or running for too long', async () => {
      const { store, now, pass } = current();
      const ids = async () => {
        const question = {
          now: now(),
          limit: 50_000,
          runningBefore: new Date(now().getTime() - HOUR),
        };
        return (await store.ledger.due(question)).map((run) => run.id);
      };
      const [accepted] = await order(store, newUrl());
      expect(await ids()).not.toContain(accepted?.runId);
      await store.ledger.offer(50_000);
      const { claim: running } = await orderAndClaim(current(), newUrl());
      const { claim: waiting } = await orderAndClaim(current(), newUrl());
      await store.ledger.postpone(waiting, new Date(now().getTime() + 1000), 'x');
      const { runId: done } = await ingestOnce(current(), { url: newUrl(), embeds: [] });
      const early = await ids();
      expect(early).toContain(accepted?.runId);
      expect(early).not.toContain(running.run.id);
      expect(early).not.toContain(waiting.run.id);
      pass(2000);
      expect(await ids()).toContain(waiting.run.id);
      pass(2 * HOUR);
      const late = await ids();
      expect(late).toContain(running.run.id);
      expect(late).not.toContain(done);
    });
  });

  test('due is walked page by page, longest due first, without meeting a run twice', async () => {
    const { store, now, pass } = current();
    pass(3 * HOUR);
    for (let n = 0; n < 4; n += 1) {
      await order(store, newUrl(), newUrl());
      await store.ledger.offer(50_000);
      await orderAndClaim(current(), newUrl());
      pass(1000);
    }
    pass(2 * HOUR);
    const question = { now: now(), runningBefore: new Date(now().getTime() - HOUR) };
    const all = await store.ledger.due({ ...question, limit: 50_000 });
    const tail = all.at(-8)?.id ?? '';
    const walked: string[] = [];
    for (let after: string | undefined = tail; after; ) {
      const page: { id: string }[] = await store.ledger.due({ ...question, limit: 3, after });
      walked.push(...page.map((run) => run.id));
      after = page.at(-1)?.id;
    }
    expect(walked).toEqual(all.slice(-7).map((run) => run.id));
  });

  describe('failures', () => {
    test('stay listed with their code and keep the bytes that were fetched', async () => {
      const { store, now } = current();
      const url = newUrl();
      const { claim } = await orderAndClaim(current(), { url, reference: 'failing' });
      const failure = {
        code: 'NOT_HTML',
        message: 'a PDF',
        retry: false,
        detail: { type: 'x/pdf' },
      } as const;
      await store.ledger.fail(claim, failure, keptOf(url, now().toISOString()));
      const page = await store.reader.articles({ reference: 'failing', error: 'NOT_HTML' });
      expect(page.items).toMatchObject([
        { url, captures: 1, run: { state: 'failed', failure: { ...failure } } },
      ]);
      const detail = await store.reader.article(claim.run.articleId);
      expect(detail?.captures).toMatchObject([{ parser: null, runId: claim.run.id }]);
    });

    test('retry starts a new run for each that is still failed, and only those', async () => {
      const { store } = current();
      const host = 'failing.example';
      const { claim: a } = await orderAndClaim(current(), {
        url: `https://${host}/a`,
        tags: ['t'],
      });
      const { claim: b } = await orderAndClaim(current(), `https://${host}/b`);
      for (const claim of [a, b]) await store.ledger.fail(claim, toFailure(new Error('x')));
      await order(store, `https://${host}/b`); // b has a new run already
      const runs = await store.ledger.retry({ host });
      expect(runs).toMatchObject([
        { url: `https://${host}/a`, state: 'accepted', reason: 'manual', tags: ['t'] },
      ]);
      expect(await store.ledger.retry({ host })).toEqual([]);
    });
  });

  describe('finish', () => {
    test('twice is once', async () => {
      const { store, now } = current();
      const { claim } = await orderAndClaim(current(), newUrl());
      const kept = keptOf(claim.run.url, now().toISOString());
      const extraction = extractionOf([tweet({ id: '1500000000000000777' })]);
      const first = await store.ledger.finish(claim, kept, extraction);
      expect(await store.ledger.finish(claim, kept, extraction)).toEqual(first);
      const detail = await store.reader.post('x', '1500000000000000777');
      expect(detail?.sightings).toHaveLength(1);
      expect((await store.reader.article(claim.run.articleId))?.captures).toHaveLength(1);
    });
  });

  test('counts runs by state', async () => {
    const { store } = current();
    const before = await store.reader.counts();
    await order(store, newUrl(), newUrl());
    const after = await store.reader.counts();
    expect(after.accepted - before.accepted).toBe(2);
    expect(after.dropped).toBe(0);
  });

  test('an idempotency key holds its first answer for a day', async () => {
    const { store, pass } = current();
    const { idempotency } = store;
    expect(await idempotency.get('k')).toBeNull();
    await idempotency.put('k', { requestHash: 'h', status: 202, body: '{}' });
    await idempotency.put('k', { requestHash: 'other', status: 202, body: '[]' });
    expect(await idempotency.get('k')).toEqual({ requestHash: 'h', status: 202, body: '{}' });
    pass(25 * HOUR);
    expect(await idempotency.get('k')).toBeNull();
    await idempotency.put('k', { requestHash: 'new', status: 202, body: '{}' });
    expect((await idempotency.get('k'))?.requestHash).toBe('new');
  });
});
