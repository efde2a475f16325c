/** From the ledger to the queue: a job per run that has none. Losing a job costs a delay, never a run. */
import type { Queue } from 'bullmq';
import type { ArticleJob } from '../article-job.ts';
import type { Run } from '../ledger.ts';
import { jobIdOf } from './backend.ts';
import { ADD_TIMEOUT_MS, waitMs } from './settings.ts';

/** What a job is made of. */
export type Waiting = Pick<Run, 'id' | 'url' | 'priority'> & { readonly nextAt?: string | null };

export interface Outbox {
  /** Adds a job a run, delayed until `nextAt`; one that is there already stays as it is. */
  put(runs: readonly Waiting[]): Promise<void>;
  /** Of these runs, those that no live job will work on; finished jobs in their way are removed. */
  jobless<T extends Pick<Run, 'id'>>(runs: readonly T[]): Promise<T[]>;
}

const CHUNK = 1000;

export function createOutbox(queue: Queue, now: () => Date): Outbox {
  return {
    async put(runs) {
      for (let at = 0; at < runs.length; at += CHUNK) {
        const jobs = runs.slice(at, at + CHUNK).map((run) => jobOf(run, now()));
        await inTime(queue.addBulk(jobs));
      }
    },
    async jobless(runs) {
      const states = await Promise.all(runs.map((run) => queue.getJobState(jobIdOf(run.id))));
      const missing = runs.filter((_, i) => !LIVE.has(states[i] ?? 'unknown'));
      const finished = runs.filter((_, i) => FINISHED.has(states[i] ?? 'unknown'));
      // A kept id swallows the add without a word and even answers with the new data.
      await Promise.all(finished.map((run) => queue.remove(jobIdOf(run.id))));
      return missing;
    },
  };
}

const FINISHED = new Set(['completed', 'failed']);
const LIVE = new Set(['waiting', 'prioritized', 'delayed', 'active', 'waiting-children']);

function jobOf(run: Waiting, now: Date) {
  const data: ArticleJob = { runId: run.id, url: withoutSecrets(run.url) };
  const delay = run.nextAt ? new Date(run.nextAt).getTime() - now.getTime() : 0;
  return {
    name: 'capture',
    data,
    opts: {
      jobId: jobIdOf(run.id),
      priority: run.priority,
      ...(delay > 0 && { delay: waitMs(new Date(run.nextAt ?? now), now) }),
    },
  };
}

/** A frozen server accepts the command and answers never; the row is committed, so giving up is safe. */
async function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error('The queue did not answer in time.')),
      ADD_TIMEOUT_MS,
    );
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

const SECRET_NAME = /token|key|secret|pass|pwd|auth|sig|session|credential/i;

/** For logs and the dashboard: no credentials, and nothing that looks like a secret. */
export function withoutSecrets(given: string): string {
  if (!URL.canParse(given)) return '(not a URL)';
  const url = new URL(given);
  url.username = '';
  url.password = '';
  for (const name of new Set(url.searchParams.keys())) {
    if (SECRET_NAME.test(name)) url.searchParams.set(name, '***');
  }
  return url.href.slice(0, 2083);
}
