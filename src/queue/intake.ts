/** How orders come in, whatever their door: first the row in the ledger, then the job. */
import { DelayedError, type Job, UnrecoverableError } from 'bullmq';
import { type IntakeJob, intakeJobSchema } from '../article-job.ts';
import { EmbedkeepError } from '../errors.ts';
import type { Answer, Checked, Ledger } from '../ledger.ts';
import type { Feeder } from './feeder.ts';
import { leaveToNewer } from './later-version.ts';
import type { Log } from './log.ts';

/** Resolves when the rows are committed; only then is anything accepted. */
export type Intake = (given: readonly unknown[]) => Promise<Answer[]>;

export interface IntakeParts {
  readonly ledger: Pick<Ledger, 'accept'>;
  readonly feeder: Pick<Feeder, 'feed'>;
  /** Normalises and checks; a bad order never spoils the others. */
  readonly check: (given: readonly unknown[]) => Checked[];
  /** Throws INTAKE_PAUSED before memory or disk runs out. */
  readonly admit: () => Promise<void>;
  readonly log: Log;
}

export function createIntake(parts: IntakeParts): Intake {
  return async (given) => {
    await parts.admit();
    const orders = parts.check(given);
    const answers = await parts.ledger.accept(orders);
    // The rows are committed: from here on nothing can refuse them, and whoever asked need not wait for the queue.
    try {
      if (answers.some((answer) => answer.status === 'accepted')) await parts.feeder.feed();
    } catch (err) {
      parts.log.warn({ err, runs: answers.length }, 'jobs not added; the reconciler will');
    }
    return answers;
  };
}

/** The worker of the public raw job. Its result is the answer that the HTTP API would give. */
export function intakeHandler(intake: Intake, log: Log) {
  return async (job: Job, token?: string): Promise<Answer> => {
    await leaveToNewer(job, token, log);
    const order = orderOf(job.data);
    const [answer] = await intake([order]).catch((err: unknown) => later(err, { job, token, log }));
    if (!answer) throw new Error('intake gave no answer');
    if (answer.status === 'refused') {
      throw new UnrecoverableError(`${answer.reason?.code}: ${answer.reason?.message}`);
    }
    log.info({ job: job.id, runId: answer.runId, status: answer.status }, 'raw job taken in');
    return answer;
  };
}

function orderOf(data: unknown): Omit<IntakeJob, 'v'> {
  const parsed = intakeJobSchema.safeParse(data);
  if (!parsed.success) {
    const why = parsed.error.issues.map((i) => `${i.path.join('.') || 'job'}: ${i.message}`);
    throw new UnrecoverableError(`PAYLOAD_INVALID: ${why.join('; ').slice(0, 500)}`);
  }
  const { v: _version, ...order } = parsed.data;
  return order;
}

/** The store is away or full: the raw job is the only record of the order, so it waits as long as it takes. */
async function later(
  err: unknown,
  { job, token, log }: { job: Job; token: string | undefined; log: Log },
): Promise<never> {
  const seconds = err instanceof EmbedkeepError ? Number(err.detail['retryAfterSeconds'] ?? 5) : 5;
  log.warn({ err, job: job.id, seconds }, 'raw job waits: it cannot be written down now');
  await job.moveToDelayed(Date.now() + Math.min(300, Math.max(1, seconds || 5)) * 1000, token);
  throw new DelayedError();
}
