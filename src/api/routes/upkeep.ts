/** What operators have done to the store: parse stored captures again, back up, verify, collect garbage. */
import { isAbsolute } from 'node:path';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { JSONL_TYPE } from '../../export-rows.ts';
import { defined } from '../filters.ts';
import type { ApiParts } from '../parts.ts';
import { plain } from '../query.ts';
import { linesOf, streamed } from '../streamed.ts';

const tags = ['operations'];

const reparseOrder = z.strictObject({
  host: plain(255).optional(),
  since: z.iso
    .datetime({ offset: true, error: 'a time as RFC 3339, e.g. 2026-11-22T00:00:00Z' })
    .optional()
    .meta({ description: 'Captures fetched at or after this time.' }),
  parserBelow: plain(40)
    .optional()
    .meta({ description: 'Only captures last read by an older parser than this.' }),
  dryRun: z.boolean().optional().meta({ description: 'Say what would change, write nothing.' }),
});

const backupOrder = z.strictObject({
  dir: plain(4096)
    .refine(isAbsolute, { error: 'an absolute path' })
    .meta({ description: 'On the machine of the server; made if missing, refused unless empty.' }),
});

const backupMade = z.object({
  madeAt: z.string(),
  kind: z.enum(['journal', 'tables']),
  chain: z.object({ links: z.int(), hash: z.string() }),
  files: z
    .array(z.object({ path: z.string(), size: z.int(), sha256: z.string() }))
    .readonly()
    .meta({ description: 'As in the `manifest.json` of the backup.' }),
});

const garbage = z
  .object({
    location: z.string(),
    offset: z.int(),
    length: z.int(),
    url: z.string(),
    answeredAt: z.string().nullable(),
    isOldEnough: z
      .boolean()
      .meta({ description: 'A commit may still be on its way to a young one.' }),
    isErased: z.boolean(),
  })
  .meta({ id: 'Garbage' });

const verified = z.object({
  ok: z.boolean().meta({ description: 'Nothing is damaged.' }),
  target: z.string(),
  checked: z.record(z.string(), z.int()),
  holds: z.array(z.string()).readonly().meta({ description: 'What holds, a sentence each.' }),
  findings: z
    .array(
      z.object({
        severity: z.enum(['damage', 'note']),
        code: z.string(),
        where: z.string(),
        what: z.string(),
      }),
    )
    .readonly()
    .meta({ description: 'The first thousand.' }),
  damages: z.int(),
  notes: z.int(),
});

export const upkeepRoutes: FastifyPluginCallbackZod<ApiParts> = (app, { upkeep }, done) => {
  app.post(
    '/v1/reparse',
    {
      schema: {
        operationId: 'reparse',
        tags,
        summary: "Read stored captures with today's parser, without fetching",
        description:
          'Streams a JSON line per capture with what was gained, lost and changed, field by field. ' +
          'Hanging up ends the work; asking again goes on where it was.',
        body: reparseOrder,
      },
    },
    ({ body }, reply) =>
      reply.type(JSONL_TYPE).send(streamed(linesOf(upkeep.reparse(defined(body))))),
  );

  app.post(
    '/v1/backup',
    {
      schema: {
        operationId: 'backup',
        tags,
        summary: 'Copy the whole store to a directory of the server, while it works',
        body: backupOrder,
        response: { 200: backupMade },
      },
    },
    ({ body }) => upkeep.backup(body.dir),
  );

  app.post(
    '/v1/gc',
    {
      schema: {
        operationId: 'collectGarbage',
        tags,
        summary: 'Bodies that no capture names: listed, and erased once they are a week old',
        description:
          'Left by a worker that died before its commit. What a capture rests on is never touched.',
        body: z.strictObject({
          dryRun: z.boolean().optional().meta({ description: 'Only list them.' }),
        }),
        response: { 200: z.object({ items: z.array(garbage).readonly() }) },
      },
    },
    async ({ body }) => ({ items: await upkeep.collectGarbage(defined(body)) }),
  );

  app.get(
    '/v1/verify',
    {
      schema: {
        operationId: 'verify',
        tags,
        summary: 'Check every digest and the event chain, while the store works',
        description:
          'Reads everything that is kept, so it may take long. `ok` is false on any damage.',
        response: { 200: verified },
      },
    },
    () => upkeep.verify(),
  );
  done();
};
