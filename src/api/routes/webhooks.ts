/** Webhooks: who is told of what, what was delivered, and what is sent again. */
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { DELIVERY_STATES, WEBHOOK_TYPES } from '../../webhook.ts';
import { defined } from '../filters.ts';
import type { ApiParts } from '../parts.ts';
import { id, paging, plain } from '../query.ts';
import { page } from '../schemas.ts';

const tags = ['webhooks'];
const time = z.string().meta({ description: 'RFC 3339, UTC' });
const MOST_OVERLAP_HOURS = 720;
const DEFAULT_OVERLAP_HOURS = 24;
const HOUR_MS = 3_600_000;

const filter = {
  types: z
    .array(z.enum(WEBHOOK_TYPES))
    .max(WEBHOOK_TYPES.length)
    .optional()
    .meta({ description: 'None means all.' }),
  host: plain(255).nullable().optional().meta({ description: 'Only of articles of this host.' }),
  tag: plain(100).nullable().optional().meta({ description: 'Only of runs with this tag.' }),
  description: plain(200).nullable().optional(),
};
const after = z.int().min(0).optional();

const newEndpoint = z.strictObject({
  url: plain(2083).refine(URL.canParse, { error: 'an absolute URL' }),
  ...filter,
  after: after.meta({
    description: 'Told of all events after this one (0: of all there are); default: from now on.',
  }),
});
const change = z.strictObject({
  url: plain(2083).refine(URL.canParse, { error: 'an absolute URL' }).optional(),
  ...filter,
  enabled: z
    .boolean()
    .optional()
    .meta({ description: 'An endpoint that is enabled again goes on where it was.' }),
  after: after.meta({ description: 'Goes on after this event instead.' }),
});

const endpoint = z
  .object({
    id: z.string(),
    url: z.string(),
    description: z.string().nullable(),
    types: z.array(z.string()).readonly(),
    host: z.string().nullable(),
    tag: z.string().nullable(),
    state: z.enum(['enabled', 'disabled']),
    disabledReason: z.string().nullable(),
    secrets: z
      .array(z.object({ hint: z.string(), validUntil: time.nullable() }))
      .readonly()
      .meta({ description: 'Those that sign now, by their last four characters.' }),
    position: z.int().meta({ description: 'Every event up to this one has its delivery.' }),
    failingSince: time.nullable(),
    waiting: z.int().meta({ description: 'Deliveries to be sent.' }),
    failed: z.int().meta({ description: 'Deliveries given up.' }),
    createdAt: time,
  })
  .meta({ id: 'WebhookEndpoint' });
const withSecret = z.object({
  endpoint,
  secret: z.string().meta({ description: 'Shown this once.', example: 'whsec_…' }),
});

const receipt = {
  status: z.int().nullable().meta({ description: 'HTTP status; null where no answer came.' }),
  code: z.string().nullable().meta({ example: 'TIMEOUT_TOTAL' }),
  message: z.string().nullable(),
  response: z.string().nullable().meta({ description: 'The beginning of the answer.' }),
  durationMs: z.number().nullable(),
};
const delivery = z
  .object({
    id: z.string().meta({ description: 'The `webhook-id`.' }),
    endpointId: z.string(),
    event: z.int(),
    type: z.string(),
    at: time,
    state: z.enum(DELIVERY_STATES),
    attempts: z.int(),
    nextAt: time.nullable(),
    lastAttemptAt: time.nullable(),
    ...receipt,
  })
  .meta({
    id: 'WebhookDelivery',
    description: 'One event for one endpoint, and its last attempt.',
  });

const replayOrder = z
  .strictObject({
    deliveryId: plain(100).optional(),
    since: z.iso
      .datetime({ offset: true, error: 'a time as RFC 3339, e.g. 2026-11-22T00:00:00Z' })
      .optional()
      .meta({ description: 'All that failed of events at or after this time.' }),
  })
  .refine(({ deliveryId, since }) => (deliveryId === undefined) !== (since === undefined), {
    error: 'either deliveryId or since',
  });

