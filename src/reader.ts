/** What the store answers: pages of rows, one article or post with all that is known of it. Types only, as in ledger.ts. */
import type { CaptureReason, StoredBody } from './capture.ts';
import type { ArticleMeta, Embed, Suspected } from './embed.ts';
import type { ReplaySource } from './errors.ts';
import type { Run, RunState } from './ledger.ts';
import type { Plan } from './plan.ts';

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
