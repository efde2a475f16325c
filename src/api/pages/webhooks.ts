/** Webhooks: the addresses that are told of events, what was delivered to each, and buttons to send it again. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import {
  DELIVERY_STATES,
  type WebhookDelivery,
  type WebhookDesk,
  type WebhookEndpoint,
} from '../../webhook.ts';
import { defined } from '../filters.ts';
import { type Content, type Html, html } from '../html.ts';
import type { ApiParts } from '../parts.ts';
import { paging, plain } from '../query.ts';
import { instant, plural } from './format.ts';
import { sendPage } from './layout.ts';
import { readQuery } from './query.ts';

const hidden = { schema: { hide: true } };
const section = '/webhooks';
const PER_PAGE = 50;
const logQuery = z.object({ state: z.enum(DELIVERY_STATES).optional(), cursor: paging.cursor });
const replayQuery = z.object({ delivery: plain(100).optional() });
/** All that ever failed. */
const EVER = '1970-01-01T00:00:00Z';

interface Params {
  readonly Params: { readonly id: string };
}

export function webhookPages(app: FastifyInstance, { webhooks }: ApiParts): void {
  app.get(section, hidden, async (_request, reply) =>
    sendPage(reply, {
      title: 'Webhooks',
      section,
      body: endpointsPage(await webhooks.list()),
    }),
  );

  app.get<Params>(`${section}/:id`, hidden, async ({ params, query }, reply) => {
    const filter = readQuery(logQuery, query);
    const endpoint = await webhooks.get(params.id);
    const log = await webhooks.deliveries(params.id, { ...filter, limit: PER_PAGE });
    return sendPage(reply, {
      title: 'Webhook',
      section,
      body: endpointPage(endpoint, log, filter),
    });
  });

  app.post<Params>(`${section}/:id/replay`, hidden, async ({ params, query }, reply) => {
    const { delivery } = readQuery(replayQuery, query);
    await webhooks.replay(params.id, delivery ? { deliveryId: delivery } : { since: EVER });
    return reply.redirect(pathOf(params.id), 303);
  });

  app.post<Params>(`${section}/:id/enable`, hidden, async ({ params }, reply) => {
    await webhooks.change(params.id, { enabled: true });
    return reply.redirect(pathOf(params.id), 303);
  });
}

const pathOf = (id: string): string => `${section}/${encodeURIComponent(id)}`;

const endpointsPage = (endpoints: readonly WebhookEndpoint[]): Html => html`<h1>Webhooks</h1>
${
  endpoints.length > 0
    ? html`<p class="soft">Addresses that are told what happens, in signed messages.</p><ol class="rows">${endpoints.map(row)}</ol>`
    : html`<div class="empty"><p>Nobody is told of events yet.</p>
<pre>embedkeep webhooks add https://hooks.example/embedkeep</pre></div>`
}`;

const row = (endpoint: WebhookEndpoint): Html => html`<li>
<div>${stateOf(endpoint)} <a href="${pathOf(endpoint.id)}"><bdi>${endpoint.url}</bdi></a></div>
${endpoint.description && html`<div><bdi>${endpoint.description}</bdi></div>`}
<div class="soft small">${filterOf(endpoint)} · ${plural(endpoint.waiting, 'delivery', 'deliveries')} waiting · ${endpoint.failed.toLocaleString('en')} given up</div>
</li>`;

/** The words of the run states, so that the colours mean the same. */
const stateOf = ({ state, failingSince }: WebhookEndpoint): Html => {
  if (state === 'disabled') return html`<span class="tag failed">disabled</span>`;
  return failingSince
    ? html`<span class="tag waiting">failing</span>`
    : html`<span class="tag done">enabled</span>`;
};

const filterOf = ({ types, host, tag }: WebhookEndpoint): Content => [
  types.length > 0 ? `told of ${types.join(', ')}` : 'told of everything',
  host && html` on <bdi>${host}</bdi>`,
  tag && html`, tagged <bdi class="tag">${tag}</bdi>`,
];

type Log = Awaited<ReturnType<WebhookDesk['deliveries']>>;
interface Filter {
  readonly state?: string;
  readonly cursor?: string;
}

function endpointPage(endpoint: WebhookEndpoint, log: Log, filter: Filter): Html {
  const { id, disabledReason, failingSince, failed, secrets } = endpoint;
  return html`<h1><bdi>${endpoint.url}</bdi></h1>
