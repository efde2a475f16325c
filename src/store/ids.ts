/** Ids of runs and captures: safe as BullMQ job ids (never digits only, no colon), sorted by time, told apart by their letter. */
import { randomBytes } from 'node:crypto';

/** `r` + 12 hex digits of milliseconds + 20 random ones. */
export const newRunId = (now: Date): string =>
  `r${now.getTime().toString(16).padStart(12, '0')}${randomHex(10)}`;

/** Asked for ten bytes at a time the system takes longer than the rest of a run's row. */
const POOL = 10_000;
let pool = Buffer.alloc(0);
let used = 0;

function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    pool = randomBytes(POOL);
    used = 0;
  }
  used += bytes;
  return pool.toString('hex', used - bytes, used);
}

/** A run brings home one capture, so its id follows from the run's: storing it twice is impossible. */
export const captureIdOf = (runId: string): string => `c${runId.slice(1)}`;
export const runIdOf = (captureId: string): string => `r${captureId.slice(1)}`;

/** `p`, else as a run's. */
export const newPlanId = (now: Date): string => `p${newRunId(now).slice(1)}`;

export const newToken = (): string => randomBytes(12).toString('hex');

/** Of a claim: a token, and the job that it is for. */
export const newClaimToken = (job: string): string => `${newToken()}/${job}`;
/** Where the job stands in it, for SQL. */
export const JOB_IN_TOKEN = 26;

export const newEndpointId = (): string => `wh${randomBytes(8).toString('hex')}`;

/** As Standard Webhooks has them: `whsec_` and base64 of 32 random bytes. */
export const newWebhookSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;
