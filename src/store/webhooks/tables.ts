/** The tables of webhooks, as ../tables.ts has the others. */
import type { Generated } from 'kysely';

export interface WebhookEndpointTable {
  id: string;
  seq: Generated<number>;
  v: Generated<number>;
  url: string;
  description: string | null;
  types: string[];
  host: string | null;
  tag: string | null;
  secrets: WebhookSecret[];
  state: 'enabled' | 'disabled';
  disabled_reason: string | null;
  /** Deliveries exist for every event up to this one. */
  cursor: number;
  /** The journal knows that everything up to this event is settled. */
  marked: Generated<number>;
  /** Attempts that failed in a row, over all deliveries. */
  failures: Generated<number>;
  failing_since: string | null;
  not_before: string | null;
  created_at: string;
}

/** Kept as it is, because it signs; the newest first. */
export interface WebhookSecret {
  readonly key: string;
  /** Null of the newest; another one is still valid until then. */
  readonly validUntil: string | null;
}

export interface WebhookDeliveryTable {
  id: string;
  seq: Generated<number>;
  v: Generated<number>;
  endpoint_id: string;
  event: number;
  type: string;
  at: string;
  state: 'waiting' | 'delivered' | 'failed' | 'withheld';
  attempts: Generated<number>;
  next_at: string;
  token: string | null;
  leased_until: string | null;
  last_attempt_at: string | null;
  status: number | null;
  code: string | null;
  message: string | null;
  response: string | null;
  duration_ms: number | null;
}
