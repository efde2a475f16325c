/** An endpoint's row: read, turned into facts, and written with its event and its line in the journal. */
import { EmbedkeepError } from '../../errors.ts';
import { WEBHOOK_VERSION } from '../../webhook.ts';
import { appendLink, readChainHead } from '../event-chain.ts';
import type { EndpointFacts } from '../journal-entry.ts';
import type { Db, StoreWorld, Trx } from '../tables.ts';
import { putEndpoint } from './facts.ts';
import type { WebhookEndpointTable, WebhookSecret } from './tables.ts';

export type EndpointRow = WebhookEndpointTable & { readonly seq: number };

/** @throws EmbedkeepError NOT_FOUND, SCHEMA_NEWER */
export async function rowOf(db: Db | Trx, id: string, why?: 'to change it') {
  let query = db.selectFrom('webhook_endpoints').selectAll().where('id', '=', id);
  if (why) query = query.forUpdate();
  const row = await query.executeTakeFirst();
  if (!row) throw new EmbedkeepError('NOT_FOUND', `There is no webhook endpoint ${id}.`);
  if (why && row.v > WEBHOOK_VERSION) {
    throw new EmbedkeepError('CONFLICT', 'A newer embedkeep has made this endpoint; use that.');
  }
  return row;
}

export const factsOf = (
  row: Omit<
    EndpointRow,
    'seq' | 'v' | 'marked' | 'failures' | 'cursor' | 'failing_since' | 'not_before'
  >,
): EndpointFacts => {
  const { id, url, description, types, host, tag, secrets, state } = row;
  const { disabled_reason: disabledReason, created_at: createdAt } = row;
  return { id, url, description, types, host, tag, secrets, state, disabledReason, createdAt };
};

export const validAt = (secrets: readonly WebhookSecret[], now: Date): readonly WebhookSecret[] =>
  secrets.filter(({ validUntil }) => validUntil === null || Date.parse(validUntil) > now.getTime());

export interface Written {
  readonly facts: EndpointFacts;
  readonly after: number | null;
  readonly action: string;
  readonly world: StoreWorld;
}

/** The chain tells that it was done and to which endpoint; neither address nor secret, for it is exported. */
export async function write(trx: Trx, { facts, after, action, world }: Written): Promise<void> {
  if (after !== null) await assertHappened(trx, after);
  const deed = { op: 'webhook' as const, endpoint: facts, after };
  await putEndpoint(trx, deed);
  const { id: endpoint, disabledReason } = facts;
  const detail = { action, endpoint, ...(disabledReason && { reason: disabledReason }) };
  const events = [{ kind: 'webhook' as const, detail }];
  await appendLink(trx, { events, now: world.now(), deed }, world.journal);
}

/** An endpoint that begins in the future would be told of nothing until then. */
async function assertHappened(trx: Trx, event: number): Promise<void> {
  const { events } = await readChainHead(trx);
  if (event <= events) return;
  throw new EmbedkeepError('PAYLOAD_INVALID', `after: there are ${events} events so far.`);
}
