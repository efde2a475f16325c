/** Plans of re-captures: what is due becomes one run, however often it is asked; and when a plan is over. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkOrders } from '../../src/article-url.ts';
import { openStore, remove } from '../../src/store/index.ts';
import { preparePGlite } from '../support/pglite-template.ts';
import {
  describeStores,
  extractionOf,
  fromJournal,
  HOUR,
  keptOf,
  order,
  orderAndClaim,
} from './stores.ts';

let pages = 0;
const newUrl = () => `https://news.example/plans/${++pages}`;
const HOURLY = 'every 1h for 3h, then daily for 2 days';

describeStores('a plan', (current) => {
  /** Ordered with a plan, and captured. */
  async function planned(spec = HOURLY, url = newUrl()) {
    const { claim } = await orderAndClaim(current(), { url, plan: spec });
    await finish(claim);
    const { articleId } = claim.run;
    const [plan] = await current().store.plans.ofArticle(articleId);
    if (!plan) throw new Error('no plan');
    return { url, articleId, plan };
  }
  type Claim = Awaited<ReturnType<typeof orderAndClaim>>['claim'];
  const finish = (claim: Claim) => {
    const kept = keptOf(claim.run.url, current().now().toISOString(), [['ETag', '"1"']]);
    return current().store.ledger.finish(claim, kept, extractionOf([]));
  };
  const runsOf = async (articleId: string) =>
    (await current().store.reader.article(articleId))?.runs ?? [];
  const claimLatest = async (articleId: string) => {
    const [run] = await runsOf(articleId);
    const claim = await current().store.ledger.claim(run?.id ?? '', current().now());
    if (!claim) throw new Error('not claimed');
    return claim;
  };
  const shown = async (id: string) => {
    const plan = await current().store.plans.show(id);
    if (!plan) throw new Error('no plan');
    return plan;
  };
  const eventsOf = async (plan: string) => {
    const { db } = current().store;
    const rows = await db.selectFrom('events').select(['kind', 'body']).orderBy('seq').execute();
    return rows.filter(({ body }) => body.includes(plan)).map(({ kind }) => kind);
  };

  test('orders a re-capture when it is due, conditionally, and moves on', async () => {
    const { store, pass } = current();
    const { articleId, plan } = await planned();
    expect(plan).toMatchObject({ state: 'active', runs: 0, kind: 'article' });
    expect(await store.plans.tick()).toEqual({ runs: 0, more: false });
    pass(HOUR);
    expect(await store.plans.tick()).toEqual({ runs: 1, more: false });
    const [run] = await runsOf(articleId);
    expect(run).toMatchObject({ state: 'accepted', reason: 'recapture' });
    const claim = await claimLatest(articleId);
    expect(claim.validators).toMatchObject({ etag: '"1"' });
    await finish(claim);
    const after = await shown(plan.id);
    expect(after).toMatchObject({ runs: 1, lastDueAt: plan.nextAt });
    expect(Date.parse(after.nextAt ?? '') - Date.parse(plan.nextAt ?? '')).toBe(HOUR);
    expect(await eventsOf(plan.id)).toEqual(['planned', 'accepted']);
  });

  test('asked by many at once, orders once; late and missed ticks are one', async () => {
    const { store, pass } = current();
    const { articleId, plan } = await planned();
    pass(2.5 * HOUR);
    await Promise.all([1, 2, 3, 4, 5].map(() => store.plans.tick()));
    expect(await runsOf(articleId)).toHaveLength(2);
    expect(await shown(plan.id)).toMatchObject({ runs: 1 });
    // The clock goes back an hour: what was ordered is not ordered again.
    pass(-HOUR);
    expect((await store.plans.tick()).runs).toBe(0);
    pass(HOUR);
    expect((await store.plans.tick()).runs).toBe(0);
  });

  test('waits for a run that is still open, and is over after its last', async () => {
    const { store, pass } = current();
    const { articleId, plan } = await planned();
    pass(HOUR);
    await store.plans.tick();
    pass(HOUR);
    expect((await store.plans.tick()).runs).toBe(0);
    await finish(await claimLatest(articleId));
    pass(100 * HOUR);
    expect((await store.plans.tick()).runs).toBe(1);
    const over = await shown(plan.id);
    expect(over).toMatchObject({ state: 'ended', nextAt: null, runs: 2 });
    expect(await store.plans.ofArticle(articleId)).toEqual([]);
    expect((await eventsOf(plan.id)).at(-1)).toBe('unplanned');
  });

  test('the same again changes nothing, another takes its place; a bad one is refused with its order', async () => {
    const { store } = current();
    const { url, articleId, plan } = await planned();
    await order(store, { url, plan: HOURLY });
    expect(await store.plans.ofArticle(articleId)).toEqual([plan]);
    await order(store, { url, plan: 'weekly' });
    const [after, ...more] = await store.plans.ofArticle(articleId);
    expect([after?.spec, more]).toEqual(['weekly', []]);
    expect(await shown(plan.id)).toMatchObject({
      state: 'ended',
      reason: `replaced by ${after?.id}`,
    });
    const [refused] = await order(store, { url: newUrl(), plan: 'every now and then' });
    expect(refused?.reason).toMatchObject({ code: 'PLAN_INVALID' });
    expect(refused?.reason?.message).toMatch(/^Character 7: /);
  });

  test('of a tag: every article with it, each once, also those that get it later', async () => {
    const { store, pass } = current();
    const tag = `election-${pages}`;
    const urls = [newUrl(), newUrl(), newUrl()];
    for (const url of urls.slice(0, 2)) {
      await finish((await orderAndClaim(current(), { url, tags: [tag] })).claim);
    }
    const plan = await store.plans.add({ tag, spec: 'hourly', caller: 'desk', priority: 50 });
    expect(await store.plans.add({ tag, spec: 'hourly' })).toEqual(plan);
    pass(30 * 60_000);
    const late = (await orderAndClaim(current(), { url: urls[2], tags: [tag] })).claim;
    await finish(late);
    pass(30 * 60_000);
    expect((await store.plans.tick()).runs).toBe(3);
    expect((await runsOf(late.run.articleId))[0]).toMatchObject({ caller: 'desk', priority: 50 });
    const detail = await store.reader.article(late.run.articleId);
    expect(detail?.plans.map(({ id }) => id)).toEqual([plan.id]);
    await store.plans.change(plan.id, 'remove');
  });

  test('stops with an event where the article is gone three times, or was taken down', async () => {
    const { store, pass, now } = current();
    const { articleId, plan } = await planned('hourly');
    const gone = { code: 'GONE', message: '404', retry: false, detail: {} } as const;
    for (let n = 0; n < 3; n += 1) {
      pass(HOUR);
      expect((await store.plans.tick()).runs).toBe(1);
      await store.ledger.fail(await claimLatest(articleId), gone);
    }
    pass(HOUR);
    expect((await store.plans.tick()).runs).toBe(0);
    const stopped = await shown(plan.id);
    expect(stopped).toMatchObject({ state: 'stopped', nextAt: null, runs: 3 });
    expect(stopped.reason).toContain('gone');
    expect((await eventsOf(plan.id)).at(-1)).toBe('unplanned');

    const other = await planned('hourly');
    const detail = await store.reader.article(other.articleId);
    const target = { captureId: detail?.captures[0]?.id ?? '' };
    await remove(
      { target, reason: 'court' },
      { ...store.world, now, erase: () => Promise.resolve() },
    );
    pass(HOUR);
    await store.plans.tick();
    expect((await shown(other.plan.id)).reason).toContain('taken down');
  });

  test('is held, goes on without making up for it, and is removed', async () => {
    const { store, pass } = current();
    const { articleId, plan } = await planned('hourly');
    expect(await store.plans.change(plan.id, 'pause')).toMatchObject({
      state: 'paused',
      nextAt: null,
    });
    pass(5.5 * HOUR);
    expect((await store.plans.tick()).runs).toBe(0);
    const resumed = await store.plans.change(plan.id, 'resume');
    expect(Date.parse(resumed.nextAt ?? '') - Date.parse(plan.startsAt)).toBe(6 * HOUR);
    expect((await store.plans.tick()).runs).toBe(0);
    await store.plans.change(plan.id, 'remove');
    expect(await runsOf(articleId)).toHaveLength(1);
    await expect(store.plans.change(plan.id, 'resume')).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(store.plans.change('p0', 'pause')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await eventsOf(plan.id)).toEqual(['planned', 'replanned', 'replanned', 'unplanned']);
    expect((await store.plans.list({ state: 'ended', limit: 1 })).items[0]?.id).toBe(plan.id);
  });
});

