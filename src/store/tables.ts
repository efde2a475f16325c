/** The tables as Kysely sees them; migrations/ creates them in the schema `embedkeep`. Times are RFC 3339 strings in UTC. */
import type { Generated, Kysely, Transaction } from 'kysely';
import type { CaptureReason } from '../capture.ts';
import type { ArticleMeta, Embed, Suspected } from '../embed.ts';
import type { Failure } from '../errors.ts';
import type { RunState } from '../ledger.ts';
import type { Plan } from '../plan.ts';
import type { CaptureRow } from '../reader.ts';
import type { Journal } from './journal.ts';
import type { WebhookDeliveryTable, WebhookEndpointTable } from './webhooks/tables.ts';

export interface Tables {
  articles: ArticleTable;
  runs: RunTable;
  captures: CaptureTable;
  posts: PostTable;
  post_versions: PostVersionTable;
  sightings: SightingTable;
  events: EventTable;
  chain_links: ChainLinkTable;
  chain_head: ChainHeadTable;
  idempotency_keys: IdempotencyTable;
  holds: HoldTable;
  plans: PlanTable;
  webhook_endpoints: WebhookEndpointTable;
  webhook_deliveries: WebhookDeliveryTable;
}
export type Db = Kysely<Tables>;
export type Trx = Transaction<Tables>;

/** What everything that writes is handed. */
export interface StoreWorld {
  readonly db: Db;
  readonly now: () => Date;
  /** Null on Postgres, which syncs its own log. */
  readonly journal: Pick<Journal, 'append' | 'check' | 'checkpoint' | 'rewrite'> | null;
}

export interface ArticleTable {
  id: string;
  seq: Generated<number>;
  url: string;
  host: string;
  title: string | null;
  accepted_at: string;
  last_run_id: string | null;
  /** Its last run, if that failed; an older one says nothing. Kept by a trigger. */
  failed_run: Generated<string | null>;
  last_capture_id: string | null;
  last_captured_at: string | null;
}

export interface RunTable {
  id: string;
  seq: Generated<number>;
  article_id: string;
  state: RunState;
  reason: CaptureReason;
  priority: number;
  caller: string;
  /** Of its article, for the backlog's turns; empty in runs that had ended before there was a backlog. */
  host: string;
  plan_id: string | null;
  plan_due: string | null;
  tags: string[];
  refs: string[];
  attempts: number;
  /** Of the attempts, those that never said how they ended: their process died. Null: none. */
  deaths: number | null;
  waits: number;
  /**
   * accepted: when handed to the queue, `infinity` before · waiting: when to try again, `infinity` while `wake_at` says so ·
   * running: when claimed.
   */
  due_at: string;
  /** When a run that waits without a job goes back to the backlog (parking.ts). */
  wake_at: Generated<string | null>;
  wait_reason: string | null;
  failure: Failure | null;
  error_code: string | null;
  /** Of the page that the failure kept (src/page-shape.ts). */
  page_shape: Generated<string | null>;
  /** Capture whose kept page this run reads, instead of fetching. */
  replay_of: Generated<string | null>;
  capture_id: string | null;
  token: string | null;
  accepted_at: string;
  finished_at: string | null;
}

export interface CaptureTable {
  id: string;
  seq: Generated<number>;
  article_id: string;
  run_id: string;
  url: string;
  final_url: string;
  fetched_at: string;
  reason: CaptureReason;
  status: number;
  content_type: string | null;
  charset: string | null;
  location: string;
  blob_offset: number;
  blob_length: number;
  sha256: string;
  raw_sha256: string;
  size: number;
  revisit: boolean;
  truncated: string | null;
  robots_rule: string;
  revisit_of: string | null;
  etag: string | null;
  last_modified: string | null;
  hops: CaptureRow['hops'];
  /** What the newest parser read; null where nothing could be parsed. */
  article: ArticleMeta | null;
  parser: string | null;
  suspected: Suspected[];
  parse_truncated: string | null;
  embeds: number;
  new_posts: number;
  /** When a takedown took its words, and when its bytes were gone. */
  removed_at: Generated<string | null>;
  erased_at: Generated<string | null>;
  /** Where a revisit's body lies, if not where its record says: it was imported. */
  body_location: Generated<string | null>;
  body_offset: Generated<number | null>;
  body_length: Generated<number | null>;
  /** The retention rule that took it, where it was no takedown. */
  expired_by: Generated<string | null>;
}

export interface PostTable {
  id: Generated<number>;
  platform: string;
  post_id: string;
  /** Of platform, handle, date and text; null where one of them is unknown. Joins id-less sightings to the id. */
  fingerprint: string | null;
  url: string | null;
  author_name: string | null;
  author_handle: string | null;
  /** Every handle it was seen with, folded to lower case. */
  handles: string[];
  posted_at: Embed['postedAt'];
  posted_date: string | null;
  lang: string | null;
  text: string | null;
  media: Embed['media'];
  form: string;
  confidence: number;
  first_seen_at: string;
  last_seen_at: string;
  /** Its words were taken down: later sightings are counted, not shown. */
  removed_at: Generated<string | null>;
  /** Other names under which it was seen until then, and by which it is known when it is seen again. */
  removed_names: Generated<string[]>;
}

export interface PostVersionTable {
  id: Generated<number>;
  post_id: number;
  capture_id: string;
  parser: string;
  seen_at: string;
  changes: Change[];
}

/** One field of a post that a sighting shows differently than before. */
export interface Change {
  readonly field: 'text' | 'author.name' | 'author.handle' | 'media';
  readonly before: unknown;
  readonly after: unknown;
}

export interface SightingTable {
  id: Generated<number>;
  capture_id: string;
  post_id: number;
  article_id: string;
  article_host: string;
  parser: string;
  ordinal: number;
  role: string;
  captured_at: string;
  embed: Embed;
}

export interface EventTable {
  /** Gapless, in the order of the chain. */
  seq: number;
  link: number;
  kind: string;
  at: string;
  article_id: string | null;
  run_id: string | null;
  capture_id: string | null;
  post_id: number | null;
  /** The exact JSON that is hashed. */
  body: string;
}

export interface ChainLinkTable {
  n: number;
  at: string;
  events: number;
  hash: string;
}

export interface ChainHeadTable {
  id: number;
  links: number;
  events: number;
  hash: string;
}

export interface PlanTable {
  id: string;
  seq: Generated<number>;
  kind: Plan['kind'];
  target: string;
  url: string | null;
  spec: string;
  state: Plan['state'];
  priority: number;
  caller: string;
  tags: string[];
  starts_at: string;
  ends_at: string | null;
  next_at: string | null;
  last_due_at: string | null;
  runs: number;
  reason: string | null;
  created_at: string;
  changed_at: string;
}

export interface HoldTable {
  id: Generated<number>;
  kind: 'article' | 'capture' | 'post' | 'tag';
  target: string;
  reason: string;
  held_at: string;
  released_at: string | null;
}

export interface IdempotencyTable {
  key: string;
  request_hash: string;
  status: number;
  body: string;
  created_at: string;
}
