/** What is seen from outside: counters and durations, with labels that no page or host can multiply. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Embed, Extraction } from './embed.ts';
import type { ErrorCode } from './errors.ts';
import type { Outcome } from './ingest.ts';
import type { DeliveryOutcome } from './webhooks/pump.ts';

/** The steps of a run, in order. */
export type Phase = 'ask' | 'fetch' | 'keep' | 'parse' | 'store';

/** Read at each scrape; a store or queue that is away or silent leaves its gauges out instead of failing the scrape. */
export interface Sources {
  /** queue → state → jobs */
  readonly depths: () => Promise<Readonly<Record<string, Readonly<Record<string, number>>>>>;
  /** Runs by state, as the ledger has them. */
  readonly runs: () => Promise<Readonly<Record<string, number>>>;
  /** When the oldest run without a final state was accepted. */
  readonly oldest: () => Promise<Date | null>;
  /** When the oldest event happened that an enabled webhook endpoint has not been told of. */
  readonly undelivered: () => Promise<Date | null>;
}

export interface Metrics {
  ended(outcome: Outcome): void;
  timed<A extends unknown[], T>(
    phase: Phase,
    run: (...args: A) => Promise<T>,
  ): (...args: A) => Promise<T>;
  embeds(extraction: Extraction): void;
  reconciled(seen: number, restored: number): void;
  refusedLate(code: ErrorCode): void;
  webhook(outcome: DeliveryOutcome): void;
  /** When a run last ended in this process, in epoch ms; at first, when it started. */
  lastEnded(): number;
  text(): Promise<string>;
}

const SECONDS = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Prometheus itself gives up after ten seconds by default. */
const PATIENCE_MS = 3000;

export function createMetrics(sources: Sources, patienceMs = PATIENCE_MS): Metrics {
  const register = new Registry();
  collectDefaultMetrics({ register });
  const counter = (name: string, help: string, labelNames: string[] = []) =>
    new Counter({ name: `embedkeep_${name}`, help, labelNames, registers: [register] });
  const outcomes = counter('runs_ended_total', 'Turns of runs by how they ended.', [
    'outcome',
    'code',
  ]);
  const waits = counter('waits_total', 'Turns that went back to wait, by kind.', ['kind']);
  const seen = counter('embeds_total', 'Embeds extracted.', ['platform', 'form', 'role']);
  const looked = counter('reconciler_runs_seen_total', 'Runs whose job was looked for.');
  const restored = counter('reconciler_jobs_restored_total', 'Jobs put back from the ledger.');
  const late = counter('late_writes_refused_total', 'Writes of workers that had lost their run.', [
    'code',
  ]);
  const webhooks = counter('webhook_attempts_total', 'Webhooks by what came of an attempt.', [
    'outcome',
  ]);
  const duration = new Histogram({
    name: 'embedkeep_phase_seconds',
    help: 'Duration of the steps of a run.',
    labelNames: ['phase', 'ok'],
    buckets: SECONDS,
    registers: [register],
  });
  const gauges = createGauges(register, patienceMs);
  let last = Date.now();

  return {
    lastEnded: () => last,
    ended(outcome) {
      last = Date.now();
      if (outcome.kind === 'later')
        waits.inc({ kind: isCode(outcome.reason) ? 'retry' : 'politeness' });
      const code = outcome.kind === 'failed' ? outcome.failure.code : '';
      outcomes.inc({ outcome: outcome.kind, code });
    },
    timed:
      (phase, run) =>
      async (...args) => {
        const end = duration.startTimer({ phase });
        try {
          const result = await run(...args);
          end({ ok: 'true' });
          return result;
        } catch (thrown) {
          end({ ok: 'false' });
          throw thrown;
        }
      },
    embeds: (extraction) => {
      for (const { platform, form, role } of extraction.embeds satisfies readonly Embed[]) {
        seen.inc({ platform, form, role });
      }
    },
    reconciled(runs, jobs) {
      looked.inc(runs);
      restored.inc(jobs);
    },
    refusedLate: (code) => late.inc({ code }),
    webhook: (outcome) => webhooks.inc({ outcome }),
    async text() {
      await gauges(sources);
      return register.metrics();
    },
  };
}

const CODE = /^[A-Z][A-Z0-9_]+$/;
const isCode = (reason: string): boolean => CODE.test(reason);

function createGauges(register: Registry, patienceMs: number): (sources: Sources) => Promise<void> {
  const gauge = (name: string, help: string, labelNames: string[]) =>
    new Gauge({ name: `embedkeep_${name}`, help, labelNames, registers: [register] });
  const jobs = gauge('queue_jobs', 'Jobs by queue and state.', ['queue', 'state']);
  const runs = gauge('runs', 'Runs of the ledger by state.', ['state']);
  const age = gauge(
    'oldest_unfinished_seconds',
    'Age of the oldest run without a final state.',
    [],
  );
  const undelivered = gauge(
    'webhook_oldest_undelivered_seconds',
    'Age of the oldest event that an enabled endpoint has not been told of.',
    [],
  );

  return async (sources) => {
    jobs.reset();
    runs.reset();
    // Reset they would say 0, which is an answer.
    age.remove();
    undelivered.remove();
    const [depths, counts, oldest, untold] = await Promise.allSettled([
      inTime(sources.depths(), patienceMs),
      inTime(sources.runs(), patienceMs),
      inTime(sources.oldest(), patienceMs),
      inTime(sources.undelivered(), patienceMs),
    ]);
    for (const [queue, states] of Object.entries(settledValue(depths) ?? {})) {
      for (const [state, n] of Object.entries(states)) jobs.set({ queue, state }, n);
    }
    for (const [state, n] of Object.entries(settledValue(counts) ?? {})) runs.set({ state }, n);
    if (oldest.status === 'fulfilled') age.set(ageOf(oldest.value));
    if (untold.status === 'fulfilled') undelivered.set(ageOf(untold.value));
  };
}

async function inTime<T>(answer: Promise<T>, patienceMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer')), patienceMs);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

const ageOf = (since: Date | null): number =>
  since ? Math.max(0, (Date.now() - since.getTime()) / 1000) : 0;

const settledValue = <T>(settled: PromiseSettledResult<T>): T | null =>
  settled.status === 'fulfilled' ? settled.value : null;
