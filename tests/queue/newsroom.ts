/** A store, a queue and a desk for queue tests: everything real but the web, which answers as the test says. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Job, Queue, Worker } from 'bullmq';
import { ARTICLE_QUEUE, INTAKE_QUEUE } from '../../src/article-job.ts';
import { checkOrders } from '../../src/article-url.ts';
import type { Capture } from '../../src/capture.ts';
import { extract } from '../../src/extract/index.ts';
import { ingest, type Slot, type Story, type Wait } from '../../src/ingest.ts';
import type { Holder, Run } from '../../src/ledger.ts';
import { createMetrics, type Metrics } from '../../src/metrics.ts';
import { articleHandler } from '../../src/queue/article-worker.ts';
import type { QueueBackend } from '../../src/queue/backend.ts';
import { createBackoff } from '../../src/queue/backoff.ts';
import { embeddedBackend } from '../../src/queue/embedded.ts';
import { createFeeder, type Feeder } from '../../src/queue/feeder.ts';
import { createIntake, type Intake, intakeHandler } from '../../src/queue/intake.ts';
import { createOutbox, type Outbox } from '../../src/queue/outbox.ts';
import { postgresBackend } from '../../src/queue/postgres.ts';
import { createReconciler, type Reconciler } from '../../src/queue/reconciler.ts';
import { redisBackend } from '../../src/queue/redis.ts';
import { openStore, type Store } from '../../src/store/index.ts';
import { sourcesOf } from '../../workers/metric-sources.ts';
import { preparePGlite } from '../support/pglite-template.ts';

export interface Newsroom {
  readonly store: Store;
  readonly backend: QueueBackend;
  readonly articles: Queue;
  readonly raw: Queue;
  readonly outbox: Outbox;
  readonly intake: Intake;
  readonly feeder: Feeder;
  readonly reconciler: Reconciler;
  readonly lines: object[];
  readonly metrics: Metrics;
  /** Starts workers with this web; answers how to stop them. */
  work(web: Web): Worker[];
  run(id: string | null | undefined): Promise<Run>;
  close(): Promise<void>;
}

/** What the network does; by default every page is an empty article. */
export interface Web {
  readonly ask?: (url: string) => Promise<Slot | Wait>;
  readonly fetch?: (run: Run) => Promise<Capture>;
  readonly maxAttempts?: number;
  /** Default 50 ms. */
  readonly retryBaseMs?: number;
  readonly pace?: { lockMs: number; stalledMs: number };
  readonly concurrency?: number;
  /** Default 30 s. */
  readonly longestTryMs?: number;
}

export interface Where {
  readonly redisUrl?: string;
  readonly databaseUrl?: string;
}

