/** OpenAPI 3.1 from the schemas of the routes, at /openapi.json, and a page to browse it at /docs. */
import { STATUS_CODES } from 'node:http';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import {
  createJsonSchemaTransform,
  createJsonSchemaTransformObject,
} from 'fastify-type-provider-zod';
import { toJSONSchema } from 'zod';
import { orderSchema } from '../article-job.ts';
import { webhookMessageSchema } from '../webhook.ts';
import { DOCS_POLICY } from './headers.ts';
import { BODIES, CONTENTS, PARAMETERS, WEBHOOKS } from './openapi-bodies.ts';
import { problemSchema } from './problems.ts';

/** `.readonly()` is there for the compiler; in OpenAPI `readOnly` means something else. */
const zodToJsonConfig = {
  override: ({ jsonSchema }: { jsonSchema: Record<string, unknown> }) => {
    delete jsonSchema['readOnly'];
    if (jsonSchema['minimum'] === Number.MIN_SAFE_INTEGER) delete jsonSchema['minimum'];
    if (jsonSchema['maximum'] === Number.MAX_SAFE_INTEGER) delete jsonSchema['maximum'];
  },
};

const transform = createJsonSchemaTransform({ zodToJsonConfig });
const transformObject = createJsonSchemaTransformObject({ zodToJsonConfig });

type Loose = Record<string, unknown>;

export async function documentation(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'embedkeep',
        version,
        description:
          'Keeps the social posts that news articles embed. Order captures with `POST /v1/articles`, ' +
          'follow them with `GET /v1/articles`, read what was preserved with `GET /v1/posts`. ' +
          'Errors are problem details (RFC 9457) whose `code` never changes its meaning.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer' },
          basic: { type: 'http', scheme: 'basic', description: 'Any user; the token as password.' },
        },
      },
      security: [{ bearer: [] }, { basic: [] }],
      tags: [
        { name: 'articles', description: 'Order captures and follow them.' },
        { name: 'plans', description: 'Captures that come again by themselves.' },
        { name: 'dead letters', description: 'What failed for good, until it is handled.' },
        { name: 'posts', description: 'What was preserved.' },
        { name: 'captures', description: 'The evidence.' },
        { name: 'webhooks', description: 'Being told of what happens (Standard Webhooks).' },
        { name: 'takedowns', description: 'Removal, and the holds that forbid it.' },
        { name: 'operations', description: 'For those who run it.' },
      ],
    },
    transform,
    transformObject: (document) =>
      completed(transformObject(document) as unknown as Loose) as never,
  });
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: DOCS_POLICY,
    // The validator badge is a picture of a third party.
    uiConfig: { validatorUrl: null, deepLinking: true, layout: 'BaseLayout' },
    theme: { title: 'embedkeep API' },
  });
}

/** What zod cannot say: bodies of several media types, downloads, the problem that any call may answer. */
function completed(document: Loose): Loose {
  const paths = document['paths'] as Record<string, Record<string, Loose>>;
  const components = document['components'] as { schemas: Loose };
  components.schemas['Problem'] ??= toJSONSchema(problemSchema);
  components.schemas['Order'] = toJSONSchema(orderSchema);
  components.schemas['WebhookMessage'] = toJSONSchema(webhookMessageSchema);
  document['webhooks'] = WEBHOOKS;
  for (const operation of Object.values(paths).flatMap((path) => Object.values(path))) {
    const name = String(operation['operationId']);
    const responses = operation['responses'] as Loose;
    if (name in BODIES) operation['requestBody'] = BODIES[name];
    if (name in PARAMETERS) operation['parameters'] = PARAMETERS[name];
    for (const [status, response] of Object.entries(responses)) {
      responses[status] = {
        ...(response as Loose),
        description: STATUS_CODES[status] ?? 'An answer',
      };
    }
    Object.assign(responses, CONTENTS[name]);
    responses['default'] ??= { description: 'Problem details (RFC 9457)', content: PROBLEM };
    if (name === 'health' || name === 'readiness') operation['security'] = [];
  }
  dropUnused(document, components.schemas);
  return document;
}

/** Every named schema comes as answer and as input; most are only ever one of them. */
function dropUnused(document: Loose, schemas: Loose): void {
  for (const name of Object.keys(schemas).filter((key) => key.endsWith('Input'))) {
    if (!JSON.stringify(document['paths']).includes(`schemas/${name}"`)) delete schemas[name];
  }
}

const PROBLEM = {
  'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
};