<p>${stateOf(endpoint)} ${filterOf(endpoint)}</p>
${
  endpoint.state === 'disabled' &&
  html`<div class="note bad"><p>Nothing is sent: ${disabledReason}.</p>
<form method="post" action="${pathOf(id)}/enable"><button>Enable again</button></form></div>`
}
${failingSince && html`<div class="note"><p>No attempt has succeeded since ${instant(failingSince)}.</p></div>`}
<dl>
<dt>Id</dt><dd class="mono">${id}</dd>
<dt>Registered</dt><dd>${instant(endpoint.createdAt)}</dd>
<dt>Signed with</dt><dd>${secrets.map(
    ({ hint, validUntil }, at) =>
      html`${at > 0 && ' and '}<span class="mono">${hint}</span>${validUntil && html` until ${instant(validUntil)}`}`,
  )}</dd>
<dt>Looked at</dt><dd>every event up to ${endpoint.position.toLocaleString('en')}</dd>
</dl>
<h2>Deliveries</h2>
${
  failed > 0 &&
  html`<form method="post" action="${pathOf(id)}/replay"><button>Send the ${plural(failed, 'failed delivery', 'failed deliveries')} again</button></form>`
}
${stateForm(id, filter)}
${
  log.items.length > 0
    ? html`<ol class="rows">${log.items.map((delivery) => deliveryRow(delivery))}</ol>`
    : html`<div class="empty"><p>${filter.state || filter.cursor ? 'No delivery matches.' : 'Nothing has happened yet that it is told of.'}</p></div>`
}
${pages(id, log.next, filter)}`;
}

const stateForm = (
  id: string,
  { state }: Filter,
): Html => html`<form class="search" action="${pathOf(id)}">
<label class="unseen" for="state">State</label>
<select id="state" name="state">
<option value="">Any state</option>
${DELIVERY_STATES.map((name) => html`<option${name === state && html` selected`}>${name}</option>`)}
</select>
<button>Filter</button>
</form>`;

function deliveryRow(delivery: WebhookDelivery): Html {
  const { id, state, type, event, attempts, status, code, message, response } = delivery;
  const said = response || message;
  return html`<li class="group"><div>
<div><span class="tag ${COLOUR[state]}">${state}</span> <span class="mono">${type}</span> <span class="soft">event ${event.toLocaleString('en')}</span></div>
<div class="soft small">${plural(attempts, 'attempt')}${
    delivery.lastAttemptAt && html`, the last ${instant(delivery.lastAttemptAt, 's')}`
  }${(status ?? code) !== null && html`: <span class="mono">${status ?? code}</span>`}${
    delivery.nextAt && html` · next ${instant(delivery.nextAt, 's')}`
  }</div>
${said && html`<div class="small"><bdi>${said.slice(0, 200)}</bdi></div>`}
<div class="small mono soft">${id}</div>
</div>
${
  state !== 'withheld' &&
  html`<form method="post" action="${pathOf(delivery.endpointId)}/replay?delivery=${id}"><button>Send again<span class="unseen"> delivery ${id}</span></button></form>`
}</li>`;
}

const COLOUR: Readonly<Record<WebhookDelivery['state'], string>> = {
  waiting: 'waiting',
  delivered: 'done',
  failed: 'failed',
  withheld: '',
};

function pages(id: string, next: string | null, { state, cursor }: Filter): Html | false {
  if (!(next || cursor)) return false;
  const address = (query: object): string =>
    `${pathOf(id)}?${new URLSearchParams(defined(query) as Record<string, string>)}`;
  return html`<nav class="pages" aria-label="Pages">
<span>${cursor && html`<a href="${address({ state })}">Newest</a>`}</span>
<span>${next && html`<a rel="next" href="${address({ state, cursor: next })}">Older deliveries</a>`}</span>
</nav>`;
}