export async function openNewsroom(where: Where = {}): Promise<Newsroom> {
  const dataDir = await mkdtemp(join(tmpdir(), 'embedkeep-newsroom-'));
  if (!where.databaseUrl) await preparePGlite(dataDir);
  const store = await openStore({ dataDir, databaseUrl: where.databaseUrl });
  const lines: object[] = [];
  const log = {
    debug: () => {},
    info: (fields: object, msg: string) => void lines.push({ ...fields, msg }),
    warn: (fields: object, msg: string) => void lines.push({ ...fields, msg }),
    error: (fields: object, msg: string) => void lines.push({ ...fields, msg }),
  };
  const backend = await openBackend(where, store);
  const articles = backend.queue(ARTICLE_QUEUE);
  const raw = backend.queue(INTAKE_QUEUE);
  const now = () => new Date();
  const outbox = createOutbox(articles, now);
  const metrics = createMetrics(sourcesOf(store, { articles }));
  const reconciler = createReconciler(
    { ledger: store.ledger, outbox, log, now, onPage: metrics.reconciled },
    { everyMs: 200, runningMs: 0 },
  );
  const feeder = createFeeder({
    ledger: store.ledger,
    outbox,
    // Smaller than the backlog of a test that is to see it filled again.
    window: 32,
    onLost: () => reconciler.hurry(),
    log,
  });
  const intake = createIntake({
    ledger: store.ledger,
    feeder,
    check: checkOrders,
    admit: () => Promise.resolve(),
    log,
  });
  const workers: Worker[] = [];

  return {
    store,
    backend,
    articles,
    raw,
    outbox,
    intake,
    feeder,
    reconciler,
    lines,
    metrics,
    work(web) {
      const story = storyOf(store, web);
      const { ledger, reader } = store;
      const turn = async (id: string, by: Holder) => {
        const outcome = await ingest(id, story, by);
        feeder.ended();
        return outcome;
      };
      const longestTryMs = web.longestTryMs ?? 30_000;
      const desk = { work: turn, longestTryMs, ledger, reader, outbox, log, now };
      const choice = {
        concurrency: web.concurrency ?? 4,
        pace: web.pace ?? { lockMs: 30_000, stalledMs: 5000 },
      };
      const random = () => 0;
      const started = [
        backend.worker(ARTICLE_QUEUE, articleHandler({ ...desk, random }), choice),
        backend.worker(INTAKE_QUEUE, intakeHandler(intake, log), choice),
      ];
      for (const worker of started) void worker.run();
      workers.push(...started);
      return started;
    },
    async run(id) {
      const run = id ? await store.reader.run(id) : null;
      if (!run) throw new Error(`no run ${id}`);
      return run;
    },
    async close() {
      await Promise.all([reconciler.stop(), feeder.stop()]);
      await Promise.all(workers.map((worker) => worker.close(true)));
      await Promise.all([articles.close(), raw.close()]);
      await backend.close();
      await store.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function openBackend(where: Where, store: Store): Promise<QueueBackend> {
  const ignore = () => {};
  if (where.redisUrl) return Promise.resolve(redisBackend(where.redisUrl, ignore));
  if (where.databaseUrl) return postgresBackend(where.databaseUrl, ignore);
  if (!store.pglite) throw new Error('no embedded database');
  return embeddedBackend(store.pglite, ignore);
}

function storyOf({ ledger }: Store, web: Web): Story {
  const now = () => new Date();
  return {
    ledger,
    ask: web.ask ?? (() => Promise.resolve(freeSlot)),
    fetch: (claim) => (web.fetch ?? emptyPage)(claim.run),
    recall: () => Promise.reject(new Error('nothing was kept here')),
    archive: { write: (capture) => Promise.resolve(storedAs(capture)) },
    parse: ({ capture }) => Promise.resolve(extract(capture.body ?? new Uint8Array(), {})),
    retryAt: createBackoff(
      { baseMs: web.retryBaseMs ?? 50, maxAttempts: web.maxAttempts ?? 3 },
      () => 0.5,
      now,
    ),
    now,
  };
}

export const freeSlot: Slot = { kind: 'slot', release: () => Promise.resolve() };

export function emptyPage(run: Run): Promise<Capture> {
  const body = new TextEncoder().encode(`<html><title>${run.id}</title></html>`);
  const startedAt = new Date().toISOString();
  return Promise.resolve({
    url: run.url,
    finalUrl: run.url,
    fetchedAt: startedAt,
    reason: run.reason,
    hops: [
      {
        method: 'GET',
        url: run.url,
        requestHeaders: [],
        status: 200,
        statusText: 'OK',
        responseHeaders: [['Content-Type', 'text/html']],
        rawBody: body,
        remoteAddress: '127.0.0.1',
        tls: null,
        startedAt,
        timings: { connected: 1, headers: 2, done: 3 },
      },
    ],
    body,
    contentType: 'text/html',
    charset: null,
    truncated: null,
    robotsRule: 'no robots.txt (404)',
    revisitOf: null,
  });
}

let offset = 0;
function storedAs(capture: Capture) {
  offset += 1000;
  const hash = Buffer.from(capture.url).toString('hex').padEnd(64, '0').slice(0, 64);
  return {
    location: 'test.warc.gz',
    offset,
    length: 10,
    sha256: hash,
    rawSha256: hash,
    size: capture.body?.length ?? 0,
    revisit: false,
  };
}

export type { Job };
