/**
 * What happened, append-only and hash-chained: one link per committed batch.
 * hash(n) = sha256(hash(n-1) + "\n" + n + "\n" + time of the link + "\n" + the events' exact JSON, a line each).
 * The head row is locked last in a transaction, so writers wait for each other only from here to the commit.
 */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Trx } from './tables.ts';
import { toJson } from './well-formed.ts';

export type EventKind =
  | 'accepted'
  | 'captured'
  | 'seen'
  | 'changed'
  | 'vanished'
  | 'failed'
  | 'retried'
  | 'dropped'
  | 'reparsed'
  | 'exported'
  | 'held'
  | 'released'
  | 'removed';

export interface NewEvent {
  readonly kind: EventKind;
  readonly articleId?: string;
  readonly runId?: string;
  readonly captureId?: string;
  /** Platform and id as the outside knows the post; `postRow` is its row here. */
  readonly platform?: string;
  readonly postId?: string;
  readonly postRow?: number;
  readonly detail?: Readonly<Record<string, unknown>>;
}

export const GENESIS = '0'.repeat(64);

export interface Link {
  readonly n: number;
  readonly at: string;
  readonly bodies: readonly string[];
}

export function linkHash(previous: string, link: Link): string {
  const hash = createHash('sha256').update(`${previous}\n${link.n}\n${link.at}\n`);
  for (const body of link.bodies) hash.update(body).update('\n');
  return hash.digest('hex');
}

/** Appends one link. Call it last in the transaction. */
export async function appendEvents(
  trx: Trx,
  events: readonly NewEvent[],
  now: Date,
): Promise<void> {
  if (events.length === 0) return;
  const head = await trx
    .selectFrom('chain_head')
    .selectAll()
    .where('id', '=', 1)
    .forUpdate()
    .executeTakeFirstOrThrow();
  const at = now.toISOString();
  const n = head.links + 1;
  const rows = events.map((event, index) => ({
    seq: head.events + index + 1,
    kind: event.kind,
    article_id: event.articleId ?? null,
    run_id: event.runId ?? null,
    capture_id: event.captureId ?? null,
    post_id: event.postRow ?? null,
    body: bodyOf(event, head.events + index + 1, at),
  }));
  const hash = linkHash(head.hash, { n, at, bodies: rows.map((row) => row.body) });
  await sql`
    with link as (
      insert into embedkeep.chain_links (n, at, events, hash)
      values (${n}, ${at}::timestamptz, ${rows.length}, ${hash})
    ), head as (
      update embedkeep.chain_head
      set links = ${n}, events = ${head.events + rows.length}, hash = ${hash} where id = 1
    )
    insert into embedkeep.events (seq, link, kind, at, article_id, run_id, capture_id, post_id, body)
    select seq, ${n}, kind, ${at}::timestamptz, article_id, run_id, capture_id, post_id, body
    from json_to_recordset(${JSON.stringify(rows)}::text::json) as x(
      seq bigint, kind text, article_id text, run_id text, capture_id text, post_id bigint, body text
    )`.execute(trx);
}

/** The JSON that is hashed and exported. Field order is part of it. */
function bodyOf(event: NewEvent, seq: number, at: string): string {
  const { kind, articleId, runId, captureId, platform, postId, detail } = event;
  return toJson({ seq, kind, at, articleId, runId, captureId, platform, postId, detail });
}

export interface ChainHead {
  readonly links: number;
  readonly events: number;
  readonly hash: string;
}

export const readChainHead = (trx: Pick<Trx, 'selectFrom'>): Promise<ChainHead> =>
  trx
    .selectFrom('chain_head')
    .select(['links', 'events', 'hash'])
    .where('id', '=', 1)
    .executeTakeFirstOrThrow();
