/** Failures read again from the page they kept: one capture, its words, and the same after a rebuild. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { checkOrders } from '../../src/article-url.ts';
import type { ErrorCode, Failure } from '../../src/errors.ts';
import type { RetryFilter } from '../../src/ledger.ts';
import { openStore, remove } from '../../src/store/index.ts';
import { inspectChain } from '../../src/store/verify.ts';
import { Inspection } from '../../src/store/verify-report.ts';
import { verifySightings } from '../../src/store/verify-sightings.ts';
import { viewOf } from '../../src/store/verify-store.ts';
import { newVouched } from '../../src/store/vouched.ts';
import { preparePGlite } from '../support/pglite-template.ts';
import {
  describeStores,
  extractionOf,
  HOUR,
  ingestOnce,
  keptOf,
  orderAndClaim,
  tweet,
} from './stores.ts';

describeStores('dead letters', (current) => {
  let pages = 0;
  const failure = (code: ErrorCode, pageShape?: string): Failure => {
    return { code, message: 'm', retry: false, detail: pageShape ? { pageShape } : {} };
  };
  const failOnce = async (
    host: string,
    { code, shape, isKept = true }: { code: ErrorCode; shape?: string; isKept?: boolean },
  ) => {
    pages += 1;
    const { claim } = await orderAndClaim(current(), `https://${host}/${pages}`);
    const kept = isKept ? keptOf(claim.run.url, current().now().toISOString()) : undefined;
    await current().store.ledger.fail(claim, failure(code, shape), kept);
    return claim.run;
  };
  const retry = (filter: RetryFilter) => current().store.ledger.retry(filter);
  const claim = async (runId = '') => {
    const claimed = await current().store.ledger.claim(runId, current().now());
    if (!claimed) throw new Error('not claimed');
    return claimed;
  };
  const noKept = keptOf('https://nothing.example/', '2026-03-01T00:00:00Z');

  test('stand in groups by host, code and shape, with what is kept and where a retry begins', async () => {
    const host = 'groups.example';
    await failOnce(host, { code: 'PARSE_TIMEOUT', shape: 'page-1' });
    await failOnce(host, { code: 'PARSE_TIMEOUT', shape: 'page-1' });
    await failOnce(host, { code: 'PARSE_TIMEOUT', shape: 'page-2' });
    await failOnce(host, { code: 'PARSE_TIMEOUT', isKept: false });
    current().pass(HOUR);
    const since = current().now().toISOString();
    await failOnce(host, { code: 'GONE', shape: 'page-3' });
    const { deadGroups } = current().store.reader;
    const seen = (await deadGroups({ host })).map((group) => {
      return [group.code, group.shape, group.articles, group.kept, group.replay];
    });
    expect(seen).toEqual([
      ['PARSE_TIMEOUT', 'page-1', 2, 2, 'bytes'],
      ['GONE', 'page-3', 1, 1, 'network'],
      ['PARSE_TIMEOUT', 'page-2', 1, 1, 'bytes'],
      ['PARSE_TIMEOUT', null, 1, 0, 'bytes'],
    ]);
    expect(await deadGroups({ host, shape: 'page-2' })).toHaveLength(1);
    expect(await deadGroups({ host, since })).toMatchObject([{ code: 'GONE' }]);
    expect(await deadGroups({ host, until: since })).toHaveLength(3);
  });

  test('are retried from the bytes where reading failed, from the network else, or as it is said', async () => {
    const host = 'source.example';
    const parsed = await failOnce(host, { code: 'PARSE_OOM' });
    await failOnce(host, { code: 'PARSE_OOM', isKept: false });
    await failOnce(host, { code: 'BOT_CHALLENGE' });
    const from = async (filter: RetryFilter) =>
      (await retry(filter)).map((run) => (run.replayOf === null ? 'network' : 'bytes'));
    expect(await from({ host })).toEqual(['bytes', 'network', 'network']);
    const { articleId } = parsed;
    const [again] = (await current().store.reader.article(articleId))?.runs ?? [];
    expect(again?.replayOf).toBe(`c${parsed.id.slice(1)}`);

    const other = 'said.example';
    for (const isKept of [true, false]) await failOnce(other, { code: 'EMPTY_SHELL', isKept });
    expect(await from({ host: other, from: 'bytes' })).toEqual(['bytes']);
    await failOnce(other, { code: 'PARSE_OOM' });
    expect(await from({ host: other, from: 'network' })).toEqual(['network', 'network']);
    const { rows } = await current().store.db.executeQuery<{ body: string }>(
      current()
        .store.db.selectFrom('events')
        .select('body')
        .where('kind', '=', 'retried')
        .compile(),
    );
    expect(JSON.parse(rows.at(-1)?.body ?? '')).toMatchObject({ detail: { from: 'network' } });
  });

  test('read again are one capture with its words, and chain and sightings verify', async () => {
    const failed = await failOnce('read.example', { code: 'PARSE_TIMEOUT' });
    current().pass(HOUR);
    const [run] = await retry({ runId: failed.id });
    const claimed = await claim(run?.id);
    const captureId = claimed.run.replayOf ?? '';
    const extraction = extractionOf([tweet({ id: '4711', text: 'Read at last' })]);
    const counts = await current().store.ledger.finish(claimed, noKept, extraction);
    expect(counts).toEqual({ captureId, embeds: 1, newPosts: 1 });
    expect(await current().store.ledger.finish(claimed, noKept, extraction)).toEqual(counts);

    const article = await current().store.reader.article(failed.articleId);
    expect(article?.captures.map((one) => [one.id, one.parser])).toEqual([[captureId, '1']]);
    expect(article?.embeds.map((one) => one.text)).toEqual(['Read at last']);
    expect(article?.runs.map((one) => one.state)).toEqual(['done', 'failed']);
    const view = viewOf(current().store.db);
    const inspection = new Inspection();
    const vouched = newVouched();
    await inspectChain(view, { inspection, vouched });
    const later = () => Promise.resolve(vouched);
    await verifySightings(view.sightings(), { inspection, vouched, later, met: new Map() });
    expect(inspection.report('it').findings).toEqual([]);
  });

  test('read again after a younger capture came leave that one the last', async () => {
    const url = 'https://younger.example/a';
    const { claim: first } = await orderAndClaim(current(), url);
    const old = keptOf(url, current().now().toISOString());
    await current().store.ledger.fail(first, failure('PARSE_OOM'), old);
    const [again] = await retry({ runId: first.run.id });
    const claimed = await claim(again?.id);
    current().pass(HOUR);
    // The younger one is finished while the replay still reads.
    const young = await ingestOnce(current(), { url, embeds: [tweet({ id: '1' })], force: true });
    await current().store.ledger.finish(claimed, noKept, extractionOf([tweet({ id: '2' })]));
    const article = await current().store.reader.article(first.run.articleId);
    expect(article?.embeds.map((one) => one.postId)).toEqual(['1']);
    expect(article?.captures.map((one) => one.id)).toContain(young.captureId);
    const vanished = await current()
      .store.db.selectFrom('events')
      .select('kind')
      .where('article_id', '=', first.run.articleId)
      .where('kind', '=', 'vanished')
      .execute();
    expect(vanished).toEqual([]);
  });

  test('that cannot be read again either keep their page for the next time', async () => {
    const failed = await failOnce('twice.example', { code: 'PARSE_OOM' });
    const [run] = await retry({ runId: failed.id });
    const claimed = await claim(run?.id);
    await current().store.ledger.fail(claimed, failure('PARSE_OOM'), undefined);
    expect((await retry({ runId: run?.id ?? '' }))[0]?.replayOf).toBe(claimed.run.replayOf);
  });

  test('whose page was taken down are fetched again', async () => {
    const failed = await failOnce('gone.example', { code: 'PARSE_OOM' });
    const world = { ...current().store.world, erase: () => Promise.resolve() };
    await remove({ target: { captureId: `c${failed.id.slice(1)}` }, reason: 'r' }, world);
    expect((await retry({ runId: failed.id }))[0]?.replayOf).toBeNull();
  });

  test('and tries that failed are the same after a rebuild', { timeout: 120_000 }, async () => {
    const { store, now, pass } = current();
    const folder = store.world.journal?.checkpoint().folder;
    if (!folder) return;
    const { claim: tried } = await orderAndClaim(current(), 'https://tries.example/');
    const until = new Date(now().getTime() + 1000);
    await store.ledger.retryLater(tried, until, failure('CONNECT_FAIL'));
    pass(2000);
    const second = await claim(tried.run.id);
    await store.ledger.retryLater(second, new Date(now().getTime() + 1000), failure('DNS_FAIL'));
    const dataDir = await mkdtemp(join(tmpdir(), 'embedkeep-dead-'));
    await preparePGlite(dataDir);
    await cp(folder, join(dataDir, 'journal'), { recursive: true });
    const rebuilt = await openStore({ dataDir, now });
    const rows = (db: typeof store.db) =>
      db
        .selectFrom('runs')
        .select(['id', 'state', 'attempts', 'error_code', 'page_shape', 'replay_of', 'capture_id'])
        // What a claim alone changed is not in the journal.
        .where('state', '<>', 'running')
        .orderBy('id')
        .execute();
    expect(await rows(rebuilt.db)).toEqual(await rows(store.db));
    expect(await rebuilt.reader.run(tried.run.id)).toMatchObject({
      attempts: 2,
      failure: { code: 'DNS_FAIL' },
    });
    expect(await viewOf(rebuilt.db).head()).toEqual(await viewOf(store.db).head());
    await rebuilt.close();
    await rm(dataDir, { recursive: true });
  });

  test('are the articles whose last run failed, until a new run or a retry is ordered', async () => {
    const host = 'last-run.example';
    const run = await failOnce(host, { code: 'GONE', isKept: false });
    const failed = async () => {
      const { items } = await current().store.reader.articles({ state: 'failed', host });
      return items.map(({ id }) => id);
    };
    expect(await failed()).toEqual([run.articleId]);
    const [retried] = await retry({ runId: run.id });
    expect(await failed()).toEqual([]);
    const again = await claim(retried?.id);
    await current().store.ledger.fail(again, failure('GONE'), undefined);
    expect(await failed()).toEqual([run.articleId]);
    const { claim: next } = await orderAndClaim(current(), { url: run.url, force: true });
    expect(await failed()).toEqual([]);
    await current().store.ledger.fail(next, failure('GONE'), undefined);
    expect(await failed()).toEqual([run.articleId]);
  });
});

test('a store made before failed articles had an index knows them when it is opened', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'embedkeep-before-'));
  try {
    await preparePGlite(dataDir);
    const before = await openStore({ dataDir });
    const [answer] = await before.ledger.accept(checkOrders(['https://before.example/a']));
    const claimed = await before.ledger.claim(answer?.runId ?? '', new Date());
    if (!claimed) throw new Error('not claimed');
    const failure = { code: 'GONE', message: 'm', retry: false, detail: {} } as const;
    await before.ledger.fail(claimed, failure, undefined);
    for (const statement of [
      'drop trigger runs_fail on embedkeep.runs',
      'drop trigger runs_failed on embedkeep.runs',
      'drop function embedkeep.note_failed',
      'alter table embedkeep.articles drop column failed_run',
      `delete from embedkeep.schema_migrations where name = '0009-failed-articles'`,
    ]) {
      await sql.raw(statement).execute(before.db);
    }
    await before.close();
    const after = await openStore({ dataDir });
    const { items } = await after.reader.articles({ state: 'failed' });
    expect(items.map(({ url }) => url)).toEqual(['https://before.example/a']);
    await after.close();
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
});
