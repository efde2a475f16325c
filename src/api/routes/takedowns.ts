/** Takedowns, retention, and the legal holds that forbid both. */
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { JSONL_TYPE } from '../../export-rows.ts';
import { postKey } from '../../post-key.ts';
import { defined } from '../filters.ts';
import type { ApiParts } from '../parts.ts';
import { plain } from '../query.ts';
import { linesOf, streamed } from '../streamed.ts';

const tags = ['takedowns'];
const reason = plain(1000).meta({ description: 'Goes into the event chain, for good.' });

const removal = z
  .strictObject({
    captureId: plain(100).optional(),
    platform: plain(40).optional(),
    postId: plain(1000).optional(),
    commentId: plain(100).optional().meta({ description: 'Of a comment below that post.' }),
    reason,
    dryRun: z.boolean().optional().meta({ description: 'Only say what would go.' }),
  })
  .refine(
    ({ captureId, platform, postId, commentId }) =>
      captureId === undefined
        ? platform !== undefined && postId !== undefined
        : platform === undefined && postId === undefined && commentId === undefined,
    { error: 'either captureId, or platform and postId' },
  );

const retentionOrder = z.strictObject({
  rules: z.string().max(10_000).optional().meta({
    description: 'Default: the setting RETENTION.',
    example: 'tag:backfill 30d; tag:trial forever; default 2y keep 3',
  }),
  dryRun: z.boolean().optional().meta({ description: 'Only say what would expire.' }),
});

const removed = z.object({
  captures: z.array(z.string()).readonly().meta({ description: 'All whose bytes go with it.' }),
  sightings: z.int(),
  isDryRun: z.boolean(),
});

const target = {
  kind: z.enum(['article', 'capture', 'post', 'tag']),
  target: plain(1100).meta({
    description: 'Article or capture id, `platform/id` of a post, a tag.',
    example: 'x/1431500000000000000',
  }),
};
const hold = z
  .object({
    ...target,
    reason: z.string(),
    heldAt: z.string(),
    releasedAt: z.string().nullable().meta({ description: 'Null while it stands.' }),
  })
  .meta({ id: 'Hold' });
const holds = z.object({ items: z.array(hold).readonly() });

export const retentionRoute: FastifyPluginCallbackZod<ApiParts> = (app, { upkeep }, done) => {
  app.post(
    '/v1/retention',
    {
      schema: {
        operationId: 'retain',
        tags,
        summary: 'Let captures expire whose time has come, or say which would',
        description:
          'Streams a JSON line per capture: its rule, and whether it expired or a hold protects it. Bytes and words go, ' +
          'digests and a tombstone with the rule stay. Hanging up ends the work; asking again goes on.',
        body: retentionOrder,
      },
    },
    ({ body }, reply) =>
      reply.type(JSONL_TYPE).send(streamed(linesOf(upkeep.retain(defined(body))))),
  );
  done();
};

export const takedownRoutes: FastifyPluginCallbackZod<ApiParts> = (app, { upkeep }, done) => {
  const all = async () => ({ items: await upkeep.holds() });

  app.post(
    '/v1/removals',
    {
      schema: {
        operationId: 'remove',
        tags,
        summary: 'Take a post or a capture down: words and bytes go, digests and a tombstone stay',
        description:
          'A capture goes with every other that rests on the same bytes; a post takes the bytes of every page that shows it along. 409 LEGAL_HOLD where a hold protects any of it.',
        body: removal,
        response: { 200: removed },
      },
    },
    ({ body: { captureId, platform = '', postId = '', commentId, ...order } }) =>
      upkeep.remove({
        ...defined(order),
        target:
          captureId === undefined
            ? { platform, postId: postKey({ postId, commentId }) }
            : { captureId },
      }),
  );

  app.get(
    '/v1/holds',
    {
      schema: {
        operationId: 'listHolds',
        tags,
        summary: 'Legal holds, lifted ones too',
        response: { 200: holds },
      },
    },
    all,
  );

  app.post(
    '/v1/holds',
    {
      schema: {
        operationId: 'hold',
        tags,
        summary: 'Protect an article, a capture, a post or a tag from removal',
        body: z.strictObject({ ...target, reason }),
        response: { 200: holds },
      },
    },
    async ({ body }) => {
      await upkeep.hold(body);
      return await all();
    },
  );

  app.post(
    '/v1/holds/release',
    {
      schema: {
        operationId: 'releaseHold',
        tags,
        summary: 'Lift a hold',
        body: z.strictObject(target),
        response: { 200: holds },
      },
    },
    async ({ body }) => {
      await upkeep.release(body);
      return await all();
    },
  );
  done();
};
