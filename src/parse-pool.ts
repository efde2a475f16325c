/** Parsing off the event loop: a slow or hungry page costs its own thread, never the queue's heartbeat. */
import { once } from 'node:events';
import { getCompileCacheDir } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Extraction, ExtractOptions } from './embed.ts';
import { EmbedkeepError, type Failure } from './errors.ts';

export interface ParsePool {
  /** @throws EmbedkeepError PARSE_TIMEOUT, PARSE_OOM, or what the engine threw */
  extract(bytes: Uint8Array, options: ExtractOptions): Promise<Extraction>;
  close(): Promise<void>;
}

export interface ParseLimits {
  /** How long one page may take, counted from when a ready thread has it. */
  readonly timeoutMs: number;
  readonly threads?: number;
  /** A 10 MB page needs more than 256 MB of heap; 512 were enough. */
  readonly heapMb?: number;
  /** Another thread than the engine's own; tests have one that misbehaves to order. */
  readonly thread?: URL;
}

interface Task {
  readonly bytes: Uint8Array;
  readonly options: ExtractOptions;
  readonly resolve: (extraction: Extraction) => void;
  readonly reject: (error: Error) => void;
}

interface Thread {
  readonly worker: Worker;
  /** It has its modules, or has ended without. */
  readonly loaded: Promise<unknown>;
  ready: boolean;
  task: Task | null;
  timer: NodeJS.Timeout | undefined;
}

type Answer = 'ready' | { extraction: Extraction } | { failure: Failure };

// The package runs as .ts in the checkout and as .js once built.
const FILE = new URL(
  import.meta.url.endsWith('.ts') ? './parse-thread.ts' : './parse-thread.js',
  import.meta.url,
);

export function createParsePool(limits: ParseLimits): ParsePool {
  const waiting: Task[] = [];
  const idle: Thread[] = [];
  const all = new Set<Thread>();
  let closed = false;

  function start(): void {
    if (closed) return;
    const worker = spawnThread(limits);
    const thread = loading(worker);
    all.add(thread);
    worker.on('message', (answer: Answer) => heard(thread, answer));
    worker.on('error', (error: Error) => died(thread, nameOf(error)));
    worker.on('exit', () =>
      died(thread, new EmbedkeepError('INTERNAL', 'The parse thread ended.')),
    );
    worker.unref(); // an idle pool keeps no process alive; a page in work does
  }

  function heard(thread: Thread, answer: Answer): void {
    const task = thread.task;
    if (answer !== 'ready' && task) {
      clearTimeout(thread.timer);
      thread.task = null;
      thread.worker.unref();
      if ('extraction' in answer) task.resolve(answer.extraction);
      else task.reject(thrownThere(answer.failure));
    }
    thread.ready = true;
    idle.push(thread);
    next();
  }

  function died(thread: Thread, why: EmbedkeepError): void {
    clearTimeout(thread.timer);
    if (!all.delete(thread)) return;
    const at = idle.indexOf(thread);
    if (at >= 0) idle.splice(at, 1);
    thread.task?.reject(why);
    thread.task = null;
    if (closed) return;
    // One that could not even start would be started without end.
    if (thread.ready) start();
    else setTimeout(start, RESTART_MS);
  }

  function next(): void {
    const task = idle.length > 0 ? waiting.shift() : undefined;
    const thread = task && idle.shift();
    if (!task || !thread) return;
    thread.task = task;
    thread.worker.ref();
    thread.timer = setTimeout(() => {
      died(
        thread,
        new EmbedkeepError('PARSE_TIMEOUT', undefined, { detail: { limitMs: limits.timeoutMs } }),
      );
      void thread.worker.terminate();
    }, limits.timeoutMs);
    thread.worker.postMessage({ bytes: task.bytes, options: task.options });
  }

  for (let i = limits.threads ?? Math.max(1, availableParallelism() - 1); i > 0; i -= 1) start();
  return {
    extract(bytes, options) {
      if (closed) return Promise.reject(closing());
      return new Promise((resolve, reject) => {
        waiting.push({ bytes, options, resolve, reject });
        next();
      });
    },
    async close() {
      closed = true;
      await Promise.all([...all].map(end));
      for (const task of waiting.splice(0)) task.reject(closing());
    },
  };
}

function loading(worker: Worker): Thread {
  const ends = ['message', 'error', 'exit'].map((event) => once(worker, event).catch(() => {}));
  return { worker, loaded: Promise.race(ends), ready: false, task: null, timer: undefined };
}

/** Node aborts the whole process where a thread is ended while it loads modules (`Check failed: !is_null()`). */
async function end({ worker, loaded }: Thread): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, LOAD_MS);
  });
  await Promise.race([loaded, late]);
  clearTimeout(timer);
  await worker.terminate();
}

const LOAD_MS = 10_000;
const RESTART_MS = 1000;

const spawnThread = ({ thread, heapMb }: ParseLimits): Worker =>
  new Worker(thread ?? FILE, {
    resourceLimits: { maxOldGenerationSizeMb: heapMb ?? 512, stackSizeMb: 4 },
    // A page must not find secrets of this process in its thread.
    env: compiledCode(),
  });

/** Where the process keeps compiled code, a thread is ready after a third of the CPU: 0.33 s instead of 1.0 (from .ts). */
function compiledCode(): { NODE_COMPILE_CACHE?: string } {
  const ofThisNode = getCompileCacheDir();
  return ofThisNode === undefined ? {} : { NODE_COMPILE_CACHE: dirname(ofThisNode) };
}

const closing = (): EmbedkeepError =>
  new EmbedkeepError('HANDED_BACK', 'The parse pool was closed.');

const thrownThere = ({ code, message, detail }: Failure): EmbedkeepError =>
  new EmbedkeepError(code, message, { detail });

function nameOf(error: Error): EmbedkeepError {
  const outOfMemory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
  return outOfMemory
    ? new EmbedkeepError('PARSE_OOM', undefined, { cause: error })
    : new EmbedkeepError('INTERNAL', `The parse thread failed: ${error.message}`, { cause: error });
}