export const webhookRoutes: FastifyPluginCallbackZod<ApiParts> = (app, { webhooks }, done) => {
  app.get(
    '/v1/webhooks',
    {
      schema: {
        operationId: 'listWebhooks',
        tags,
        summary: 'The endpoints that are told of events',
        response: { 200: z.object({ items: z.array(endpoint).readonly() }) },
      },
    },
    async () => ({ items: await webhooks.list() }),
  );

  app.post(
    '/v1/webhooks',
    {
      schema: {
        operationId: 'addWebhook',
        tags,
        summary: 'Register an endpoint; answers its secret, once',
        description:
          'The address is guarded like that of a page: private ones and odd ports only where ALLOW_PRIVATE_HOSTS names them.',
        body: newEndpoint,
        response: { 201: withSecret },
      },
    },
    async ({ body }, reply) => reply.code(201).send(await webhooks.add(defined(body))),
  );

  app.get(
    '/v1/webhooks/:id',
    {
      schema: {
        operationId: 'showWebhook',
        tags,
        summary: 'One endpoint',
        params: id,
        response: { 200: endpoint },
      },
    },
    ({ params }) => webhooks.get(params.id),
  );

  app.patch(
    '/v1/webhooks/:id',
    {
      schema: {
        operationId: 'changeWebhook',
        tags,
        summary: 'Change address or filter, disable, enable again',
        params: id,
        body: change,
        response: { 200: endpoint },
      },
    },
    ({ params, body }) => webhooks.change(params.id, defined(body)),
  );

  app.delete(
    '/v1/webhooks/:id',
    {
      schema: {
        operationId: 'removeWebhook',
        tags,
        summary: 'Remove an endpoint and its log',
        params: id,
        response: { 204: z.null() },
      },
    },
    async ({ params }, reply) => {
      await webhooks.remove(params.id);
      return reply.code(204).send(null);
    },
  );
  more(app, { webhooks });
  done();
};

type App = Parameters<typeof webhookRoutes>[0];

function more(app: App, { webhooks }: Pick<ApiParts, 'webhooks'>): void {
  app.post(
    '/v1/webhooks/:id/secret',
    {
      schema: {
        operationId: 'rotateWebhookSecret',
        tags,
        summary: 'A new secret; for a while the one before signs too',
        params: id,
        body: z.strictObject({
          overlapHours: z
            .number()
            .min(0)
            .max(MOST_OVERLAP_HOURS)
            .default(DEFAULT_OVERLAP_HOURS)
            .meta({ description: 'How long both are valid; 0 after a leak.' }),
        }),
        response: { 200: withSecret },
      },
    },
    ({ params, body }) => webhooks.rotate(params.id, body.overlapHours * HOUR_MS),
  );

  app.post(
    '/v1/webhooks/:id/test',
    {
      schema: {
        operationId: 'testWebhook',
        tags,
        summary: 'Send a `webhook.test` now; answers what came of it',
        params: id,
        response: { 200: z.object(receipt) },
      },
    },
    ({ params }) => webhooks.test(params.id),
  );

  app.get(
    '/v1/webhooks/:id/deliveries',
    {
      schema: {
        operationId: 'listWebhookDeliveries',
        tags,
        summary: 'What was and will be sent, newest first',
        description: 'Delivered ones are listed for 30 days.',
        params: id,
        querystring: z.strictObject({ state: z.enum(DELIVERY_STATES).optional(), ...paging }),
        response: { 200: page(delivery) },
      },
    },
    ({ params, query }) => webhooks.deliveries(params.id, defined(query)),
  );

  app.post(
    '/v1/webhooks/:id/replay',
    {
      schema: {
        operationId: 'replayWebhook',
        tags,
        summary: 'Send one delivery again, or all that failed since a time',
        description:
          'Under the same `webhook-id`. Those that wait for another try are sent at once. What a takedown took is not sent.',
        params: id,
        body: replayOrder,
        response: { 200: z.object({ replayed: z.int() }) },
      },
    },
    async ({ params, body: { deliveryId, since = '' } }) => ({
      replayed: await webhooks.replay(params.id, deliveryId ? { deliveryId } : { since }),
    }),
  );
}
