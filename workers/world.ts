/** Builds what all processes share, from Config: lock, store, queue, archive. The only place that asks which kind. */
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Queue } from 'bullmq';
import { sql } from 'kysely';
import { ARTICLE_QUEUE, INTAKE_QUEUE } from '../src/article-job.ts';
import type { Config } from '../src/config.ts';
import { type DataDirLock, lockDataDir } from '../src/data-dir-lock.ts';
import { EmbedkeepError } from '../src/errors.ts';
import { createMetrics, type Metrics } from '../src/metrics.ts';
import { PLAN_QUEUE } from '../src/plan.ts';
import type { QueueBackend } from '../src/queue/backend.ts';
import { embeddedBackend } from '../src/queue/embedded.ts';
import { createOutbox, type Outbox } from '../src/queue/outbox.ts';
import { postgresBackend } from '../src/queue/postgres.ts';
import { redisBackend } from '../src/queue/redis.ts';
import { redisProblems } from '../src/queue/redis-policy.ts';
import { createEraser } from '../src/store/archive/erase.ts';
import { type OpenArchive, openArchive } from '../src/store/archive/index.ts';
import { finishRemovals, openStore, type Store } from '../src/store/index.ts';
import { createClosers } from './closers.ts';
import type { Logger } from './log.ts';
import { sourcesOf } from './metric-sources.ts';
import { storedBodies } from './stored-bodies.ts';

export interface World {
  readonly config: Config;
  readonly log: Logger;
  readonly store: Store;
  readonly archive: OpenArchive;
  readonly backend: QueueBackend;
  readonly queues: { readonly articles: Queue; readonly intake: Queue; readonly plans: Queue };
  readonly outbox: Outbox;
  readonly metrics: Metrics;
  /** Null where DATABASE_URL lets several processes share the store. */
  readonly lock: DataDirLock | null;
  close(): Promise<void>;
}

export const now = (): Date => new Date();

export async function openWorld(config: Config, log: Logger): Promise<World> {
  const closers = createClosers(log);
  try {
    if (config.REDIS_URL) await checkRedis(config, config.REDIS_URL, log);
    const lock = config.DATABASE_URL ? null : await takeDataDir(config, log);
    if (lock) closers.push('lock', () => Promise.resolve(lock.release()));
    const store = await openStore({
      dataDir: config.DATA_DIR,
      databaseUrl: config.DATABASE_URL,
      windowHours: config.WINDOW_HOURS,
      onReplaced: ({ aside, cause: err }) =>
        log.error({ err, aside }, 'the database is set aside and made anew from the journal'),
    }).catch(unreachable('STORE_UNAVAILABLE'));
    closers.push('store', () => store.close());
    const { replayed } = store;
    if (replayed > 0)
      log.warn({ links: replayed }, 'the journal gave back what the database lacked');
    const archive = await openArchive({
      url: blobUrl(config),
      ...storedBodies(store),
      onRecovered: (recovered) => log.warn({ recovered }, 'a WARC of a dead writer was repaired'),
    });
    closers.push('archive', () => archive.close());
    await finishErasing(config, store, log);
    const backend = await openBackend(config, store, log).catch(unreachable('QUEUE_UNAVAILABLE'));
    closers.push('queue', () => backend.close());
    const queues = {
      articles: backend.queue(ARTICLE_QUEUE),
      intake: backend.queue(INTAKE_QUEUE),
      plans: backend.queue(PLAN_QUEUE),
    };
    closers.push('queues', () => Promise.all(Object.values(queues).map((queue) => queue.close())));
    if (lock) await takeBack(store, backend, log);
    const outbox = createOutbox(queues.articles, now);
    const metrics = createMetrics(sourcesOf(store, queues));
    const close = () => closers.closeAll();
    return { config, log, store, archive, backend, queues, outbox, metrics, lock, close };
  } catch (thrown) {
    await closers.closeAll();
    throw thrown;
  }
}

/** A takedown or a retention sweep that was killed: marked as gone, and the bytes perhaps still there. */
async function finishErasing(config: Config, { world }: Store, log: Logger): Promise<void> {
  const erase = createEraser(blobUrl(config), world.now);
  try {
    const captures = await finishRemovals({ ...world, erase });
    if (captures > 0) log.warn({ captures }, 'a removal that was interrupted is finished');
  } catch (err) {
    // One record that cannot be read must not keep the others from being served.
    log.error(
      { err },
      'a removal that was interrupted cannot be finished; the next start tries again',
    );
  }
}

function takeDataDir(config: Config, log: Logger): Promise<DataDirLock> {
  return lockDataDir(config.DATA_DIR, () => {
    // Another process owns the database files now: a single further write of ours could ruin them.
    log.fatal({ dir: config.DATA_DIR }, 'the data directory was taken over: leaving at once');
    process.kill(process.pid, 'SIGKILL');
  });
}

/** Whoever holds the data directory is alone, so every active job and every slot at a host is a dead process's. */
async function takeBack({ db }: Store, backend: QueueBackend, log: Logger): Promise<void> {
  for (const queue of [ARTICLE_QUEUE, INTAKE_QUEUE, PLAN_QUEUE]) {
    const jobs = await backend.release(queue);
    if (jobs > 0) log.warn({ queue, jobs }, 'jobs of a dead process put back');
  }
  await sql`update embedkeep.host_pace set state = (state::jsonb || '{"slots":{}}')::json
    where state::jsonb -> 'slots' <> '{}'`.execute(db);
}

function openBackend(config: Config, store: Store, log: Logger): Promise<QueueBackend> {
  const onError = quietly(log);
  if (config.REDIS_URL) return Promise.resolve(redisBackend(config.REDIS_URL, onError));
  if (config.DATABASE_URL) return postgresBackend(config.DATABASE_URL, onError);
  if (!store.pglite) throw new Error('the embedded store has no database handle');
  return embeddedBackend(store.pglite, onError);
}

/** An outage is one line a second, not thousands. */
function quietly(log: Logger): (err: Error) => void {
  let last = 0;
  let skipped = 0;
  return (err) => {
    if (Date.now() - last < 1000) {
      skipped += 1;
      return;
    }
    log.warn({ err, skipped }, 'queue connection');
    last = Date.now();
    skipped = 0;
  };
}

async function checkRedis(config: Config, url: string, log: Logger): Promise<void> {
  const problems = await redisProblems(url);
  if (problems.length === 0) return;
  if (!config.ALLOW_UNSAFE_REDIS) throw new EmbedkeepError('REDIS_UNSAFE', problems.join('\n'));
  log.warn({ problems }, 'this Redis may lose jobs; ALLOW_UNSAFE_REDIS is set');
}

/** Where the bytes lie. */
export const blobUrl = (config: Config): string =>
  config.BLOB_URL ?? pathToFileURL(resolve(join(config.DATA_DIR, 'warc'))).href;

const unreachable =
  (code: 'STORE_UNAVAILABLE' | 'QUEUE_UNAVAILABLE') =>
  (cause: unknown): never => {
    if (cause instanceof EmbedkeepError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new EmbedkeepError(code, why, { cause });
  };
