/** Rolling upgrades: a job whose payload a newer version wrote is left for a worker that knows it, neither failed nor done. */
import { DelayedError, type Job } from 'bullmq';
import type { Log } from './log.ts';

/** The version of the payloads that this code writes and reads, raw jobs and internal ones; none given means this one. */
const KNOWN_VERSION = 1;
const LEFT_FOR_MS = 60_000;

/** @throws DelayedError where the job is not for us: back to the queue, without an attempt. */
export async function leaveToNewer(job: Job, token: string | undefined, log: Log): Promise<void> {
  const version: unknown = (job.data as { v?: unknown } | null)?.v;
  if (typeof version !== 'number' || version <= KNOWN_VERSION) return;
  log.warn({ job: job.id, version }, 'job of a later version left alone');
  await job.moveToDelayed(Date.now() + LEFT_FOR_MS, token);
  throw new DelayedError();
}
