/**
 * What the store promises to the rest: the ledger of runs, the keeping of captures, the questions of readers.
 * Types only; `src/store` implements them on PGlite and Postgres alike.
 */
import type { Order } from './article-job.ts';
import type { Capture, CaptureReason, StoredBody, Validators } from './capture.ts';
import type { ArticleMeta, Embed, Extraction, Suspected } from './embed.ts';
import type { ErrorCode, Failure, ReplaySource } from './errors.ts';
import type { Plan } from './plan.ts';

/**
 * accepted: waits for a worker · running: claimed · waiting: until `nextAt`, for the reason given ·
 * done, failed (dead letter), dropped: final.
 */
export type RunState = 'accepted' | 'running' | 'waiting' | 'done' | 'failed' | 'dropped';

export interface Run {
  readonly id: string;
  readonly articleId: string;
  readonly url: string;
  readonly state: RunState;
  readonly reason: CaptureReason;
  readonly priority: number;
  /** Whose order it is: callers get fair shares of the work. */
  readonly caller: string;
  readonly tags: readonly string[];
  readonly references: readonly string[];
  /** Tries that could have succeeded; politeness waits are counted apart. Both are durable. */
  readonly attempts: number;
  readonly waits: number;
  readonly nextAt: string | null;
  readonly waitReason: string | null;
  readonly failure: Failure | null;
  readonly captureId: string | null;
  /** Capture whose kept page this run reads, instead of fetching. */
  readonly replayOf: string | null;
  readonly acceptedAt: string;
  readonly finishedAt: string | null;
}

/** A run taken by one worker. Every write names the token; a stale one is refused with LOCK_LOST. */
export interface Claim {
  readonly run: Run;
  readonly token: string;
  readonly validators: Validators | null;
  /** Of the attempts before this one, those that never said how they ended: the process died. Default 0. */
  readonly deaths?: number;
}

/** For whom a run is claimed. */
export interface Holder {
  /** The queue's name of the job. */
  readonly job: string;
  /** No try that another job began takes longer. */
  readonly longestTryMs: number;
}

export interface Answer {
  readonly index: number;
  /** As given. */
  readonly url: string;
  readonly status: 'accepted' | 'known' | 'refused';
  readonly articleId: string | null;
  readonly runId: string | null;
  readonly reason?: { readonly code: ErrorCode; readonly message: string };
}

/** What intake hands over: an order with its normalised URL, or why there is none. */
export type Checked =
  | { readonly order: Order; readonly url: string; readonly articleId: string }
  | {
      readonly order: { readonly url: string };
      readonly refused: { readonly code: ErrorCode; readonly message: string };
    };

export interface Ledger {
  /** Commits one row an order; answers in input order. Nothing is accepted before this resolves. */
  accept(orders: readonly Checked[]): Promise<Answer[]>;
  /**
   * Runs without a final state that ought to be worked on: accepted or waiting and due, or running since before
   * `runningBefore`. Longest due first; `after` is the last run of the page before, so that a sweep passes a backlog
   * of a million without seeing its head again.
   */
  due(q: { now: Date; limit: number; runningBefore: Date; after?: string }): Promise<Run[]>;
  /**
   * Hands rows of the backlog over to the queue, until `window` of each urgency are ready there; the caller adds the jobs.
   * The most urgent first, one in ten of another kind; in turn over the callers, and over the hosts of each.
   */
  offer(window: number): Promise<Offered>;
  /** Runs without a final state, counted up to `most`. */
  open(most: number): Promise<number>;
  /**
   * Takes the run: one more attempt, a new token. Null where it is final, unknown, or waits until after `now`; or runs
   * for another job that may be alive. A running one is taken over by the job that has it already, for the queue hands
   * a job out again only when its former holder's lock ran out; by any other where it has been running for longer than
   * a try may take; and at once by who names no job. The former holder's late writes are refused by the token.
   */
  claim(runId: string, now: Date, by?: Holder): Promise<Claim | null>;
  /** Politeness: the attempt is given back, a wait is counted. */
  postpone(claim: Claim, until: Date, reason: string): Promise<WaitsIn>;
  /** The attempt is spent; try again at `until`. */
  retryLater(claim: Claim, until: Date, failure: Failure): Promise<WaitsIn>;
  /** Dead letter. A capture that was already kept (parse failure, soft failure) stays attached. */
  fail(claim: Claim, failure: Failure, kept?: Kept): Promise<void>;
  /** One transaction: capture, posts, sightings, versions, events, and the run is done. Idempotent by run id. */
  finish(claim: Claim, kept: Kept, extraction: Extraction): Promise<FinishedCounts>;
  /** By hand: failed runs (dropped ones only by id) go back with a new run; answers the new runs. */
  retry(filter: RetryFilter): Promise<Run[]>;
  /** By hand: failed runs are given up and no longer listed as dead; answers them. Nothing kept is touched. */
  drop(filter: RetryFilter): Promise<Run[]>;
}

