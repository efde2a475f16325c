/**
 * Webhooks as store, pump, API and CLI share them: endpoints, deliveries, and the message that is sent
 * (Standard Webhooks: `{type, timestamp, data}`, thin; `data.v` is its version).
 */
import { z } from 'zod';

export const WEBHOOK_TYPES = [
  'article.done',
  'article.failed',
  'embed.seen',
  'embed.changed',
  'embed.vanished',
] as const;
export type WebhookType = (typeof WEBHOOK_TYPES)[number];
/** Sent by `embedkeep webhooks test` alone. */
export const TEST_TYPE = 'webhook.test';

/** Of what is stored and sent. What has a higher one was written by a newer version and is left to it. */
export const WEBHOOK_VERSION = 1;

const list = z.array(z.string()).readonly();
const post = z.object({
  platform: z.string(),
  id: z.string().meta({ description: 'As in `GET /v1/posts/{platform}/{id}`.' }),
  url: z.string().nullable().meta({ description: 'As known when the message is sent.' }),
});

/** What the message tells, for documents and tests; built in src/webhooks/message.ts. */
export const webhookMessageSchema = z
  .object({
    type: z.enum([...WEBHOOK_TYPES, TEST_TYPE]),
    timestamp: z.string().meta({ description: 'When it happened, RFC 3339 in UTC.' }),
    data: z.object({
      v: z.literal(WEBHOOK_VERSION),
      event: z.int().nullable().meta({
        description: 'Number in the event chain, rising and never reused; null in a test.',
      }),
      article: z.object({ id: z.string(), url: z.string() }).nullable(),
      runId: z.string().nullable(),
      captureId: z.string().nullable(),
      post: post.nullable().meta({ description: 'Of `embed.*`.' }),
      embeds: z.int().optional().meta({ description: 'Of `article.done`: how many were seen.' }),
      error: z
        .object({ code: z.string(), attempts: z.int() })
        .optional()
        .meta({ description: 'Of `article.failed`.' }),
      role: z.string().optional().meta({ description: 'Of `embed.seen`: embed or citation.' }),
      form: z.string().optional().meta({ description: 'Of `embed.seen`: how it was embedded.' }),
      fields: list.optional().meta({ description: 'Of `embed.changed`: names of what differs.' }),
      previousCaptureId: z
        .string()
        .nullable()
        .optional()
        .meta({ description: 'Of `embed.vanished`: the capture that still showed it.' }),
    }),
  })
  .meta({ id: 'WebhookMessage', description: 'The body that an endpoint is sent.' });
export type WebhookMessage = z.infer<typeof webhookMessageSchema>;

/** Which events an endpoint is told of; null and an empty list mean all. */
export interface WebhookFilter {
  readonly types: readonly string[];
  /** Host of the article. */
  readonly host: string | null;
  /** A tag of the run. */
  readonly tag: string | null;
}

export interface WebhookEndpoint extends WebhookFilter {
  readonly id: string;
  readonly url: string;
  readonly description: string | null;
  readonly state: 'enabled' | 'disabled';
  readonly disabledReason: string | null;
  /** The valid ones, newest first; both sign while a rotation lasts. */
  readonly secrets: readonly { readonly hint: string; readonly validUntil: string | null }[];
  /** Deliveries exist for every event up to this one that the filter lets through. */
  readonly position: number;
  /** Since when every attempt has failed. */
  readonly failingSince: string | null;
  /** Deliveries by state; the delivered ones are not counted. */
  readonly waiting: number;
  readonly failed: number;
  readonly createdAt: string;
}

