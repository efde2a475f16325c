/** The OpenAPI document says what the server does: every route is in it, every reference leads somewhere. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore, type Store } from '../../src/store/index.ts';
import { preparePGlite } from '../support/pglite-template.ts';
import { startApi, type World } from './world.ts';

let dataDir: string;
let store: Store;
let world: World;
// biome-ignore lint/suspicious/noExplicitAny: a document of the outside
let document: any;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'embedkeep-openapi-'));
  await preparePGlite(dataDir);
  store = await openStore({ dataDir });
  const never = () => {};
  world = await startApi({
    store,
    backend: 'pglite',
    databaseUrl: null,
    pass: never,
    now: () => new Date(),
  });
  document = (await world.call('/openapi.json')).json;
});
afterAll(async () => {
  await world.close();
  await store.close();
  await rm(dataDir, { recursive: true, force: true });
});

test('it is OpenAPI 3.1 with these operations, no more and no less', () => {
  expect(document.openapi).toBe('3.1.0');
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(operations.toSorted()).toEqual(
    [
      'POST /v1/articles',
      'GET /v1/plans',
      'POST /v1/plans',
      'GET /v1/plans/{id}',
      'POST /v1/plans/{id}/pause',
      'POST /v1/plans/{id}/remove',
      'POST /v1/plans/{id}/resume',
      'GET /v1/articles',
      'GET /v1/articles/{id}',
      'POST /v1/articles/{id}/retry',
      'GET /v1/runs/{id}',
      'GET /v1/captures/{id}',
      'GET /v1/captures/{id}/body',
      'GET /v1/dead',
      'POST /v1/dead/retry',
      'POST /v1/dead/drop',
      'GET /v1/posts',
      'GET /v1/posts/{platform}/{id}',
      'GET /v1/export',
      'POST /v1/reparse',
      'POST /v1/backup',
      'GET /v1/verify',
      'POST /v1/gc',
      'POST /v1/removals',
      'POST /v1/retention',
      'GET /v1/holds',
      'POST /v1/holds',
      'POST /v1/holds/release',
      'GET /v1/webhooks',
      'POST /v1/webhooks',
      'GET /v1/webhooks/{id}',
      'PATCH /v1/webhooks/{id}',
      'DELETE /v1/webhooks/{id}',
      'POST /v1/webhooks/{id}/secret',
      'POST /v1/webhooks/{id}/test',
      'GET /v1/webhooks/{id}/deliveries',
      'POST /v1/webhooks/{id}/replay',
      'GET /v1/hosts/{host}',
      'GET /v1/stats',
      'GET /metrics',
      'GET /healthz',
      'GET /readyz',
    ].toSorted(),
  );
});

test('every reference leads somewhere, and every schema is referred to', () => {
  const text = JSON.stringify(document);
  const used = new Set([...text.matchAll(/#\/components\/schemas\/([^"]+)"/g)].map((m) => m[1]));
  expect([...used].toSorted()).toEqual(Object.keys(document.components.schemas).toSorted());
});

test('every operation has an id of its own, a summary, an answer and the problem', () => {
  const operations = Object.values(document.paths).flatMap((path) =>
    Object.values(path as Record<string, Record<string, unknown>>),
  );
  expect(new Set(operations.map((o) => o['operationId'])).size).toBe(operations.length);
  for (const operation of operations) {
    expect(operation['summary']).toBeTruthy();
    const responses = operation['responses'] as Record<string, { description: string }>;
    expect(Object.keys(responses).some((status) => status.startsWith('2'))).toBe(true);
    expect(responses['default']).toMatchObject({
      content: { 'application/problem+json': expect.anything() },
    });
    expect(JSON.stringify(responses)).not.toContain('Default Response');
  }
});

test('its own examples are taken', async () => {
  const { content } = document.paths['/v1/articles'].post.requestBody;
  const json = Object.values(content['application/json'].examples) as { value: unknown }[];
  for (const { value } of json) {
    expect((await world.post('/v1/articles', value)).json).toMatchObject({ refused: 0 });
  }
  for (const type of ['application/x-ndjson', 'text/plain']) {
    const call = { method: 'POST', path: '/v1/articles', headers: { 'content-type': type } };
    const { status, json: answer } = await world.call({ ...call, body: content[type].example });
    expect([status, answer.refused]).toEqual([202, 0]);
  }
});
