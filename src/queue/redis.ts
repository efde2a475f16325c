/** The queue on Redis, BullMQ's home ground. */
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { QueueBackend } from './backend.ts';
import { ADD_TIMEOUT_MS, jobSettings, reconnectMs, workerSettings } from './settings.ts';

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
      if (!pinger) {
        pinger = new Redis(url, { ...producer, enableOfflineQueue: true, lazyConnect: true });
        pinger.on('error', onError);
        await pinger.connect();
      }
      await pinger.ping();
    },
    // Several processes share a Redis; who is dead only their locks tell.
    release: () => Promise.resolve(0),
    close() {
      pinger?.disconnect();
      return Promise.resolve();
    },
  };
}