/**
 * Where a run waits: with its job, which is delayed until then; or as a row alone, which goes back to the backlog then and
 * gets a job in its turn.
 */
export type WaitsIn = 'queue' | 'ledger';

/** A run that is to get its job, with the job's priority. */
export interface OfferedRun extends Pick<Run, 'id' | 'url' | 'priority'> {
  /** It had a job before, of which something may be left in the queue. */
  readonly again: boolean;
}
export interface Offered {
  readonly runs: readonly OfferedRun[];
  /** More is in the backlog than the window holds. */
  readonly left: boolean;
}

/** A capture whose bytes are durable. */
export interface Kept {
  readonly capture: Capture;
  readonly stored: StoredBody;
}

export interface FinishedCounts {
  readonly captureId: string;
  readonly embeds: number;
  readonly newPosts: number;
  /** Captures whose bytes have to go: they show a post that was taken down. */
  readonly withheld?: readonly string[];
}

export interface RetryFilter {
  readonly articleId?: string;
  readonly runId?: string;
  readonly host?: string;
  readonly code?: ErrorCode;
  readonly shape?: string;
  /** Failed at or after, and before: RFC 3339. */
  readonly since?: string;
  readonly until?: string;
  readonly limit?: number;
  /** For retries. Default: as the error code says, from the network where no page is kept. */
  readonly from?: ReplaySource;
}

/** Cursor pages: opaque `next`, stable while rows arrive; newest first. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}
export interface PageQuery {
  readonly cursor?: string;
  /** 1 to 1000; default 50. */
  readonly limit?: number;
}

export interface ArticleFilter extends PageQuery {
  readonly reference?: string;
  readonly tag?: string;
  readonly state?: RunState;
  readonly host?: string;
  readonly error?: string;
  /** Of the page that a failure kept. */
  readonly shape?: string;
  /** RFC 3339. */
  readonly since?: string;
}

/** An article with its latest run. */
export interface ArticleRow {
  readonly id: string;
  readonly url: string;
  readonly host: string;
  readonly title: string | null;
  readonly run: Run;
  readonly captures: number;
}

export interface CaptureRow {
  readonly id: string;
  readonly articleId: string;
  readonly runId: string;
  readonly url: string;
  readonly finalUrl: string;
  readonly fetchedAt: string;
  readonly reason: CaptureReason;
  readonly status: number;
  readonly contentType: string | null;
  readonly charset: string | null;
  readonly stored: StoredBody;
  readonly truncated: string | null;
  readonly robotsRule: string;
  readonly revisitOf: string | null;
  readonly hops: readonly {
    readonly url: string;
    readonly status: number;
    readonly remoteAddress: string | null;
  }[];
  readonly article: ArticleMeta | null;
  readonly parser: string | null;
  readonly suspected: readonly Suspected[];
  /** A takedown or a retention rule took its bytes; digests and this tombstone stay. */
  readonly removedAt?: string | null;
  /** The rule, where it was one. */
  readonly expiredBy?: string | null;
}

export interface ArticleDetail {
  readonly article: Omit<ArticleRow, 'run' | 'captures'>;
  /** Newest first. */
  readonly runs: readonly Run[];
  readonly captures: readonly CaptureRow[];
  /** Sightings of the latest capture, in page order. */
  readonly embeds: readonly Embed[];
  /** Of its own and of its tags, active and paused; the one that is due first comes first. */
  readonly plans: readonly Plan[];
}

