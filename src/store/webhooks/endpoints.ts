/** Endpoints as operators keep them: added, changed, rotated, removed; each an event and, where there is one, in the journal. */
import { sql } from 'kysely';
import { EmbedkeepError } from '../../errors.ts';
import type { EndpointChange, NewEndpoint, WebhookBook, WebhookEndpoint } from '../../webhook.ts';
import { appendLink, readChainHead } from '../event-chain.ts';
import { newEndpointId, newWebhookSecret } from '../ids.ts';
import type { EndpointFacts } from '../journal-entry.ts';
import { withStoreErrors } from '../store-errors.ts';
import type { Db, StoreWorld } from '../tables.ts';
import { wellFormed } from '../well-formed.ts';
import { type EndpointRow, factsOf, rowOf, validAt, type Written, write } from './endpoint-row.ts';
import { dropEndpoint } from './facts.ts';
import { deliveries, replay } from './log.ts';

/** More are a sign of a loop that registers itself; each is asked about twice a second. */
const MOST_ENDPOINTS = 200;

export function createWebhookBook(world: StoreWorld): WebhookBook {
  const { db } = world;
  return withStoreErrors({
    add: (order) => add(order, world),
    list: () => list(db, null),
    get: (id) => get(db, id),
    change: (id, change) => changed(id, world, (facts) => merge(facts, change)),
    rotate: (id, overlapMs) => rotate({ id, overlapMs }, world),
    remove: (id) => remove(id, world),
    deliveries: (id, filter) => deliveries(db, { id, filter }),
    replay: (id, order) => replay({ id, order }, world),
    target: async (id) => {
      const row = await rowOf(db, id);
      return { url: row.url, secrets: validAt(row.secrets, world.now()).map(({ key }) => key) };
    },
  } satisfies WebhookBook);
}

async function add(
  order: NewEndpoint,
  world: StoreWorld,
): Promise<{ endpoint: WebhookEndpoint; secret: string }> {
  const secret = newWebhookSecret();
  const id = newEndpointId();
  await world.db.transaction().execute(async (trx) => {
    const { n } = await trx
      .selectFrom('webhook_endpoints')
      .select(({ fn }) => fn.countAll<number>().as('n'))
      .executeTakeFirstOrThrow();
    if (Number(n) >= MOST_ENDPOINTS) {
      throw new EmbedkeepError('CONFLICT', `There are ${n} endpoints already; remove some first.`);
    }
    const { events } = await readChainHead(trx);
    const now = world.now();
    const facts: EndpointFacts = {
      id,
      url: order.url,
      description: textOrNull(order.description),
      types: order.types ?? [],
      host: order.host?.toLowerCase() ?? null,
      tag: textOrNull(order.tag),
      secrets: [{ key: secret, validUntil: null }],
      state: 'enabled',
      disabledReason: null,
      createdAt: now.toISOString(),
    };
    await write(trx, { facts, after: order.after ?? events, action: 'added', world });
  });
  return { endpoint: await get(world.db, id), secret };
}

type Change = Pick<Written, 'facts' | 'after' | 'action'>;

async function changed(
  id: string,
  world: StoreWorld,
  change: (facts: EndpointFacts, now: Date) => Change,
): Promise<WebhookEndpoint> {
  await world.db.transaction().execute(async (trx) => {
    const facts = factsOf(await rowOf(trx, id, 'to change it'));
    await write(trx, { ...change(facts, world.now()), world });
  });
  return await get(world.db, id);
}

function merge(facts: EndpointFacts, change: EndpointChange): Change {
  const { after = null, enabled, host, tag, description, ...rest } = change;
  const state = enabled === undefined ? facts.state : enabled ? 'enabled' : 'disabled';
  return {
    facts: {
      ...facts,
      ...rest,
      ...(host !== undefined && { host: host?.toLowerCase() ?? null }),
      ...(tag !== undefined && { tag: textOrNull(tag) }),
      ...(description !== undefined && { description: textOrNull(description) }),
      state,
      disabledReason: state === 'enabled' ? null : (facts.disabledReason ?? 'by hand'),
    },
    after,
    action: enabled === undefined ? 'changed' : state,
  };
}

async function rotate(
  { id, overlapMs }: { id: string; overlapMs: number },
  world: StoreWorld,
): Promise<{ endpoint: WebhookEndpoint; secret: string }> {
  const secret = newWebhookSecret();
  const endpoint = await changed(id, world, (facts, now) => {
    const validUntil = new Date(now.getTime() + overlapMs).toISOString();
    const before = validAt(facts.secrets, now).slice(0, 1);
    const old = overlapMs > 0 ? before.map(({ key }) => ({ key, validUntil })) : [];
    const secrets = [{ key: secret, validUntil: null }, ...old];
    return { facts: { ...facts, secrets }, after: null, action: 'rotated' };
  });
  return { endpoint, secret };
}

function remove(id: string, world: StoreWorld): Promise<void> {
  return world.db.transaction().execute(async (trx) => {
    await rowOf(trx, id, 'to change it');
    const deed = { op: 'unhook' as const, id };
    await dropEndpoint(trx, deed);
    const events = [{ kind: 'webhook' as const, detail: { action: 'removed', endpoint: id } }];
    await appendLink(trx, { events, now: world.now(), deed }, world.journal);
  });
}

async function get(db: Db, id: string): Promise<WebhookEndpoint> {
  const [endpoint] = await list(db, id);
  if (!endpoint) throw new EmbedkeepError('NOT_FOUND', `There is no webhook endpoint ${id}.`);
  return endpoint;
}

async function list(db: Db, id: string | null): Promise<WebhookEndpoint[]> {
  const { rows } = await sql<EndpointRow & { waiting: number; failed: number }>`
    select e.*,
      (select count(*) from embedkeep.webhook_deliveries d
        where d.endpoint_id = e.id and d.state = 'waiting') as waiting,
      (select count(*) from embedkeep.webhook_deliveries d
        where d.endpoint_id = e.id and d.state = 'failed') as failed
    from embedkeep.webhook_endpoints e
    where ${id}::text is null or e.id = ${id} order by e.seq`.execute(db);
  return rows.map(({ waiting, failed, secrets, ...row }) => {
    const { secrets: _, ...facts } = factsOf({ ...row, secrets });
    const { cursor: position, failing_since: failingSince } = row;
    const shown = secrets.map(({ key, validUntil }) => ({ hint: hintOf(key), validUntil }));
    return { ...facts, secrets: shown, position, failingSince, waiting, failed };
  });
}

/** Enough to tell two apart, of 44 characters. */
const hintOf = (secret: string): string => `whsec_…${secret.replace(PADDING, '').slice(-4)}`;

const PADDING = /=+$/;

const textOrNull = (text: string | null | undefined): string | null =>
  text ? wellFormed(text) : null;
