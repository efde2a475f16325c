/** `embedkeep webhooks`: who is told of events, what was delivered, what is sent again. */
import { EXIT } from '../exit-codes.ts';
import type { Page } from '../reader.ts';
import type { Receipt, WebhookDelivery, WebhookEndpoint } from '../webhook.ts';
import { query, type Server } from './connect.ts';
import { printJson, table } from './output.ts';

export interface WebhookFlags {
  readonly json?: boolean;
  readonly type?: readonly string[];
  readonly host?: string;
  readonly tag?: string;
  readonly description?: string;
  readonly after?: number;
  readonly state?: string;
  readonly limit?: number;
  readonly cursor?: string;
  readonly since?: string;
  readonly overlapHours?: number;
}

interface WithSecret {
  readonly endpoint: WebhookEndpoint;
  readonly secret: string;
}

const pathOf = (id: string, more = ''): string => `/v1/webhooks/${encodeURIComponent(id)}${more}`;

export async function addWebhook(
  server: Server,
  url: string,
  flags: WebhookFlags,
): Promise<number> {
  const { type: types, host, tag, description, after } = flags;
  const order = { url, types, host, tag, description, after };
  return printSecret(await server.post<WithSecret>('/v1/webhooks', order, [201]), flags);
}

export async function rotateSecret(
  server: Server,
  id: string,
  flags: WebhookFlags,
): Promise<number> {
  const { overlapHours } = flags;
  const made = await server.post<WithSecret>(pathOf(id, '/secret'), { overlapHours }, [200]);
  return printSecret(made, flags);
}

function printSecret(made: WithSecret, { json }: WebhookFlags): number {
  if (json) printJson(made);
  else {
    process.stdout.write(
      `${made.endpoint.id}  ${made.endpoint.url}\nsecret, shown this once: ${made.secret}\n`,
    );
  }
  return EXIT.ok;
}

export async function listWebhooks(server: Server, { json }: WebhookFlags): Promise<number> {
  const { items } = await server.get<{ items: WebhookEndpoint[] }>('/v1/webhooks');
  if (json) printJson(items);
  else process.stdout.write(`${items.length > 0 ? endpointTable(items) : 'no webhooks'}\n`);
  return EXIT.ok;
}

const endpointTable = (endpoints: readonly WebhookEndpoint[]): string =>
  table(endpoints, [
    { head: 'id', of: (e) => e.id },
    { head: 'state', of: (e) => e.state },
    { head: 'url', of: (e) => e.url, most: 60 },
    { head: 'told of', of: (e) => filterOf(e) },
    { head: 'waiting', of: (e) => e.waiting },
    { head: 'failed', of: (e) => e.failed },
    { head: 'secret', of: (e) => e.secrets.map(({ hint }) => hint).join(' ') },
    {
      head: 'why',
      of: (e) => e.disabledReason ?? (e.failingSince && `fails since ${e.failingSince}`),
    },
  ]);

const filterOf = ({ types, host, tag }: WebhookEndpoint): string =>
  [types.join(' ') || 'everything', host && `on ${host}`, tag && `tagged ${tag}`]
    .filter(Boolean)
    .join(', ');

export async function switchWebhook(
  server: Server,
  id: string,
  { enabled, json }: { enabled: boolean; json?: boolean },
): Promise<number> {
  const endpoint = await server.send<WebhookEndpoint>('PATCH', pathOf(id), { enabled });
  if (json) printJson(endpoint);
  else process.stdout.write(`${endpoint.id} is ${endpoint.state}\n`);
  return EXIT.ok;
}

export async function removeWebhook(
  server: Server,
  id: string,
  { json }: WebhookFlags,
): Promise<number> {
  await server.send('DELETE', pathOf(id));
  if (json) printJson({ removed: id });
  else process.stdout.write(`${id} is removed\n`);
  return EXIT.ok;
}

export async function listDeliveries(
  server: Server,
  id: string,
  flags: WebhookFlags,
): Promise<number> {
  const { state, limit, cursor } = flags;
  const page = await server.get<Page<WebhookDelivery>>(
    pathOf(id, `/deliveries${query({ state, limit, cursor })}`),
  );
  if (flags.json) printJson(page);
  else {
    const more = page.next ? `more: --cursor ${page.next}\n` : '';
    process.stdout.write(`${deliveryTable(page.items)}\n${more}`);
  }
  return EXIT.ok;
}

const deliveryTable = (deliveries: readonly WebhookDelivery[]): string =>
  table(deliveries, [
    { head: 'delivery', of: (d) => d.id },
    { head: 'event', of: (d) => d.event },
    { head: 'type', of: (d) => d.type },
    { head: 'state', of: (d) => d.state },
    { head: 'attempts', of: (d) => d.attempts },
    { head: 'answer', of: (d) => d.status ?? d.code },
    { head: 'last attempt', of: (d) => d.lastAttemptAt },
    { head: 'next attempt', of: (d) => d.nextAt },
    { head: 'said', of: (d) => (d.status !== null && d.response) || d.message, most: 40 },
  ]);

/** One delivery, or all that failed since a time. */
export async function replayWebhook(
  server: Server,
  { id, deliveryId }: { id: string; deliveryId: string | undefined },
  { since, json }: WebhookFlags,
): Promise<number> {
  const order = { deliveryId, since };
  const { replayed } = await server.post<{ replayed: number }>(pathOf(id, '/replay'), order, [200]);
  if (json) printJson({ replayed });
  else process.stdout.write(`${replayed} will be sent again\n`);
  return EXIT.ok;
}

/** Exit code 1 where the endpoint did not take it. */
export async function testWebhook(
  server: Server,
  id: string,
  { json }: WebhookFlags,
): Promise<number> {
  const receipt = await server.post<Receipt>(pathOf(id, '/test'), {}, [200]);
  const { status, code, message, response, durationMs } = receipt;
  const arrived = code === null;
  if (json) printJson(receipt);
  else {
    const said = arrived ? `arrived: ${status}` : `${code}: ${message}`;
    const lines = [`${said} (${Math.round(durationMs)} ms)`, response].filter(Boolean);
    process.stdout.write(`${table(lines, [{ head: 'test', of: (line) => line, most: 200 }])}\n`);
  }
  return arrived ? EXIT.ok : EXIT.failed;
}
