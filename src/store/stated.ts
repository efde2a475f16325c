/**
 * What rows of captures and runs state, as digests that the event chain carries: `verify` takes them again from the rows, so that
 * an edit of a row shows although its words are not in the chain. Each is the SHA-256 of a JSON array with the fields in the
 * order given here; times as in 2026-01-31T12:00:00.000Z.
 */
import { hash } from 'node:crypto';
import { DEFAULT_CALLER } from '../article-job.ts';
import type { ArticleMeta, Suspected } from '../embed.ts';
import type { Failure } from '../errors.ts';
import type { RunFacts } from './journal-entry.ts';
import type { CaptureFacts } from './keep-capture.ts';
import { isOpen, type RunRow } from './run-row.ts';
import { toJson } from './well-formed.ts';

const digest = (fields: readonly unknown[]): string => hash('sha256', toJson(fields));

/** A row may say more than today's types know. */
export type StatedFacts = Omit<CaptureFacts, 'truncated'> & { readonly truncated: string | null };

/** How a page was fetched: everything of a capture that no later reading changes. */
export function factsDigest(facts: StatedFacts): string {
  const { url, finalUrl, fetchedAt, reason, status, contentType, charset, truncated } = facts;
  const { robotsRule, revisitOf, etag, lastModified, hops } = facts;
  return digest([
    ...[url, finalUrl, time(fetchedAt), reason, status, contentType, charset, truncated],
    ...[robotsRule, revisitOf, etag, lastModified],
    // A damaged row may have anything here.
    Array.isArray(hops) ? hops.map((hop) => [hop?.url, hop?.status, hop?.remoteAddress]) : hops,
  ]);
}

/** What one parser read of the page as a whole. */
export interface PageSays {
  readonly parser: string;
  readonly article: ArticleMeta | null;
  readonly suspected: readonly Suspected[];
  /** The limit that cut the reading off. */
  readonly truncated: string | null;
}
export const pageDigest = ({ parser, article, suspected, truncated }: PageSays): string =>
  digest([parser, article, suspected, truncated]);

/** A run's row as far as it is evidence: who ordered what and when, and how it ended. */
export type StatedRun = Pick<RunRow, (typeof STATED)[number]>;
export const STATED = [
  ...(['id', 'article_id', 'state', 'reason', 'priority', 'caller', 'tags', 'refs'] as const),
  ...(['replay_of', 'accepted_at', 'attempts', 'failure', 'capture_id', 'finished_at'] as const),
] as const;

/** Of a run that has not ended only the order: its state and tries change without an event. */
export function runDigest(run: StatedRun): string {
  const order = orderOf(run, time(run.accepted_at));
  if (isOpen(run)) return digest(order);
  const { state, attempts, failure, capture_id, finished_at } = run;
  const end = [state, attempts, failure, capture_id, finished_at && time(finished_at)];
  return digest([...order, ...end]);
}

type Order = Omit<StatedRun, 'state' | 'attempts' | 'failure' | 'capture_id' | 'finished_at'>;
const orderOf = (run: Order, acceptedAt: string): readonly unknown[] => [
  ...[run.id, run.article_id, run.reason, run.priority, run.caller, run.tags, run.refs],
  ...[run.replay_of, acceptedAt],
];

/** Of a run that begins now; asked for a thousand at once. `at`: as in 2026-01-31T12:00:00.000Z. */
export const newRunDigest = (facts: RunFacts, at: string): string =>
  digest([
    facts.id,
    facts.articleId,
    facts.reason,
    facts.priority,
    facts.caller ?? DEFAULT_CALLER,
    facts.tags,
    facts.refs,
    facts.replayOf ?? null,
    at,
  ]);

/** Of a run that ends now. */
export function endedRunDigest(run: StatedRun, end: RunEnd): string {
  const { state, attempts, captureId, failure = null, now } = end;
  const ended = { state, attempts, failure, capture_id: captureId, finished_at: now.toISOString() };
  return runDigest({ ...run, ...ended });
}

interface RunEnd {
  readonly state: 'done' | 'failed';
  readonly attempts: number;
  readonly captureId: string | null;
  readonly failure?: Failure;
  readonly now: Date;
}

/** As Postgres writes times into JSON, and as everybody else does. */
function time(text: string): string {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? String(text) : date.toISOString();
}
