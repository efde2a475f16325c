/** The life of a process: start, say why not, stop in two steps, and never leave on an unhandled error in silence. */
import { constants } from 'node:os';
import { type Config, readConfig } from '../src/config.ts';
import { EmbedkeepError } from '../src/errors.ts';
import { EXIT, exitCodeOf } from '../src/exit-codes.ts';
import { loadConfig } from './environment.ts';
import { collectLessOften } from './heap.ts';
import { createLog, type Logger } from './log.ts';

/** One part of several: they meet in Postgres, and PGlite has one owner. @throws EmbedkeepError CONFIG_INVALID */
export function needsSharedStore(config: Config, name: string): void {
  if (config.DATABASE_URL) return;
  throw new EmbedkeepError(
    'CONFIG_INVALID',
    `DATABASE_URL: got nothing, accepted is a postgres:// URL, because ${name} is one of several processes; ` +
      'workers/serve.ts alone works without.',
  );
}

/** What was started, and how it is stopped. */
export interface Running {
  /** Stops taking work, finishes or hands back what runs within the grace period, closes everything. */
  stop(): Promise<void>;
}

export type Start = (config: Config, log: Logger) => Promise<Running>;

const HARD_STOP_MS = 15_000;

/** Runs until a signal; answers by exit code. */
export async function runProcess(start: Start, hardStopMs = HARD_STOP_MS): Promise<void> {
  collectLessOften();
  let log = createLog(readConfig({}));
  try {
    const config = loadConfig();
    log = createLog(config);
    const running = await start(config, log);
    stopOnSignals(running, { log, graceMs: config.SHUTDOWN_GRACE_MS, hardStopMs });
  } catch (err) {
    const code = err instanceof EmbedkeepError ? err.code : 'INTERNAL';
    // For a person at a terminal, not for a log collector: settings are corrected by hand.
    process.stderr.write(`${code}: ${err instanceof Error ? err.message : String(err)}\n`);
    if (!(err instanceof EmbedkeepError)) log.fatal({ err }, 'could not start');
    process.exit(exitCodeOf(code));
  }
}

interface Context {
  readonly log: Logger;
  readonly graceMs: number;
  /** After the grace, for closing. */
  readonly hardStopMs: number;
}

/** First signal: politely. Second: at once; the ledger and the locks know what to do about it. */
function stopOnSignals(running: Running, { log, graceMs, hardStopMs }: Context): void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals, code: number): void => {
    if (stopping) {
      log.warn({ signal }, 'second signal: leaving at once');
      process.exit(128 + constants.signals[signal]);
    }
    stopping = true;
    log.info({ signal, graceMs }, 'stopping');
    // A queue that is down can hold a close for ever.
    const hardStop = setTimeout(() => {
      log.error('did not stop in time: leaving');
      process.exit(EXIT.failed);
    }, graceMs + hardStopMs);
    hardStop.unref();
    running.stop().then(
      () => {
        log.info('stopped');
        process.exit(code);
      },
      (err: unknown) => {
        log.error({ err }, 'stopped with an error');
        process.exit(EXIT.failed);
      },
    );
  };
  process.on('SIGTERM', () => stop('SIGTERM', 0));
  process.on('SIGINT', () => stop('SIGINT', 0));
  const crash = (err: unknown): void => {
    log.fatal({ err }, 'unexpected error: leaving, the ledger has the rest');
    process.exit(EXIT.failed);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
}
