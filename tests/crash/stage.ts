/**
 * One data directory, one news site, and one server process after another that dies on it. What was accepted is
 * remembered here, outside of everything that is killed.
 */
import { type ChildProcess, execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  type Embedkeep,
  QUICK_START,
  type Settings,
  startEmbedkeep,
} from '../support/embedkeep.ts';
import { preparePGlite } from '../support/pglite-template.ts';
import { openOf, tellOpen } from './open-runs.ts';
import { judge, type Verdict } from './oracle.ts';
import { HOOK, type Pages, startPages } from './pages.ts';
import { ROUNDS } from './seed.ts';
import type { SmallDisk } from './small-disk.ts';
import { BY_HAND, type Point } from './steps.ts';

export interface Place {
  readonly name: 'embedded' | 'redis+postgres';
  /** Of a fresh database and an empty queue. */
  settings(): Promise<Settings>;
}

export interface Row extends Verdict {
  readonly backend: string;
  readonly fault: string;
  readonly kills: number;
  readonly faults: number;
  readonly temporary: number;
  /** From the restart's readiness until all is final; null where that did not happen in time. */
  readonly recoveryMs: number | null;
}

/** Short enough that a run is over soon; the order of things is that of the defaults. */
const SHORT_PACE: Settings = {
  RECONCILE_MS: '500',
  QUEUE_LOCK_MS: '3000',
  QUEUE_STALLED_MS: '1000',
};
const BASE: Settings = {
  MAX_ATTEMPTS: '100',
  CONCURRENCY: '4',
  // Two at a time at the one host: some must wait, politely.
  HOST_CONCURRENCY: '2',
  FETCH_TIMEOUT_MS: '5000',
  LOG_LEVEL: 'info',
};
const DIES_WITHIN_MS = 90_000;
const RECOVERS_WITHIN_MS = 400_000;
const TEMPORARY = /\.(tmp|part|open|takeover)$/;

export interface StageOptions {
  /** Lock and stall times as they are by default. */
  readonly defaultPace?: boolean;
  readonly settings?: Settings;
  /** A disk of its own for the data directory. */
  readonly disk?: SmallDisk;
}

export class Stage {
  readonly place: Place;
  readonly dir: string;
  readonly pages: Pages;
  readonly settings: Settings;
  readonly accepted = new Set<string>();
  readonly #prefix: readonly string[];
  #server: Embedkeep | null = null;
  #isListening = false;
  kills = 0;
  /** Of other kinds than kills. */
  faults = 0;

  constructor(
    place: Place,
    given: { dir: string; pages: Pages; settings: Settings; prefix: readonly string[] },
  ) {
    this.place = place;
    this.dir = given.dir;
    this.pages = given.pages;
    this.settings = given.settings;
    this.#prefix = given.prefix;
  }

  /** The living process, started where there is none. */
  async server(extra: Settings = {}): Promise<Embedkeep> {
    if (this.#server && isDead(this.#server.child)) this.#server = null;
    this.#server ??= await startEmbedkeep(
      { ...this.settings, ...extra },
      'tests/crash/victim.ts',
      this.#prefix,
    );
    await this.#listen(this.#server);
    return this.#server;
  }

