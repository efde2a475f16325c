/**
 * What happened, append-only and hash-chained: one link per committed batch.
 * hash(n) = sha256(hash(n-1) + "\n" + n + "\n" + time of the link + "\n" + the events' exact JSON, a line each).
 * The head row is locked last in a transaction, so writers wait for each other only from here to the commit.
 */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { EmbedkeepError } from '../errors.ts';
import type { Journal } from './journal.ts';
import { type Deed, GENESIS, type JournalEntry } from './journal-entry.ts';

export { GENESIS };

import type { Trx } from './tables.ts';
import { toJson } from './well-formed.ts';

export type EventKind =
  | 'accepted'
  | 'joined'
  | 'captured'
  | 'seen'
  | 'changed'
  | 'vanished'
  | 'failed'
  | 'retried'
  | 'tried'
  | 'replayed'
  | 'dropped'
  | 'reparsed'
  | 'exported'
  | 'imported'
  | 'held'
  | 'released'
  | 'expired'
  | 'removed'
  | 'webhook'
  | 'planned'
  | 'replanned'
  | 'unplanned';

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

export interface NewLink {
  readonly events: readonly NewEvent[];
  readonly now: Date;
  /** What the journal must know to do it again. */
  readonly deed: Deed;
}

/**
 * Appends one link, and the journal's line before the commit. Call it last in the transaction.
 * One statement: from the moment it has the head's row until the commit every other writer waits, and a way to this process
 * and back would be part of that. So the numbers are given and the hash is taken by the database.
 */
export async function appendLink(
  trx: Trx,
  { events, now, deed }: NewLink,
  journal: Pick<Journal, 'append'> | null,
): Promise<void> {
  if (events.length === 0) return;
  const at = now.toISOString();
  const rows = events.map((event, index) => {
    return { ...rowOf(event, index + 1), post_id: event.postRow ?? null, rest: restOf(event, at) };
  });
  const { rows: written } = await sql<ChainHead>`
    with told as materialized (
      select * from json_to_recordset(${JSON.stringify(rows)}::text::json) as x(
        seq bigint, kind text, article_id text, run_id text, capture_id text, post_id bigint, rest text
      )
    ), head as (
      update embedkeep.chain_head h
      set links = h.links + 1, events = h.events + ${rows.length}::integer,
        hash = encode(sha256(convert_to(
          h.hash || E'\n' || (h.links + 1) || E'\n' || ${at}::text || E'\n' || (
            select string_agg(${BODY_HEAD}::text || (h.events + seq) || rest || E'\n', '' order by seq) from told
          ), 'UTF8')), 'hex')
      where id = 1
      returning links, events, hash
    ), link as (
      insert into embedkeep.chain_links (n, at, events, hash)
      select links, ${at}::timestamptz, ${rows.length}::integer, hash from head
    ), kept as (
      insert into embedkeep.events (seq, link, kind, at, article_id, run_id, capture_id, post_id, body)
      select first + seq, links, kind, ${at}::timestamptz, article_id, run_id, capture_id, post_id,
        ${BODY_HEAD}::text || (first + seq) || rest
      from told, (select links, events - ${rows.length}::integer as first from head) as after
      order by seq
    )
    select links, events, hash from head`.execute(trx);
  const [head] = written;
  if (!head) throw new EmbedkeepError('INTERNAL', 'The event chain has no head.');
  if (!journal) return;
  const first = head.events - rows.length;
  const bodies = rows.map(({ seq, rest }) => `${BODY_HEAD}${first + seq}${rest}`);
  await journal.append({ n: head.links, at, hash: head.hash, bodies, deed });
}

/**
 * A link as the journal has it, event for event.
 * @throws EmbedkeepError EVIDENCE_DAMAGED where it does not follow from the chain so far
 */
