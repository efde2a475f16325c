/**
 * What must hold of webhooks after any crash: every event that an endpoint is to be told of has exactly one id at the
 * receiver, and none is missing. A receiver may see a message twice, never under two ids.
 */
import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import { openJournal } from '../../src/store/journal.ts';
import type { WebhookEndpoint } from '../../src/webhook.ts';
import type { Embedkeep } from './embedkeep.ts';
import type { Received } from './receiver.ts';

export interface WebhookVerdict {
  /** Events the endpoint is to be told of. */
  readonly expected: number;
  /** Of them, those that never arrived. */
  readonly missing: number;
  /** Events that arrived under more than one id, ids that stand for more than one event, and events that never were. */
  readonly doubled: number;
  /** Messages whose signature is not the secret's. */
  readonly unsigned: number;
  /** Messages that came again under their id: allowed, and counted. */
  readonly again: number;
}

const TOLD = new Map([
  ['captured', 'article.done'],
  ['failed', 'article.failed'],
  ['seen', 'embed.seen'],
  ['changed', 'embed.changed'],
  ['vanished', 'embed.vanished'],
]);

/** An endpoint without a filter; its secret. */
export async function registerReceiver(
  server: Pick<Embedkeep, 'address'>,
  url: string,
): Promise<{ endpoint: WebhookEndpoint; secret: string }> {
  const response = await fetch(`${server.address}/v1/webhooks`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ url, after: 0 }),
  });
  if (response.status !== 201) throw new Error(await response.text());
  return (await response.json()) as { endpoint: WebhookEndpoint; secret: string };
}

/** Nothing waits any more: neither deliveries nor events without one. Call it when all runs are final. */
export async function allTold(server: Pick<Embedkeep, 'address'>): Promise<boolean> {
  const metrics = await (await fetch(`${server.address}/metrics`)).text();
  return /^embedkeep_webhook_oldest_undelivered_seconds 0$/m.test(metrics);
}

/** The bodies of all events, past the server: from the database, or from the journal while nothing else writes. */
export async function eventBodies(
  place: { readonly databaseUrl: string } | { readonly dataDir: string },
): Promise<string[]> {
  if ('databaseUrl' in place) {
    const client = new pg.Client(place.databaseUrl);
    await client.connect();
    const { rows } = await client.query('select body from embedkeep.events order by seq');
    await client.end();
    return rows.map(({ body }: { body: string }) => body);
  }
  const journal = await openJournal(join(place.dataDir, 'journal'));
  const bodies: string[] = [];
  for await (const entry of journal.entries()) bodies.push(...entry.bodies);
  await journal.close();
  return bodies;
}

/** `received`: what came at the endpoint's address. Only for an endpoint without a filter that was told of everything. */
export function judgeWebhooks(
  bodies: readonly string[],
  received: readonly Received[],
  secret: string,
): WebhookVerdict {
  const expected = new Map<number, string>();
  for (const body of bodies) {
    const { seq, kind } = JSON.parse(body) as { seq: number; kind: string };
    const type = TOLD.get(kind);
    if (type) expected.set(seq, type);
  }
  const idsOf = new Map<number, Set<string>>();
  const eventsOf = new Map<string, Set<number>>();
  let unsigned = 0;
  let unknown = 0;
  for (const one of received) {
    const { type, data } = one.message;
    const event = data.event ?? -1;
    if (expected.get(event) !== type) unknown += 1;
    idsOf.set(event, (idsOf.get(event) ?? new Set()).add(one.id));
    eventsOf.set(one.id, (eventsOf.get(one.id) ?? new Set()).add(event));
    if (!isSigned(one, secret)) unsigned += 1;
  }
  const beyondOne = (sets: Iterable<Set<unknown>>): number =>
    [...sets].reduce((sum, { size }) => sum + size - 1, 0);
  return {
    expected: expected.size,
    missing: [...expected.keys()].filter((event) => !idsOf.has(event)).length,
    doubled: beyondOne(idsOf.values()) + beyondOne(eventsOf.values()) + unknown,
    unsigned,
    again: received.length - eventsOf.size,
  };
}

function isSigned(one: Received, secret: string): boolean {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const text = `${one.id}.${one.headers['webhook-timestamp']}.${one.text}`;
  const mac = createHmac('sha256', key).update(text).digest('base64');
  return String(one.headers['webhook-signature']).split(' ').includes(`v1,${mac}`);
}