/** waiting: until `nextAt` · failed: given up, may be replayed · withheld: a takedown took what it is about. */
export const DELIVERY_STATES = ['waiting', 'delivered', 'failed', 'withheld'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

export interface WebhookDelivery {
  /** Follows from endpoint and event, so it is the same after a crash, a rebuild or a replay: the `webhook-id`. */
  readonly id: string;
  readonly endpointId: string;
  readonly event: number;
  readonly type: string;
  /** When it happened. */
  readonly at: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly nextAt: string | null;
  readonly lastAttemptAt: string | null;
  /** HTTP status of the last attempt; null where none came. */
  readonly status: number | null;
  /** Why the last attempt was none, of the catalogue of error codes. */
  readonly code: string | null;
  readonly message: string | null;
  /** The beginning of the last answer. */
  readonly response: string | null;
  readonly durationMs: number | null;
}

export interface NewEndpoint extends Partial<WebhookFilter> {
  readonly url: string;
  readonly description?: string | null;
  /** Told of the events after this one; default: of those from now on. */
  readonly after?: number;
}
export interface EndpointChange extends Partial<WebhookFilter> {
  readonly url?: string;
  readonly description?: string | null;
  readonly enabled?: boolean;
  /** Goes on after this event instead of where it was. */
  readonly after?: number;
}

export interface DeliveryFilter {
  readonly state?: DeliveryState;
  readonly cursor?: string;
  readonly limit?: number;
}
export type ReplayOrder =
  | { readonly deliveryId: string }
  /** RFC 3339: all that failed of events at or after it, those that wait for another try too. */
  | { readonly since: string };

/** What came of an attempt. */
export interface Receipt {
  readonly status: number | null;
  readonly code: string | null;
  readonly message: string | null;
  readonly response: string | null;
  readonly durationMs: number;
}

/** How endpoints are kept; `src/store/webhooks` implements it. Unknown ids are NOT_FOUND. */
export interface WebhookBook {
  add(order: NewEndpoint): Promise<{ endpoint: WebhookEndpoint; secret: string }>;
  list(): Promise<readonly WebhookEndpoint[]>;
  get(id: string): Promise<WebhookEndpoint>;
  change(id: string, change: EndpointChange): Promise<WebhookEndpoint>;
  /** A new secret; the one before is valid for `overlapMs` more. */
  rotate(id: string, overlapMs: number): Promise<{ endpoint: WebhookEndpoint; secret: string }>;
  remove(id: string): Promise<void>;
  deliveries(
    id: string,
    filter: DeliveryFilter,
  ): Promise<{ items: readonly WebhookDelivery[]; next: string | null }>;
  /** Answers how many will be sent again. */
  replay(id: string, order: ReplayOrder): Promise<number>;
  /** Address and valid secrets, for a test message. */
  target(id: string): Promise<{ url: string; secrets: readonly string[] }>;
}

/** What the API is handed. */
export interface WebhookDesk extends Omit<WebhookBook, 'target'> {
  /** Sends a message of the type `webhook.test` now; it is not in the log of deliveries. */
  test(id: string): Promise<Receipt>;
}

/** A delivery taken by one sender for as long as its lease lasts. */
export interface ClaimedDelivery {
  readonly id: string;
  readonly endpointId: string;
  readonly token: string;
  /** This one included. */
  readonly attempts: number;
  readonly type: WebhookType;
  readonly url: string;
  readonly secrets: readonly string[];
  /** The event's exact JSON. */
  readonly body: string;
  readonly articleUrl: string | null;
  readonly postUrl: string | null;
  /** A takedown took the post: nothing of it may be sent any more. */
  readonly isRemoved: boolean;
}

/** What a failed attempt leads to. */
export interface Setback {
  readonly receipt: Receipt;
  /** When this delivery is tried again; null gives it up. */
  readonly nextAt: Date | null;
  /** Nothing is sent to the endpoint before: it asked for that, or keeps failing. */
  readonly pauseUntil: (failuresInARow: number) => Date | null;
  /** The endpoint said that it is gone for good (410). */
  readonly isGone: boolean;
}

/** The sender's side of the store. Every step may be repeated, by several processes. */
export interface WebhookOutbox {
  /** Endpoints that have events to look at or deliveries to send now. */
  busy(): Promise<readonly string[]>;
  /** Makes the deliveries of the next events; answers how many events were looked at. */
  derive(endpointId: string): Promise<number>;
  claim(endpointId: string, limit: number): Promise<readonly ClaimedDelivery[]>;
  delivered(claimed: ClaimedDelivery, receipt: Receipt): Promise<void>;
  /** Answers why the endpoint was disabled by this, if it was. */
  notDelivered(claimed: ClaimedDelivery, setback: Setback): Promise<string | null>;
  withheld(claimed: ClaimedDelivery): Promise<void>;
  /** Writes down for a rebuild how far every endpoint has been told; delivered rows of old age go. */
  settle(): Promise<void>;
  /** For the sole owner of the store: deliveries that a dead process had taken can be taken again; answers how many. */
  takeBack(): Promise<number>;
  /** When the oldest event happened that an enabled endpoint has not been told of. */
  oldest(): Promise<Date | null>;
}
