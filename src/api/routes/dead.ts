/** Dead letters as a workbench: what failed for good by host and reason, and back to the queue as a group. */
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { EmbedkeepError, type ErrorCode, errors } from '../../errors.ts';
import type { RetryFilter, Run } from '../../ledger.ts';
import { enqueueAccepted } from '../enqueue.ts';
import { defined } from '../filters.ts';
import type { ApiParts } from '../parts.ts';
import { deadGroup, plain, run } from '../schemas.ts';

const tags = ['dead letters'];
const code = z
  .string()
  .refine((text) => Object.hasOwn(errors, text), { error: 'not an error code of embedkeep' })
  .meta({ example: 'BOT_CHALLENGE' });
const chosen = { host: plain(255).optional(), code: code.optional() };
/** What the ledger takes in one transaction. */
const MOST_AT_ONCE = 10_000;

export const retryOrder = z.strictObject({
  ...chosen,
  limit: z.int().min(1).max(MOST_AT_ONCE).optional(),
  all: z.boolean().optional().meta({ description: 'Needed where neither host nor code is given.' }),
  dryRun: z.boolean().optional().meta({ description: 'Only say how many it would be.' }),
});
export type RetryOrder = z.infer<typeof retryOrder>;

export const deadRoutes: FastifyPluginCallbackZod<ApiParts> = (app, parts, done) => {
  app.get(
    '/v1/dead',
    {
      schema: {
        operationId: 'listDead',
        tags,
        summary: 'What failed for good, grouped by host and error code',
        description:
          'The articles of a group: `GET /v1/articles?state=failed&host=…&error=…`; one with its reason: `GET /v1/articles/{id}`.',
        querystring: z.strictObject(chosen),
        response: { 200: z.object({ items: z.array(deadGroup).readonly() }) },
      },
    },
    async ({ query }) => ({ items: await parts.reader.deadGroups(defined(query)) }),
  );

  app.post(
    '/v1/dead/retry',
    {
      schema: {
        operationId: 'retryDead',
        tags,
        summary: 'Put failed articles back on the queue, each with a new run',
        description: `By host, code, or both; at most ${MOST_AT_ONCE.toLocaleString('en')} a call, the oldest first. Call again until \`matched\` is 0.`,
        body: retryOrder,
        response: {
          200: z.object({ matched: z.int(), items: z.array(run).readonly() }),
          202: z.object({ matched: z.int(), items: z.array(run).readonly() }),
        },
      },
    },
    async ({ body, log }, reply) => {
      const answer = await retryDead(body, parts, log);
      return reply.code(answer.items.length > 0 ? 202 : 200).send(answer);
    },
  );
  done();
};

type Log = Parameters<typeof enqueueAccepted>[2];

export async function retryDead(
  { dryRun, all, ...filter }: RetryOrder,
  parts: Pick<ApiParts, 'reader' | 'ledger' | 'enqueue'>,
  log: Log,
): Promise<{ matched: number; items: readonly Run[] }> {
  if (!(filter.host || filter.code || all)) {
    throw new EmbedkeepError('PAYLOAD_INVALID', 'Name a host or a code, or say all: true.');
  }
  const { limit: _, ...which } = defined(filter);
  const groups = await parts.reader.deadGroups(which);
  const matched = groups.reduce((sum, { articles }) => sum + articles, 0);
  if (dryRun) return { matched, items: [] };
  const items = await parts.ledger.retry(defined(filter) as RetryFilter & { code?: ErrorCode });
  await enqueueAccepted(items, parts.enqueue, log);
  return { matched, items };
}
