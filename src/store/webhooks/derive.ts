/**
 * From events to deliveries, in the order of the chain. Its numbers have no gaps and become visible in order, so a cursor
 * misses nothing; rows and cursor are one transaction, and ids follow from the event, so nothing is made twice.
 */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { WEBHOOK_TYPES, WEBHOOK_VERSION, type WebhookType } from '../../webhook.ts';
import type { EventKind } from '../event-chain.ts';
import type { Db, StoreWorld, Trx } from '../tables.ts';

/** Every kind of event there is, and what endpoints are told of it. A kind that is not here is a newer version's. */
const TYPE_OF: Readonly<Record<EventKind, WebhookType | null>> = {
  captured: 'article.done',
  failed: 'article.failed',
  seen: 'embed.seen',
  changed: 'embed.changed',
  vanished: 'embed.vanished',
  accepted: null,
  joined: null,
  retried: null,
  dropped: null,
  replayed: 'article.done',
  tried: null,
  reparsed: null,
  exported: null,
  imported: null,
  held: null,
  released: null,
  removed: null,
  expired: null,
  webhook: null,
  planned: null,
  replanned: null,
  unplanned: null,
};

/** The kinds that endpoints are told of. */
export const TOLD = Object.entries(TYPE_OF).flatMap(([kind, type]) => (type ? [kind] : []));

const EVENTS_AT_ONCE = 500;

/** From the event's exact JSON: a restored store that takes another course gives its other events other ids. */
export const deliveryIdOf = (endpointId: string, body: string): string =>
  `msg_${createHash('sha256').update(`${endpointId}\n${body}`).digest('hex').slice(0, 40)}`;

interface EventRow {
  readonly seq: number;
  readonly kind: string;
  readonly at: string;
  readonly body: string;
  readonly host: string | null;
  readonly tags: readonly string[] | null;
}

/** Answers how many events were looked at; 0 also where another process is at it. */
export function derive(endpointId: string, { db, now }: Pick<StoreWorld, 'db' | 'now'>) {
  return db.transaction().execute(async (trx): Promise<number> => {
    const endpoint = await mine(trx, endpointId);
    if (!endpoint) return 0;
    const events = await eventsAfter(trx, endpoint.cursor);
    // A newer version may deliver a kind that this one does not know: it and what follows are left to that version.
    const stop = events.findIndex(({ kind }) => !Object.hasOwn(TYPE_OF, kind));
    const known = stop === -1 ? events : events.slice(0, stop);
    const last = known.at(-1);
    if (!last) return 0;
    const wanted = known.flatMap((event) => {
      const type = typeOf(event);
      return type && passes(event, { type, ...endpoint }) ? [{ event, type }] : [];
    });
    await insert(trx, { endpointId, wanted, now: now() });
    await trx
      .updateTable('webhook_endpoints')
      .set({ cursor: last.seq })
      .where('id', '=', endpointId)
      .execute();
    return known.length;
  });
}

const typeOf = ({ kind }: EventRow): WebhookType | null => TYPE_OF[kind as EventKind];

async function mine(trx: Trx, id: string) {
  return await trx
    .selectFrom('webhook_endpoints')
    .select(['cursor', 'types', 'host', 'tag'])
    .where('id', '=', id)
    .where(isOurs)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst();
}

/** Enabled, and nothing about it is of a newer version. */
export const isOurs = sql<boolean>`
  state = 'enabled' and v <= ${WEBHOOK_VERSION} and types <@ ${[...WEBHOOK_TYPES]}::text[]`;

async function eventsAfter(trx: Trx | Db, cursor: number): Promise<EventRow[]> {
  const { rows } = await sql<EventRow>`
    select e.seq, e.kind, e.at, e.body, a.host, r.tags
    from embedkeep.events e
    left join embedkeep.articles a on a.id = e.article_id
    left join embedkeep.runs r on r.id = e.run_id
    where e.seq > ${cursor} order by e.seq limit ${EVENTS_AT_ONCE}`.execute(trx);
  return rows;
}

function passes(
  event: EventRow,
  filter: { type: string; types: readonly string[]; host: string | null; tag: string | null },
): boolean {
  const { type, types, host, tag } = filter;
  if (types.length > 0 && !types.includes(type)) return false;
  if (host !== null && event.host !== host) return false;
  return tag === null || (event.tags ?? []).includes(tag);
}

async function insert(
  trx: Trx,
  made: {
    endpointId: string;
    wanted: readonly { event: EventRow; type: WebhookType }[];
    now: Date;
  },
): Promise<void> {
  const { endpointId, wanted, now } = made;
  if (wanted.length === 0) return;
  const rows = wanted.map(({ event: { seq: event, at, body }, type }) => {
    return { id: deliveryIdOf(endpointId, body), event, type, at };
  });
  await sql`
    insert into embedkeep.webhook_deliveries (id, endpoint_id, event, type, at, state, next_at)
    select id, ${endpointId}, event, type, at, 'waiting', ${now.toISOString()}::timestamptz
    from json_to_recordset(${JSON.stringify(rows)}::text::json)
      as x(id text, event bigint, type text, at timestamptz)
    order by event
    on conflict do nothing`.execute(trx);
}
