/** Dead letters as a workbench: what failed for good by host and reason, and back to the queue as a group. */
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { EmbedkeepError, type ErrorCode, errors } from '../../errors.ts';
import type { RetryFilter, Run } from '../../ledger.ts';
import { enqueueAccepted } from '../enqueue.ts';
import { defined } from '../filters.ts';
import type { ApiParts } from '../parts.ts';
import { plain } from '../query.ts';
import { deadGroup, replaySource, run } from '../schemas.ts';
import { ARTICLE_ID } from './articles.ts';

const tags = ['dead letters'];
const code = z
  .string()
  .refine((text) => Object.hasOwn(errors, text), { error: 'not an error code of embedkeep' })
  .meta({ example: 'BOT_CHALLENGE' });
const time = z.iso.datetime({
  offset: true,
  error: 'a time as RFC 3339, e.g. 2026-11-22T00:00:00Z',
});
const chosen = {
  host: plain(255).optional(),
  code: code.optional(),
  shape: plain(100).optional().meta({ description: 'Of the kept page, as the groups show it.' }),
  since: time.optional().meta({ description: 'Failed at or after.' }),
  until: time.optional().meta({ description: 'Failed before.' }),
};
/** What the ledger takes in one transaction. */
const MOST_AT_ONCE = 10_000;

const dropChoice = z.strictObject({
  ...chosen,
  articleId: z.string().regex(ARTICLE_ID, { error: 'the id of an article' }).optional(),
  limit: z.int().min(1).max(MOST_AT_ONCE).optional(),
  all: z.boolean().optional().meta({ description: 'Needed where nothing else is chosen.' }),
  dryRun: z.boolean().optional().meta({ description: 'Only say how many it would be.' }),
});
const retryChoice = dropChoice.extend({
  from: replaySource.optional().meta({
    description:
      'bytes: read the kept page, without fetching; articles without one are left. network: fetch again. Default: as the error code says, see README.',
  }),
});
type Choice = z.infer<typeof retryChoice>;

const handled = z.object({ matched: z.int(), items: z.array(run).readonly() });
const upTo = `at most 10,000 a call, the oldest first. Call again until \`matched\` is 0.`;

export const deadRoutes: FastifyPluginCallbackZod<ApiParts> = (app, parts, done) => {
  app.get(
    '/v1/dead',
    {
      schema: {
        operationId: 'listDead',
        tags,
        summary: 'What failed for good, grouped by host, error code and shape of the kept page',
        description:
          'The articles of a group: `GET /v1/articles?state=failed&host=…&error=…&shape=…`; one with its reason: `GET /v1/articles/{id}`.',
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
        description: `Where reading the page failed, the kept page is read again and nothing is fetched. By host, code, shape, time or one article; ${upTo}`,
        body: retryChoice,
        response: { 200: handled, 202: handled },
      },
    },
    async ({ body, log }, reply) => {
      const answer = await retryDead(body, parts, log);
      return reply.code(answer.items.length > 0 ? 202 : 200).send(answer);
    },
  );

  app.post(
    '/v1/dead/drop',
    {
      schema: {
        operationId: 'dropDead',
        tags,
        summary: 'Give failed articles up: they are no longer listed as dead',
        description: `What was kept of them stays, and an event says who was dropped. One that was dropped comes back by its own retry. By host, code, shape, time or one article; ${upTo}`,
        body: dropChoice,
        response: { 200: handled },
      },
    },
    ({ body }) => dropDead(body, parts),
  );
  done();
};

type Log = Parameters<typeof enqueueAccepted>[2];

export const retryDead = (body: Choice, parts: ApiParts, log: Log) =>
  handle(body, parts, async (filter) => {
    const runs = await parts.ledger.retry(filter);
    await enqueueAccepted(runs, parts.enqueue, log);
    return runs;
  });

export const dropDead = (body: Choice, parts: ApiParts) =>
  handle(body, parts, (filter) => parts.ledger.drop(filter));

async function handle(
  { dryRun, all, ...chosenNow }: Choice,
  { reader }: Pick<ApiParts, 'reader'>,
  act: (filter: RetryFilter) => Promise<readonly Run[]>,
): Promise<z.infer<typeof handled>> {
  const { limit: _, from, ...filter } = defined(chosenNow);
  if (Object.keys(filter).length === 0 && !all) {
    throw new EmbedkeepError(
      'PAYLOAD_INVALID',
      'Name a host, code, shape, time or articleId, or say all: true.',
    );
  }
  const groups = await reader.deadGroups(filter);
  const matched = groups.reduce(
    (sum, group) => sum + (from === 'bytes' ? group.kept : group.articles),
    0,
  );
  // The schema has looked the code up.
  const order = defined(chosenNow) as RetryFilter & { code?: ErrorCode };
  return { matched, items: dryRun || matched === 0 ? [] : await act(order) };
}
