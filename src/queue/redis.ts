/** The queue on Redis, BullMQ's home ground. */
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { QueueBackend } from './backend.ts';
import { facts } from './redis-policy.ts';
import { ADD_TIMEOUT_MS, jobSettings, reconnectMs, workerSettings } from './settings.ts';

/**
 * For the sole owner of the ledger: makes BullMQ's stalled check, which runs as soon as a worker starts, put back
 * every active job at once instead of after its lock and two rounds. Its keys, as of BullMQ 6.7.
 */
async function releaseActive(name: string, url: string): Promise<number> {
  const redis = new Redis(url, { maxRetriesPerRequest: 1, commandTimeout: ADD_TIMEOUT_MS });
  redis.on('error', () => {}); // the commands below reject, which is how it is told
  const key = (part: string): string => `bull:${name}:${part}`;
  try {
    const ids = await redis.lrange(key('active'), 0, -1);
    if (ids.length === 0) return 0;
    await redis
      .multi()
      .del(key('stalled-check'), ...ids.map((id) => key(`${id}:lock`)))
      .sadd(key('stalled'), ...ids)
      .exec();
    return ids.length;
  } finally {
    redis.disconnect();
  }
}

/** `onError` hears of every broken connection; without a listener Node would end the process. */
export function redisBackend(url: string, onError: (error: Error) => void): QueueBackend {
  const producer = {
    url,
    retryStrategy: reconnectMs,
    // Without it an add() during an outage hangs for good instead of answering 503.
    enableOfflineQueue: false,
    commandTimeout: ADD_TIMEOUT_MS,
    maxRetriesPerRequest: 1,
  };
  // A worker, on the contrary, waits for the server to come back.
  const consumer = { url, retryStrategy: reconnectMs, maxRetriesPerRequest: null };
  let pinger: Redis | undefined;
  async function asked(): Promise<Redis> {
    if (pinger) return pinger;
    pinger = new Redis(url, { ...producer, enableOfflineQueue: true, lazyConnect: true });
    pinger.on('error', onError);
    await pinger.connect();
    return pinger;
  }

  return {
    kind: 'redis',
    queue(name) {
      const queue = new Queue(name, { connection: producer, defaultJobOptions: jobSettings });
      queue.on('error', onError);
      return queue;
    },
    worker(name, handler, { pace, ...choice }) {
      const worker = new Worker(name, handler, {
        connection: consumer,
        autorun: false,
        ...workerSettings(pace),
        ...choice,
      });
      worker.on('error', onError);
      return worker;
    },
    async ping() {
      await (await asked()).ping();
    },
    async memory() {
      const info = facts(await (await asked()).info('memory'));
      const most = Number(info.get('maxmemory') ?? 0);
      return most > 0 ? { used: Number(info.get('used_memory') ?? 0), most } : null;
    },
    release: (name) => releaseActive(name, url),
    close() {
      pinger?.disconnect();
      return Promise.resolve();
    },
  };
}
