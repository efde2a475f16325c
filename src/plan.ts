/** Plans of re-captures: what was ordered once to be done again and again. Types, and what the store promises about them. */
import type { Page, PageQuery } from './reader.ts';

export const PLAN_QUEUE = 'embedkeep-plan';

/** active · paused: by hand · ended: by hand, replaced, or its last capture is due · stopped: its article is gone or was removed. */
export const PLAN_STATES = ['active', 'paused', 'ended', 'stopped'] as const;
export type PlanState = (typeof PLAN_STATES)[number];

export interface Plan {
  readonly id: string;
  readonly kind: 'article' | 'tag';
  /** Article id, or the tag. */
  readonly target: string;
  /** Of the article; null for a tag. */
  readonly url: string | null;
  /** As it was given, e.g. `every 1h for a day, then daily for a month`. */
  readonly spec: string;
  readonly state: PlanState;
  readonly priority: number;
  readonly caller: string;
  /** Of the runs it orders. */
  readonly tags: readonly string[];
  /** The intervals are counted from here. RFC 3339, as all times. */
  readonly startsAt: string;
  /** Null where it has no end. */
  readonly endsAt: string | null;
  /** Null where none is to come. */
  readonly nextAt: string | null;
  /** The last time that was due and dealt with. */
  readonly lastDueAt: string | null;
  /** Ordered so far. */
  readonly runs: number;
  /** Why it is not active. */
  readonly reason: string | null;
  readonly createdAt: string;
  readonly changedAt: string;
}

export interface PlanOrder {
  readonly tag: string;
  readonly spec: string;
  readonly priority?: number;
  readonly caller?: string;
}

export interface PlanFilter extends PageQuery {
  readonly state?: PlanState;
  readonly tag?: string;
  readonly articleId?: string;
}

export interface PlanBook {
  /** For all articles with a tag, also those that get it later; one of an article comes with its order. @throws EmbedkeepError PLAN_INVALID */
  add(order: PlanOrder): Promise<Plan>;
  /** Newest first. */
  list(filter: PlanFilter): Promise<Page<Plan>>;
  show(id: string): Promise<Plan | null>;
  /** Of an article: its own and those of its tags, active and paused. */
  ofArticle(articleId: string): Promise<readonly Plan[]>;
  /** @throws EmbedkeepError NOT_FOUND, or CONFLICT where it has ended. Pausing a paused one changes nothing. */
  change(id: string, to: 'pause' | 'resume' | 'remove'): Promise<Plan>;
  /**
   * Orders what is due: one run a plan, article and due time, however often and by however many it is called; what was
   * missed meanwhile is one. `more`: call again.
   */
  tick(): Promise<{ readonly runs: number; readonly more: boolean }>;
}
