/** What is read back: articles, runs, captures, posts, exports; every answer has the documented shape. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as schemas from '../../src/api/schemas.ts';
import { toFailure } from '../../src/errors.ts';
import { createEraser } from '../../src/store/archive/erase.ts';
import { remove } from '../../src/store/index.ts';
import { describeStores, orderAndClaim, tweet } from '../store/stores.ts';
import { type Kept, keep, startApi, type World } from './world.ts';

const PAGE = '<!doctype html><p>The harbour</p><blockquote>kept</blockquote>';
const TITLE = 'Storm leaves city in the dark';

describeStores('readers', (current) => {
  let world: World;
  let kept: Kept;
  const url = 'https://news.example/storm';

  beforeAll(async () => {
    world = await startApi(current());
    kept = await keep(current(), world, {
      url,
      title: TITLE,
      page: PAGE,
      embeds: [
        tweet({ id: '1431406170731446272', name: 'Anderson Cooper 360°', handle: 'AC360' }),
        tweet({ id: 'social.example/1099', platform: 'mastodon', handle: 'a@social.example' }),
        tweet({ id: null, text: 'a post whose id no article carries' }),
      ],
    });
  });
  afterAll(() => world.close());

  const read = async (path: string) => {
    const { status, json } = await world.call(path);
    expect([path, status, json?.detail]).toEqual([path, 200, undefined]);
    return json;
  };

  describe('an article', () => {
    test('is found by id, and by its URL in another spelling', async () => {
      const byId = await read(`/v1/articles/${kept.articleId}`);
      const other = encodeURIComponent('HTTPS://NEWS.example:443/storm?utm_source=x#top');
      expect(await read(`/v1/articles/${other}`)).toEqual(byId);
      expect(schemas.articleDetail.parse(byId)).toEqual(byId);
      expect(byId).toMatchObject({
        article: { id: kept.articleId, url, host: 'news.example', title: TITLE },
        runs: [{ id: kept.runId, state: 'done', captureId: kept.captureId }],
        captures: [{ id: kept.captureId }],
        embeds: [{ postId: '1431406170731446272' }, {}, { postId: null }],
      });
    });

    test('stands in the list, which filters and pages', async () => {
      for (let i = 0; i < 5; i++) {
        await orderAndClaim(current(), {
          url: `https://paging.example/${i}`,
          reference: 'batch-9',
        });
      }
      const seen: string[] = [];
      let cursor = '';
      do {
        const page = await read(`/v1/articles?reference=batch-9&limit=2${cursor}`);
        expect(schemas.page(schemas.articleRow).parse(page)).toEqual(page);
        seen.push(...page.items.map((row: { url: string }) => row.url));
        cursor = page.next ? `&cursor=${page.next}` : '';
      } while (cursor);
      expect(seen).toEqual([4, 3, 2, 1, 0].map((i) => `https://paging.example/${i}`));
      expect((await read('/v1/articles?host=news.example')).items).toMatchObject([{ url }]);
      expect((await read('/v1/articles?state=failed&host=news.example')).items).toEqual([]);
      expect((await read('/v1/articles?since=2099-01-01T00:00:00%2B02:00')).items).toEqual([]);
    });
  });

  describe('a failed article', () => {
    test('says why, goes back with a new run, and only then is no longer failed', async () => {
      const { claim } = await orderAndClaim(current(), 'https://news.example/gone');
      const failure = {
        ...toFailure(null),
        code: 'GONE',
        message: 'not there',
        retry: false,
      } as const;
      await current().store.ledger.fail(claim, failure);
      const path = `/v1/articles/${claim.run.articleId}`;
      expect((await read('/v1/articles?error=GONE')).items).toMatchObject([
        { id: claim.run.articleId, run: { state: 'failed', failure: { code: 'GONE' } } },
      ]);
      const retried = await world.call({ method: 'POST', path: `${path}/retry` });
      expect(retried.status).toBe(202);
      const [run] = retried.json.items;
      expect(schemas.run.parse(run)).toEqual(run);
      expect(run).toMatchObject({ state: 'accepted' });
      expect(run.id).not.toBe(claim.run.id);
      expect(world.enqueued.at(-1)).toMatchObject([{ id: run.id }]);
      expect((await read(path)).runs).toHaveLength(2);
      const again = await world.call({ method: 'POST', path: `${path}/retry` });
      expect([again.status, again.json.code]).toEqual([409, 'CONFLICT']);
    });
  });

  describe('a capture', () => {
    test('has its record, and its bytes as a download that no browser will show', async () => {
      const record = await read(`/v1/captures/${kept.captureId}`);
      expect(schemas.capture.parse(record)).toEqual(record);
      const body = await world.call(`/v1/captures/${kept.captureId}/body`);
      expect([body.status, body.text]).toEqual([200, PAGE]);
      const digest = createHash('sha256').update(PAGE);
      expect(body.headers).toMatchObject({
        'content-type': 'application/octet-stream',
        'content-disposition': `attachment; filename="${kept.captureId}.html"`,
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; sandbox",
        etag: `"${record.stored.sha256}"`,
        'repr-digest': `sha-256=:${digest.digest('base64')}:`,
      });
    });

    test('whose bytes do not match their digest is said to be damaged', async () => {
      const damaged = await keep(current(), world, { url: 'https://news.example/bad', embeds: [] });
      const { stored } = await read(`/v1/captures/${damaged.captureId}`);
      const file = await open(join(world.archiveDir, stored.location), 'r+');
      await file.write(Buffer.alloc(20, 'x'), 0, 20, stored.offset + stored.length - 40);
      await file.close();
      const { status, json } = await world.call(`/v1/captures/${damaged.captureId}/body`);
      expect([status, json.code]).toEqual([500, 'EVIDENCE_DAMAGED']);
    });

    test('that was taken down says so, and so do its post and the pages', async () => {
      const { captureId, articleId } = await keep(current(), world, {
        url: 'https://removed.example/',
        embeds: [tweet({ id: '1700000000000000009', text: 'words to be removed' })],
        page: `<p>words to be removed${' '.repeat(500)}`,
      });
      const erase = createEraser(pathToFileURL(world.archiveDir).href, current().now);
      const target = { platform: 'x', postId: '1700000000000000009' };
      await remove({ target, reason: 'asked for' }, { ...current().store.world, erase });
      const record = await read(`/v1/captures/${captureId}`);
      expect(schemas.capture.parse(record)).toEqual(record);
      expect(record.removedAt).not.toBeNull();
      const body = await world.call(`/v1/captures/${captureId}/body`);
      expect([body.status, body.json.code]).toEqual([404, 'NOT_FOUND']);
      expect(body.json.detail).toContain('taken down');
      for (const path of ['/posts/x/1700000000000000009', `/articles/${articleId}`, '/']) {
        const { text } = await world.call({ path, headers: { accept: 'text/html' } });
        expect(text).toContain('Taken down');
        expect(text).not.toContain('words to be removed');
      }
      const page = await world.call('/posts/x/1700000000000000009');
      expect(page.text).not.toContain('did not carry');
    });
  });

  describe('a post', () => {
    test('is found by platform and id with every sighting', async () => {
      const detail = await read('/v1/posts/x/1431406170731446272');
      expect(schemas.postDetail.parse(detail)).toEqual(detail);
      expect(detail.post).toMatchObject({ author: { name: 'Anderson Cooper 360°' } });
      expect(detail.sightings).toMatchObject([
        { captureId: kept.captureId, articleUrl: url, articleTitle: TITLE },
      ]);
    });

    test('that is a comment has its own id beside that of its thread, and is taken down alone', async () => {
      const about = { platform: 'reddit', id: '1e9iyof', date: null };
      const embeds = [
        tweet({ ...about, text: 'the thread stays' }),
        tweet({ ...about, commentId: 'leevgp2', text: 'the comment goes' }),
      ];
      const page = `<p>a thread and a comment${' '.repeat(500)}`;
      await keep(current(), world, { url: 'https://comments.example/', embeds, page });
      const name = encodeURIComponent('1e9iyof/leevgp2');
      const detail = await read(`/v1/posts/reddit/${name}`);
      expect(schemas.postDetail.parse(detail)).toEqual(detail);
      const ids = { postId: '1e9iyof', commentId: 'leevgp2' };
      expect(detail).toMatchObject({ post: ids, sightings: [{ embed: ids }] });
      const list = await world.call({
        path: '/?platform=reddit',
        headers: { accept: 'text/html' },
      });
      expect(list.text).toContain(`href="/posts/reddit/${name}"`);

      const body = { platform: 'reddit', ...ids, reason: 'asked for' };
      const removed = await world.post('/v1/removals', body);
      expect([removed.status, removed.json.sightings]).toEqual([200, 1]);
      expect((await read(`/v1/posts/reddit/${name}`)).post.text).toBeNull();
      expect((await read('/v1/posts/reddit/1e9iyof')).post.text).toBe('the thread stays');
    });

    test('is found where its id holds a slash, percent-encoded', async () => {
      const detail = await read(`/v1/posts/mastodon/${encodeURIComponent('social.example/1099')}`);
      expect(detail.post.postId).toBe('social.example/1099');
    });

    test('without an id is listed under its fingerprint and found by it', async () => {
      const { items } = await read('/v1/posts?q=whose%20id%20no%20article%20carries');
      expect(items).toHaveLength(1);
      expect(items[0].postId).toMatch(/^~[0-9a-f]{16}$/);
      const path = `/v1/posts/x/${encodeURIComponent(items[0].postId)}`;
      expect((await read(path)).post).toEqual(items[0]);
    });

    test.each([
      ['handle=@ac360', 1],
      ['platform=mastodon', 1],
      ['author=cooper', 1],
      ['articleHost=news.example', 3],
      ['from=2022-03-05&to=2022-03-05', 3],
      ['to=2022-03-04', 0],
      ['q=harbour&platform=x', 1],
      ['q=nowhere', 0],
    ])('is filtered by %s', async (filter, count) => {
      const page = await read(`/v1/posts?${filter}`);
      expect(schemas.page(schemas.postRow).parse(page)).toEqual(page);
      expect(page.items).toHaveLength(count);
    });
  });

  describe('an export', () => {
    test('as JSON lines has each post with its sightings', async () => {
      const { text, headers } = await world.call('/v1/export?articleHost=news.example');
      const lines = text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(lines).toHaveLength(3);
      for (const { v, ...line } of lines) {
        expect(v).toBe(2);
        expect(schemas.postDetail.parse(line)).toEqual(line);
      }
      expect(headers['content-type']).toContain('application/x-ndjson');
      expect(headers['content-disposition']).toContain('attachment');
    });

    test('as CSV has a row per sighting', async () => {
      const { text, headers } = await world.call('/v1/export?format=csv&platform=mastodon');
      expect(text.split('\r\n')).toHaveLength(3);
      expect(text).toContain('"social.example/1099"');
      expect(headers['content-type']).toContain('text/csv');
    });

    test('that breaks off is cut, not ended', async () => {
      const { reader } = current().store;
      const broken = await startApi(current(), {
        reader: {
          ...reader,
          async *exportPosts(filter) {
            for await (const post of reader.exportPosts(filter)) {
              for (let i = 0; i < 2000; i++) yield post;
            }
            throw new Error('the store is gone');
          },
        },
      });
      try {
        await expect(broken.call('/v1/export')).rejects.toThrow(/aborted|reset|hang up/i);
      } finally {
        await broken.close();
      }
    });
  });

  describe('ids that are none', () => {
    const odd = [
      '..',
      '%2e%2e',
      '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
      '%00',
      'a%00b',
      '%2fetc%2fpasswd',
    ];
    const ids = [
      ...odd,
      'A'.repeat(64),
      'a'.repeat(65),
      "'%20or%201=1--",
      '0',
      'null',
      '%F0%9F%98%80',
    ];
    test.each(ids)('%s is a 404 everywhere', async (id) => {
      for (const path of [
        `/v1/articles/${id}`,
        `/v1/runs/${id}`,
        `/v1/captures/${id}`,
        `/v1/captures/${id}/body`,
        `/v1/posts/x/${id}`,
        `/v1/posts/${id}/1`,
        `/v1/hosts/${id}`,
        `/articles/${id}`,
        `/posts/x/${id}`,
      ]) {
        const { status, json } = await world.call(path);
        expect([path, status, json?.code]).toEqual([path, 404, 'NOT_FOUND']);
      }
    });

    test('an address of 20,000 characters is not found either', async () => {
      const { status } = await world.call(`/v1/articles/${'x'.repeat(13_000)}`);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
    });
  });

  describe('questions that make no sense', () => {
    test.each([
      ['/v1/articles?state=asleep', 'state'],
      ['/v1/articles?since=yesterday', 'since'],
      ['/v1/articles?limit=0', 'limit'],
      ['/v1/articles?limit=1001', 'limit'],
      ['/v1/articles?limit=ten', 'limit'],
      ['/v1/articles?tag=a%00b', 'tag'],
      ['/v1/articles?tga=a', 'tga'],
      ['/v1/articles?tag=a&tag=b', 'tag'],
      ['/v1/posts?from=2022-02-30', 'from'],
      ['/v1/posts?from=28.08.2021', 'from'],
      ['/v1/posts?q=', 'q'],
      [`/v1/posts?q=${'x'.repeat(501)}`, 'q'],
      ['/v1/posts?cursor=%00', 'cursor'],
      ['/v1/export?format=xlsx', 'format'],
      ['/v1/export?limit=5', 'limit'],
    ])('%s is a 400 that names %s', async (path, name) => {
      const { status, json } = await world.call(path);
      expect([status, json.code]).toEqual([400, 'PAYLOAD_INVALID']);
      expect(json.detail).toContain(name);
    });

    test.each(['/v1/articles?cursor=abc', '/v1/posts?cursor=bjA'])('%s is a 400', async (path) => {
      const { status, json } = await world.call(path);
      expect([status, json.code]).toEqual([400, 'PAYLOAD_INVALID']);
    });
  });

  test('a host is explained, or not known', async () => {
    expect(await read('/v1/hosts/NEWS.example')).toEqual({ host: 'news.example', pace: 'idle' });
    expect((await world.call('/v1/hosts/unknown.example')).status).toBe(404);
    const page = 'https://news.example/a?b';
    const asked = `/v1/hosts/news.example?url=${encodeURIComponent(page)}`;
    expect(await read(asked)).toEqual({ host: 'news.example', pace: 'idle', page });
    const other = `/v1/hosts/news.example?url=${encodeURIComponent('https://else.example/')}`;
    expect((await world.call(other)).status).toBe(404);
  });

  test('runs are counted by state', async () => {
    const began = Date.now();
    const { runs, countedAt } = await read('/v1/stats');
    expect(Date.parse(countedAt)).toBeGreaterThanOrEqual(began);
    expect(runs.done).toBeGreaterThan(0);
    expect(Object.keys(runs).toSorted()).toEqual([...schemas.RUN_STATES].toSorted());
  });

  test('metrics are text, readiness names its problems', async () => {
    const { text, headers } = await world.call('/metrics');
    expect([text, headers['content-type']]).toEqual([
      'embedkeep_up 1\n',
      'text/plain; version=0.0.4; charset=utf-8',
    ]);
    const problems = ['The queue does not answer.'];
    const sick = await startApi(current(), {
      ready: () => Promise.resolve({ ok: false, problems }),
    });
    try {
      const { status, json } = await sick.call('/readyz');
      expect([status, json]).toEqual([503, { status: 'not ready', problems }]);
      expect((await sick.call('/healthz')).status).toBe(200);
    } finally {
      await sick.close();
    }
  });
});
