/** The working half of a process: fetches politely, parses off the loop, settles each run in the ledger. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ARTICLE_QUEUE, INTAKE_QUEUE } from '../src/article-job.ts';
import { checkOrders } from '../src/article-url.ts';
import { EmbedkeepError } from '../src/errors.ts';
import type { Politeness } from '../src/fetch/politeness.ts';
import { ingest, type Outcome, type Story } from '../src/ingest.ts';
import type { Holder, Kept } from '../src/ledger.ts';
import { createParsePool, type ParsePool } from '../src/parse-pool.ts';
import { PLAN_QUEUE } from '../src/plan.ts';
import { articleHandler } from '../src/queue/article-worker.ts';
import { createBackoff } from '../src/queue/backoff.ts';
import type { Feeder } from '../src/queue/feeder.ts';
import { createIntake, intakeHandler } from '../src/queue/intake.ts';
import { keepScheduler, planHandler } from '../src/queue/plan-worker.ts';
import { createReconciler } from '../src/queue/reconciler.ts';
import { createEraser } from '../src/store/archive/erase.ts';
import { eraseMarked } from '../src/store/index.ts';
import { feederOf } from './feeding.ts';
import { openPoliteness } from './politeness.ts';
import type { Pressure } from './pressure.ts';
import { ledgerOf, recall } from './story-ledger.ts';
import { blobUrl, now, type World } from './world.ts';

export interface Desk {
  readonly politeness: Politeness;
  readonly feeder: Feeder;
  /** In words, why it could not finish a job now; empty where it could. */
  problems(): string[];
  /** Takes no more work; what runs is finished within `graceMs`, or goes back unspent. */
  stop(graceMs: number): Promise<void>;
}

/** Raw jobs at a time: each is one small transaction. */
const INTAKE_CONCURRENCY = 16;
/** What a try may take beyond its fetch and parse before its job counts as lost. */
const TRY_SLACK_MS = 60_000;

/** After the grace: what a worker that hands back needs to close. */
const CLOSE_MS = 2000;
const within = (ms: number, work: Promise<unknown>): Promise<unknown> =>
  Promise.race([work, sleep(ms, undefined, { ref: false })]);

/** `around` may wrap the story; the crash tests do, to die at each of its steps. */
export function startDesk(
  world: World,
  pressure: Pressure,
  around: (story: Story) => Story = (story) => story,
): Desk {
  const { config, log, store, backend, outbox, metrics } = world;
  const stopping = new AbortController();
  const { politeness, close: closePoliteness } = openPoliteness(world);
  const pool = createParsePool({ timeoutMs: config.PARSE_TIMEOUT_MS });
  const story = around(storyOf({ world, politeness, pool, signal: stopping.signal }));
  const longestTryMs = config.FETCH_TIMEOUT_MS + config.PARSE_TIMEOUT_MS + TRY_SLACK_MS;
  const reconciler = createReconciler(
    {
      ledger: store.ledger,
      outbox,
      log,
      now,
      onPage: metrics.reconciled,
      keep: () => keepScheduler(world.queues.plans, config.PLAN_TICK_MS),
    },
    {
      everyMs: config.RECONCILE_MS,
      // A job still active is found alive in the queue; this only spares the look.
      runningMs: longestTryMs,
    },
  );
  const feeder = feederOf(world, () => reconciler.hurry());
  const intake = createIntake({
    ledger: store.ledger,
    feeder,
    check: checkOrders,
    admit: pressure.admit,
    log,
  });
  const work = async (runId: string, by: Holder): Promise<Outcome> => {
    const outcome = await ingest(runId, story, by);
    metrics.ended(outcome);
    feeder.ended();
    return outcome;
  };
  const { ledger, reader } = store;
  const pace = { lockMs: config.QUEUE_LOCK_MS, stalledMs: config.QUEUE_STALLED_MS };
  const handler = articleHandler({
    ...{ work, ledger, reader, outbox, log, now, random: Math.random },
    longestTryMs: Math.max(longestTryMs, pace.lockMs),
  });
  const workers = [
    backend.worker(ARTICLE_QUEUE, handler, { pace, concurrency: config.CONCURRENCY }),
    backend.worker(INTAKE_QUEUE, intakeHandler(intake, log), {
      pace,
      concurrency: INTAKE_CONCURRENCY,
    }),
    backend.worker(PLAN_QUEUE, planHandler({ plans: store.plans, feeder, log }), {
      pace,
      concurrency: 1,
    }),
  ];
  for (const worker of workers) {
    worker.run().catch((err: unknown) => log.error({ err, queue: worker.name }, 'worker ended'));
  }
  reconciler.start();
  feeder.start();

  return {
    politeness,
    feeder,
    problems: () =>
      workers.filter((w) => !w.isRunning()).map((w) => `the worker of ${w.name} does not run`),
    async stop(graceMs) {
      await Promise.all([reconciler.stop(), feeder.stop()]);
      const finished = Promise.all(workers.map((worker) => worker.close()));
      const handBack = setTimeout(() => {
        log.warn('grace period over: running jobs go back');
        stopping.abort(new EmbedkeepError('HANDED_BACK'));
        void pool.close();
      }, graceMs);
      // A queue that is down can hold a worker's close for ever; the locks and the ledger know what to do.
      await within(graceMs + CLOSE_MS, finished).finally(() => clearTimeout(handBack));
      // Threads end by themselves; leaving while one does so can end the process by a signal.
      await Promise.all([pool.close(), within(CLOSE_MS, closePoliteness())]);
    },
  };
}

interface StoryParts {
  readonly world: World;
  readonly politeness: Politeness;
  readonly pool: ParsePool;
  readonly signal: AbortSignal;
}

/** Each step measured; none begins once the process hands its work back. */
function storyOf({ world, politeness, pool, signal }: StoryParts): Story {
  const { config, log, archive, metrics, store } = world;
  const { ledger } = store;
  const eraser = { ...store.world, erase: createEraser(blobUrl(config), now) };
  const erase = (captures: readonly string[]) => eraseMarked(eraser, captures);
  const parse = async ({ capture, stored }: Kept) => {
    const bytes = capture.body ?? (await archive.read(stored));
    const extraction = await pool.extract(bytes, {
      url: capture.finalUrl,
      charset: capture.charset,
      capturedAt: capture.fetchedAt,
    });
    metrics.embeds(extraction);
    return extraction;
  };
  return {
    ledger: ledgerOf({ ledger, metrics, log, erase }),
    recall: (captureId) => recall(captureId, store.reader),
    ask: metrics.timed('ask', (url: string, priority?: number) => politeness.ask(url, priority)),
    fetch: metrics.timed('fetch', (claim, validators) => {
      signal.throwIfAborted();
      return politeness.fetch(claim.run.url, { reason: claim.run.reason, validators, signal });
    }),
    archive: {
      write: metrics.timed('keep', (capture) => archive.write(capture)),
    },
    parse: metrics.timed('parse', parse),
    retryAt: createBackoff(
      { baseMs: config.RETRY_BASE_MS, maxAttempts: config.MAX_ATTEMPTS },
      Math.random,
      now,
    ),
    now,
  };
}
