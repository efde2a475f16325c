/** What the API is handed: it opens nothing itself and knows no store, queue or clock of its own. */
import type { Queue } from 'bullmq';
import type { FastifyBaseLogger } from 'fastify';
import type { Config } from '../config.ts';
import type { Archive, Checked, IdempotencyKeys, Ledger, Run } from '../ledger.ts';
import type { PlanBook } from '../plan.ts';
import type { Reader } from '../reader.ts';
import type { Upkeep } from '../upkeep.ts';
import type { WebhookDesk } from '../webhook.ts';
import type { Tally } from './exported.ts';

export interface ApiParts {
  readonly ledger: Pick<Ledger, 'accept' | 'retry' | 'drop'>;
  readonly reader: Reader;
  /** When the runs that `reader.counts` answers were counted; absent where it counts anew each time. */
  readonly countedAt?: () => Date;
  readonly archive: Pick<Archive, 'read'>;
  readonly idempotency: IdempotencyKeys;
  readonly plans: PlanBook;
  readonly upkeep: Upkeep;
  readonly webhooks: WebhookDesk;
  /** After the ledger's commit. Its failure un-accepts nothing: a later look puts the runs on the queue. */
  readonly enqueue: (runs: readonly Enqueued[]) => Promise<unknown>;
  /** For the dashboard. */
  readonly queues: readonly Queue[];
  readonly queueIsEmbedded?: boolean;
  readonly config: Pick<Config, 'HOST' | 'API_TOKENS' | 'ALLOWED_HOSTS'>;
  readonly ready: () => Promise<Readiness>;
  /** Prometheus text. */
  readonly metrics: () => Promise<string>;
  /** Schema and URL of each order; one answer an item, in order. */
  readonly checkOrders: (items: readonly unknown[]) => readonly Checked[];
  /** Why a host is fast, slow or left alone; null where nothing is known about it. */
  /** `page`: a URL of that host, for what robots.txt says to it; null for its front page. */
  readonly explainHost: (host: string, page: string | null) => Promise<object | null>;
  readonly logger: FastifyBaseLogger;
  /** Further formats of `GET /v1/export`, by name. */
  readonly formats?: Readonly<Record<string, ExportFormat>>;
  /** Says when the intake must be refused for a while, before disk or memory runs out. */
  readonly pressure?: () => Promise<Pressure | null>;
  /** URLs a minute that one caller may order; 0 or absent for no limit. */
  readonly intakeRate?: number;
}

export interface ExportFormat {
  readonly mediaType: string;
  /** Version of the records in it. */
  readonly schema: string;
  /** Counts what it gives out into the tally. */
  readonly of: (filter: ExportFilter, tally: Tally) => AsyncIterable<Uint8Array | string>;
}
export type ExportFilter = Parameters<Reader['exportPosts']>[0];

export type Enqueued = Pick<Run, 'id' | 'url' | 'priority'>;

export interface Readiness {
  readonly ok: boolean;
  /** In words, one a problem. */
  readonly problems: readonly string[];
}

export interface Pressure {
  readonly retryAfterSeconds: number;
  readonly reason: string;
}
