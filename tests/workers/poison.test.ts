import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { Run } from '../../src/ledger.ts';
import type { ArticleDetail, DeadGroup } from '../../src/reader.ts';
import { launch, startEmbedkeep } from '../support/embedkeep.ts';
import { preparePGlite } from '../support/pglite-template.ts';
import { startSite } from '../support/site.ts';

vi.setConfig({ testTimeout: 180_000 });

test('a page that kills its worker is parked after its tries, with its bytes kept; the rest goes on', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'embedkeep-poison-'));
  await preparePGlite(dir);
  const site = await startSite();
  const settings = {
    DATA_DIR: dir,
    ALLOW_PRIVATE_HOSTS: site.host,
    MAX_ATTEMPTS: '2',
    CONCURRENCY: '1',
  };
  const server = await startEmbedkeep({ ...settings, CONCURRENCY: '1' });
  site.delayMs = 60_000; // held until the first victim takes over
  const [poison] = await server.enqueue([`${site.origin}/poison`]);
  await expect.poll(() => site.asked, { timeout: 60_000 }).toHaveLength(1);
  await server.end('SIGKILL');
  site.delayMs = 0;

  // The first try died above with its attempt counted; this is the second.
  const victim = launch('tests/crash/victim.ts', { ...settings, CRASH_AT: 'parse:before' });
  victim.stdout?.resume();
  expect((await once(victim, 'exit'))[1]).toBe('SIGKILL');

  const last = await startEmbedkeep(settings);
  const [other] = await last.enqueue([`${site.origin}/harmless`]);
  const stateOf = async (id?: string | null) => (await last.runs([id ?? '']))[0];
  await expect
    .poll(async () => (await stateOf(poison?.runId))?.state, { timeout: 60_000 })
    .toBe('failed');
  await expect
    .poll(async () => (await stateOf(other?.runId))?.state, { timeout: 60_000 })
    .toBe('done');
  const run = await stateOf(poison?.runId);
  expect(run).toMatchObject({ attempts: 3, failure: { code: 'WORKER_DIED' } });
  const detail = await last.get<ArticleDetail>(`/v1/articles/${run?.articleId}`);
  expect(detail.captures).toHaveLength(1);
  expect(detail.embeds).toEqual([]);

  // The fault is mended, and the site no longer there: the kept page is read, in the queue like any run.
  await site.close();
  const groups = await last.get<{ items: DeadGroup[] }>('/v1/dead');
  expect(groups.items).toMatchObject([{ code: 'WORKER_DIED', kept: 1, replay: 'bytes' }]);
  expect(groups.items[0]?.shape).toMatch(/^page-[0-9a-f]{12}$/);
  const asked = site.asked.length;
  const answer = await fetch(`${last.address}/v1/dead/retry`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code: 'WORKER_DIED', shape: groups.items[0]?.shape }),
  });
  const { items } = (await answer.json()) as { items: Run[] };
  await expect
    .poll(async () => (await stateOf(items[0]?.id))?.state, { timeout: 60_000 })
    .toBe('done');
  const after = await last.get<ArticleDetail>(`/v1/articles/${run?.articleId}`);
  expect(after.captures.map((capture) => capture.id)).toEqual([detail.captures[0]?.id]);
  expect(after.embeds).toMatchObject([{ author: { handle: 'miraholt' } }]);
  expect(site.asked).toHaveLength(asked);
  await last.end('SIGTERM');
  await rm(dir, { recursive: true, force: true });
});