export async function restoreLink(
  trx: Trx,
  { n, at, hash, bodies }: Pick<JournalEntry, 'n' | 'at' | 'hash' | 'bodies'>,
  /** Index of an event to what its post is called today. */
  names: Readonly<Record<string, readonly [platform: string, postId: string]>> = {},
): Promise<void> {
  await restoreLinks(trx, [{ n, at, hash, bodies, names }]);
}

export type KnownLink = Pick<JournalEntry, 'n' | 'at' | 'hash' | 'bodies'> & {
  readonly names: Readonly<Record<string, readonly [platform: string, postId: string]>>;
};

/** Several at once: each by itself would ask the database three times. */
export async function restoreLinks(trx: Trx, links: readonly KnownLink[]): Promise<void> {
  if (links.length === 0) return;
  let head: ChainHead = await lockHead(trx);
  const written: WrittenLink[] = [];
  for (const { n, at, hash, bodies, names } of links) {
    if (n !== head.links + 1 || linkHash(head.hash, { n, at, bodies }) !== hash) {
      throw new EmbedkeepError(
        'EVIDENCE_DAMAGED',
        `Link ${n} of the journal does not follow link ${head.links}.`,
      );
    }
    const { events } = head;
    const rows = bodies.map((body, index) => {
      const event = JSON.parse(body) as NewEvent;
      const [platform, postId] = names[index] ?? [event.platform ?? null, event.postId ?? null];
      return { ...rowOf(event, events + index + 1), platform, post: postId, body };
    });
    written.push({ n, at, hash, rows });
    head = { links: n, events: events + rows.length, hash };
  }
  await writeLinks(trx, { links: written, head });
}

const lockHead = (trx: Trx): Promise<ChainHead> =>
  trx
    .selectFrom('chain_head')
    .select(['links', 'events', 'hash'])
    .where('id', '=', 1)
    .forUpdate()
    .executeTakeFirstOrThrow();

const rowOf = (event: NewEvent, seq: number) => ({
  seq,
  kind: event.kind,
  article_id: event.articleId ?? null,
  run_id: event.runId ?? null,
  capture_id: event.captureId ?? null,
});

interface WrittenLink {
  readonly n: number;
  readonly at: string;
  readonly hash: string;
  readonly rows: readonly { readonly body: string }[];
}

/** A post is named by its row, or by platform and id. */
async function writeLinks(
  trx: Trx,
  { links, head }: { links: readonly WrittenLink[]; head: ChainHead },
): Promise<void> {
  const heads = links.map(({ n, at, hash, rows }) => ({ n, at, hash, events: rows.length }));
  const rows = links.flatMap(({ n, at, rows: of }) => of.map((row) => ({ ...row, link: n, at })));
  await sql`
    with link as (
      insert into embedkeep.chain_links (n, at, events, hash)
      select n, at, events, hash from json_to_recordset(${JSON.stringify(heads)}::text::json)
        as x(n bigint, at timestamptz, events bigint, hash text) order by n
    ), head as (
      update embedkeep.chain_head
      set links = ${head.links}, events = ${head.events}, hash = ${head.hash} where id = 1
    )
    insert into embedkeep.events (seq, link, kind, at, article_id, run_id, capture_id, post_id, body)
    select seq, link, kind, at, article_id, run_id, capture_id, coalesce(x.post_id, p.id), body
    from json_to_recordset(${JSON.stringify(rows)}::text::json) as x(
      seq bigint, link bigint, kind text, at timestamptz, article_id text, run_id text, capture_id text,
      post_id bigint, platform text, post text, body text
    ) left join embedkeep.posts p on p.platform = x.platform and p.post_id = x.post
    order by seq`.execute(trx);
}

/** The JSON that is hashed and exported; field order is part of it. The event's number stands between this and the rest. */
const BODY_HEAD = '{"seq":';
function restOf(event: NewEvent, at: string): string {
  const { kind, articleId, runId, captureId, platform, postId, detail } = event;
  return `,${toJson({ kind, at, articleId, runId, captureId, platform, postId, detail }).slice(1)}`;
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