test('a rebuilt store has the plans of the journal, their runs and their callers', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'embedkeep-plans-'));
  await preparePGlite(dataDir);
  let clock = Date.parse('2026-03-01T12:00:00.000Z');
  const now = () => new Date(clock);
  const store = await openStore({ dataDir, now });
  const [answer] = await store.ledger.accept(
    checkOrders([{ url: newUrl(), plan: 'hourly', caller: 'desk', tags: ['t'] }]),
  );
  const claim = await store.ledger.claim(answer?.runId ?? '', now());
  if (claim) {
    await store.ledger.finish(claim, keptOf(claim.run.url, now().toISOString()), extractionOf([]));
  }
  const paused = await store.plans.add({ tag: 't', spec: 'daily' });
  await store.plans.change(paused.id, 'pause');
  clock += HOUR;
  await store.plans.tick();
  const before = [await store.plans.list({}), await store.reader.article(answer?.articleId ?? '')];
  await store.close();
  const rebuilt = await fromJournal(dataDir, now);
  const after = [
    await rebuilt.plans.list({}),
    await rebuilt.reader.article(answer?.articleId ?? ''),
  ];
  expect(after).toEqual(before);
  expect((await rebuilt.plans.tick()).runs).toBe(0);
  await rebuilt.close();
  await rm(dataDir, { recursive: true, force: true });
});
