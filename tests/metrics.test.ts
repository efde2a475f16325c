import { expect, test } from 'vitest';
import { createMetrics } from '../src/metrics.ts';

test('a store that answers nothing leaves its gauges out of the scrape, and nothing else', async () => {
  const silent = () => new Promise<never>(() => {});
  const depths = () => Promise.resolve({ articles: { waiting: 7 } });
  const sources = { depths, runs: silent, oldest: silent, undelivered: silent };
  const text = await createMetrics(sources, 20).text();
  expect(text).toContain('embedkeep_queue_jobs{queue="articles",state="waiting"} 7');
  expect(text).toContain('embedkeep_reconciler_runs_seen_total 0');
  expect(text).not.toMatch(/^embedkeep_(?:runs\{|oldest_unfinished_seconds )/m);
});
