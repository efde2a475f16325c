/** The contracts with producers and receivers in other languages, as JSON Schema 2020-12; committed in schemas/. */
import { z } from 'zod';
import { INTAKE_QUEUE, intakeJobSchema } from './article-job.ts';
import { webhookMessageSchema } from './webhook.ts';

/** JavaScript's own bounds say nothing to others. */
const override = ({ jsonSchema }: { jsonSchema: Record<string, unknown> }): void => {
  if (jsonSchema['minimum'] === Number.MIN_SAFE_INTEGER) delete jsonSchema['minimum'];
  if (jsonSchema['maximum'] === Number.MAX_SAFE_INTEGER) delete jsonSchema['maximum'];
};

/** File name to schema. */
export const jsonSchemas = (): Readonly<Record<string, object>> => ({
  'article-job.schema.json': {
    title: 'embedkeep article job',
    description:
      `Data of a BullMQ job on the queue ${INTAKE_QUEUE}, whatever its name: one order to capture an article. ` +
      'A job with a higher `v` than a worker knows is left to a newer worker.',
    ...z.toJSONSchema(intakeJobSchema, { io: 'input', override }),
  },
  'webhook-message.schema.json': {
    title: 'embedkeep webhook message',
    description: 'The body of a webhook, signed as Standard Webhooks says.',
    ...z.toJSONSchema(webhookMessageSchema, { override }),
  },
});