  /** Ends the living process as a power switch would. */
  async kill(): Promise<void> {
    if (!this.#server) return;
    const { child } = this.#server;
    this.#server = null;
    child.kill('SIGCONT');
    if (await killed(child)) this.kills += 1;
  }

  /** A new process that dies at the point; what it answered before is accepted. */
  async dieAt(point: Point, nth: number, extra: Settings = {}): Promise<void> {
    await this.kill();
    const settings = { ...this.settings, ...extra, CRASH_AT: point, CRASH_NTH: String(nth) };
    const started = startEmbedkeep(settings, 'tests/crash/victim.ts', this.#prefix);
    const server = await started.catch((thrown: Error) => {
      // Where the reconciler dies in its first look, nobody ever listened.
      if (thrown.message.startsWith('ended with null')) return null;
      throw thrown;
    });
    this.kills += 1;
    if (!server) return;
    const exited = server.child.exitCode === null && server.child.signalCode === null;
    const end = exited ? once(server.child, 'exit') : Promise.resolve();
    await this.#listen(server);
    await this.offer(this.pages.fresh(12), server);
    const asking = new AbortController();
    if (BY_HAND.test(point)) void this.#byHand(point.split(':')[0] ?? '', server, asking.signal);
    const late = sleep(DIES_WITHIN_MS, 'late', { signal: asking.signal }).catch(() => null);
    const winner = await Promise.race([end, late]);
    asking.abort();
    if (winner === 'late') await tellOpen(server);
    server.child.kill('SIGKILL');
    await end;
    if (winner === 'late' || server.child.signalCode !== 'SIGKILL') {
      const said = JSON.stringify(server.lines.slice(-5));
      throw new Error(`${point} was not reached (exit ${server.child.exitCode}): ${said}`);
    }
  }

  /** The first process that lives long enough is told to tell everything, from the beginning. */
  async #listen({ address }: Embedkeep): Promise<void> {
    if (this.#isListening) return;
    this.#isListening = await fetch(`${address}/v1/webhooks`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ url: this.pages.origin + HOOK, after: 0 }),
    }).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  /** Dead letters are retried, read again from what was kept of them, or dropped until the process is dead. */
  async #byHand(step: string, server: Embedkeep, signal: AbortSignal): Promise<void> {
    const [action, from] = step === 'recall' ? ['retry', { from: 'bytes' }] : [step, {}];
    while (!signal.aborted) {
      await fetch(`${server.address}/v1/dead/${action}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ all: true, limit: 1, ...from }),
      }).catch(() => null);
      await sleep(100);
    }
  }

  /** Answers the HTTP status; 0 where the process died before it could answer. */
  async offer(urls = this.pages.fresh(12), server = this.#server): Promise<number> {
    if (!server) throw new Error('nobody to offer to');
    try {
      const response = await fetch(`${server.address}/v1/articles`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(urls),
      });
      if (!response.ok) {
        await response.body?.cancel();
        return response.status;
      }
      const { items } = (await response.json()) as { items: { runId: string | null }[] };
      for (const { runId } of items) if (runId) this.accepted.add(runId);
      return response.status;
    } catch {
      return 0;
    }
  }

  /** Until nothing is open; null where that takes too long. */
  async drained(): Promise<number | null> {
    const server = await this.server();
    const began = performance.now();
    while (performance.now() - began < RECOVERS_WITHIN_MS) {
      if ((await openOf(server, 1)).length === 0) return Math.round(performance.now() - began);
      await sleep(100);
    }
    return null;
  }

  /** Lets a process that nothing is done to finish all, and judges. */
  async conclude(fault: string): Promise<Row> {
    const server = await this.server();
    const recoveryMs = await this.drained();
    const verdict = await judge(server, this.accepted, this.pages.told);
    const { code } = await server.end('SIGTERM');
    this.#server = null;
    const files = await readdir(this.dir, { recursive: true });
    const temporary = files.filter((file) => TEMPORARY.test(file)).length;
    const fine = ROUNDS === 0 || (await this.#verifies());
    const row: Row = {
      backend: this.place.name,
      fault,
      kills: this.kills,
      faults: this.faults,
      ...verdict,
      damaged: verdict.damaged + (fine ? 0 : 1),
      alive: verdict.alive && code === 0,
      temporary,
      recoveryMs,
    };
    // At once, so that a run cut short has told what it found.
    process.stdout.write(`${JSON.stringify(row)}\n`);
    return row;
  }

  /** `embedkeep verify` on what lies there now. */
  #verifies(): Promise<boolean> {
    const cli = fileURLToPath(new URL('../../bin/embedkeep.mjs', import.meta.url));
    const [program = process.execPath, ...given] = [
      ...this.#prefix,
      process.execPath,
      ...QUICK_START,
      cli,
      'verify',
    ];
    return new Promise((resolve) => {
      const env = { PATH: process.env['PATH'], ...this.settings };
      execFile(program, given, { env }, (error, stdout, stderr) => {
        if (error) process.stdout.write(`verify: ${stdout}${stderr}\n`);
        resolve(error === null);
      });
    });
  }

  async close(): Promise<void> {
    if (this.#server) {
      this.#server.child.kill('SIGCONT');
      await killed(this.#server.child);
    }
    await this.pages.close();
    if (this.#prefix.length === 0) await rm(this.dir, { recursive: true, force: true });
  }
}

const isDead = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode !== null || signalCode !== null;

async function killed(child: ChildProcess): Promise<boolean> {
  if (isDead(child)) return false;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
  return true;
}

export async function openStage(place: Place, options: StageOptions = {}): Promise<Stage> {
  const { disk } = options;
  const dir = disk?.seen ?? (await mkdtemp(join(tmpdir(), 'embedkeep-crash-')));
  if (place.name === 'embedded') await preparePGlite(dir);
  const pages = await startPages();
  const settings = {
    ...BASE,
    ...(options.defaultPace ? {} : SHORT_PACE),
    DATA_DIR: disk?.dir ?? dir,
    ALLOW_PRIVATE_HOSTS: pages.hosts,
    HOST_INTERVAL_MS: '0',
    RETRY_BASE_MS: '100',
    WEBHOOK_RETRY_BASE_MS: '100',
    WEBHOOK_TIMEOUT_MS: '3000',
    ...(await place.settings()),
    ...options.settings,
  };
  return new Stage(place, { dir, pages, settings, prefix: disk?.prefix ?? [] });
}