export interface PostFilter extends PageQuery {
  readonly platform?: string;
  /** Case-insensitive, with or without `@`; also finds earlier handles. */
  readonly handle?: string;
  readonly author?: string;
  /** YYYY-MM-DD, inclusive. */
  readonly from?: string;
  readonly to?: string;
  /** Host of an article it was seen in. */
  readonly articleHost?: string;
  /** Full text over text and author. */
  readonly q?: string;
}

/** A post as last seen, one per platform and id. */
export interface PostRow {
  readonly platform: string;
  /** The id, or `~` + 16 hex digits of the fingerprint where the page carries none. */
  readonly postId: string;
  /** Of a comment below the post: then this is the comment. */
  readonly commentId: string | null;
  readonly url: string | null;
  readonly author: Embed['author'];
  readonly postedAt: Embed['postedAt'];
  readonly lang: string | null;
  readonly text: string | null;
  readonly media: Embed['media'];
  readonly form: string;
  readonly confidence: number;
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
  /** In how many articles. */
  readonly articles: number;
  /** A takedown took its words. */
  readonly removedAt?: string | null;
}

export interface SightingRow {
  readonly captureId: string;
  readonly articleId: string;
  readonly articleUrl: string;
  readonly articleTitle: string | null;
  readonly capturedAt: string;
  readonly parser: string;
  /** Its place among the posts of the page, from 0. */
  readonly ordinal?: number;
  /** What it was read from. */
  readonly capture?: Pick<CaptureRow, 'url' | 'finalUrl' | 'status' | 'reason'> &
    Pick<StoredBody, 'sha256' | 'rawSha256' | 'size'>;
  /** Field by field, what it showed of the post otherwise than was known before. */
  readonly changes?: readonly {
    readonly field: string;
    readonly before: unknown;
    readonly after: unknown;
  }[];
  readonly embed: Embed;
}

export interface PostDetail {
  readonly post: PostRow;
  /** Newest first. */
  readonly sightings: readonly SightingRow[];
}

export interface Reader {
  articles(filter: ArticleFilter): Promise<Page<ArticleRow>>;
  article(id: string): Promise<ArticleDetail | null>;
  run(id: string): Promise<Run | null>;
  capture(id: string): Promise<CaptureRow | null>;
  posts(filter: PostFilter): Promise<Page<PostRow>>;
  /** By the post's name, which for a comment is `postId/commentId`. */
  post(platform: string, key: string): Promise<PostDetail | null>;
  /** Every post that matches, in bounded memory: one that has very many sightings comes in parts, all but the last with `goesOn`. */
  exportPosts(
    filter: Omit<PostFilter, 'cursor' | 'limit'>,
  ): AsyncIterable<{ post: PostRow; sightings: readonly SightingRow[]; goesOn?: boolean }>;
  /** Runs by state, for progress lines and metrics. */
  counts(): Promise<Record<RunState, number>>;
  /** Dead letters by host and error code, the largest group first; at most 1000 groups. */
  deadGroups(filter: DeadFilter): Promise<readonly DeadGroup[]>;
}

export interface DeadFilter {
  readonly articleId?: string;
  readonly host?: string;
  readonly code?: string;
  readonly shape?: string;
  /** Failed at or after, and before: RFC 3339. */
  readonly since?: string;
  readonly until?: string;
}

/** Articles whose latest run has failed, of one host, one reason and one shape of page. */
export interface DeadGroup {
  readonly host: string;
  readonly code: string;
  /** Of the kept page, see src/page-shape.ts; null where none was kept. */
  readonly shape: string | null;
  readonly articles: number;
  /** Of how many the page is kept, to be read without fetching. */
  readonly kept: number;
  /** Where a retry begins, unless it is told otherwise. */
  readonly replay: ReplaySource;
  readonly oldest: string;
  readonly newest: string;
  /** Of the newest failure. */
  readonly message: string;
  readonly articleId: string;
}

/** The bytes. A write resolves only when they are durable (fsync, or a verified put). */
export interface Archive {
  write(capture: Capture): Promise<StoredBody>;
  /** The decoded body, checked against its digest; EVIDENCE_DAMAGED where it does not match. */
  read(stored: StoredBody): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Answers of the API's `Idempotency-Key`, held for 24 h. */
export interface IdempotencyKeys {
  get(key: string): Promise<{ requestHash: string; status: number; body: string } | null>;
  put(key: string, value: { requestHash: string; status: number; body: string }): Promise<void>;
}
