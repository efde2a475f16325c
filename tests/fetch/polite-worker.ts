/** A worker of the politeness simulation: takes URLs one by one, fetches them with manners, hands waiting ones back. */

import { toFailure } from '../../src/errors.ts';
import { createFetcher } from '../../src/fetch/fetcher.ts';
import type { PaceStore } from '../../src/fetch/pace/pace-store.ts';
import { redisPace } from '../../src/fetch/pace/redis.ts';
import { sqlPace } from '../../src/fetch/pace/sql.ts';
import { outcomeOfCapture } from '../../src/fetch/paced-fetch.ts';
import { createPoliteness } from '../../src/fetch/politeness.ts';
import { PoliteWait, type Slot, type Wait } from '../../src/ingest.ts';
import { openStore } from '../../src/store/index.ts';

export const INTERVAL_MS = 200;

export type Report =
  | { readonly kind: 'done'; readonly url: string; readonly outcome: string; readonly rule: string }
  | { readonly kind: 'wait'; readonly url: string; readonly until: number };

/** Works on one URL; a wait is an answer, as in the story. */
export function politeWorker(store: PaceStore, port: number) {
  const userAgent = 'embedkeep-test/1';
  const fetcher = createFetcher({ userAgent, allowPrivate: [`127.0.0.0/8:${port}`] });
  const politeness = createPoliteness({
    store,
    fetcher,
    userAgent,
    intervalMs: INTERVAL_MS,
    concurrency: 1,
  });
  const work = async (url: string): Promise<Report> => {
    try {
      const turn = await politeness.ask(url);
      if (turn.kind === 'wait') return waiting(url, turn);
      return await inSlot(url, turn);
    } catch (thrown) {
      if (thrown instanceof PoliteWait) return waiting(url, thrown.wait);
      return { kind: 'done', url, outcome: toFailure(thrown).code, rule: '' };
    }
  };
  const inSlot = async (url: string, slot: Slot): Promise<Report> => {
    try {
      const capture = await politeness.fetch(url, { reason: 'first' });
      await slot.release(outcomeOfCapture(capture));
      const { failure, robotsRule: rule } = capture;
      if (failure?.retry) return { kind: 'wait', url, until: Date.now() };
      return { kind: 'done', url, outcome: failure?.code ?? 'OK', rule };
    } catch (thrown) {
      const failure = thrown instanceof PoliteWait ? null : toFailure(thrown);
      await slot.release({ status: null, failure });
      throw thrown;
    }
  };
  return { work, close: () => fetcher.close() };
}

const waiting = (url: string, { until }: Wait): Report => ({
  kind: 'wait',
  url,
  until: until.getTime(),
});

/** As a process of its own, not where a test's own process imports it: URLs come as messages, reports go back. */
if (import.meta.main && process.send) {
  const [kind = '', url = '', port = ''] = process.argv.slice(2);
  const store =
    kind === 'redis'
      ? redisPace({ url })
      : sqlPace((await openStore({ databaseUrl: url, dataDir: '' })).db);
  const worker = politeWorker(store, Number(port));
  process.on('message', (message: { url: string }) => {
    void worker.work(message.url).then((report) => process.send?.(report));
  });
  process.send({ kind: 'ready' });
}
