/** The jobs that come in: the public raw job on `embedkeep-intake`, and the internal one on `embedkeep-article`. */
import { z } from 'zod';

export const INTAKE_QUEUE = 'embedkeep-intake';
export const ARTICLE_QUEUE = 'embedkeep-article';

/** One order to capture an article; the same shape in the API, the library, the CLI and the raw job. */
export const orderSchema = z.strictObject({
  url: z.string().min(1).max(8192),
  /** 1 is the most urgent, 100 a backfill; default 10. */
  priority: z.int().min(1).max(1000).optional(),
  tags: z.array(z.string().min(1).max(100)).max(20).optional(),
  /** The producer's own id for the batch or article. */
  reference: z.string().min(1).max(200).optional(),
  /** Capture again although the window has not passed. */
  force: z.boolean().optional(),
  /** Who orders: callers get fair shares. Where the API knows the token's name, that counts and this does not. */
  caller: z.string().min(1).max(64).optional(),
  /** When to capture it again, e.g. `every 1h for a day, then daily for a month`; counted from this order on. */
  plan: z.string().min(1).max(500).optional(),
});
export type Order = z.infer<typeof orderSchema>;

export const DEFAULT_PRIORITY = 10;
export const DEFAULT_CALLER = 'default';

/** Data of a BullMQ job on `embedkeep-intake`, for producers in any language. */
export const intakeJobSchema = orderSchema.extend({ v: z.literal(1) });
export type IntakeJob = z.infer<typeof intakeJobSchema>;

/** Data of a BullMQ job on `embedkeep-article`; its jobId is the run id, the ledger wins over the URL. */
export interface ArticleJob {
  readonly runId: string;
  /** For whoever reads the dashboard; credentials and secret-looking parameters removed. */
  readonly url: string;
}
