/** For those who run it: hosts, counts, metrics, health. */
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ApiParts } from '../parts.ts';
import { RUN_STATES } from '../schemas.ts';
import { notKept } from './articles.ts';

const tags = ['operations'];
const HOST = /^(\[[0-9a-f:.]{2,45}\]|[\p{L}\p{N}._-]{1,253})(:\d{1,5})?$/iu;

const count = z.int().nonnegative();
const runCounts = z.object(
  Object.fromEntries(RUN_STATES.map((state) => [state, count])) as Record<
    (typeof RUN_STATES)[number],
    typeof count
  >,
);
const stats = z.object({
  runs: runCounts,
  countedAt: z.iso
    .datetime()
    .describe(
      'When they were counted. An answer that took longer than 0.1 s is given again for 20 times as long.',
    ),
});
const readiness = z.object({
  status: z.enum(['ready', 'not ready']),
  problems: z.array(z.string()).readonly(),
});

export const operationRoutes: FastifyPluginCallbackZod<ApiParts> = (app, parts, done) => {
  app.get(
    '/v1/hosts/:host',
    {
      schema: {
        operationId: 'explainHost',
        tags,
        summary: 'Why a host is asked at its pace, or left alone',
        params: z.object({ host: z.string() }),
        querystring: z.object({
          url: z.url().optional().describe('A page of it: what robots.txt says to that page.'),
        }),
        response: { 200: z.looseObject({}) },
      },
    },
    async ({ params, query }) => {
      const host = params.host.toLowerCase();
      const isItsPage = query.url === undefined || new URL(query.url).host === host;
      const known =
        HOST.test(host) && isItsPage ? await parts.explainHost(host, query.url ?? null) : null;
      return { ...(known ?? notKept('host')) };
    },
  );

  app.get(
    '/v1/stats',
    {
      schema: {
        operationId: 'stats',
        tags,
        summary: 'Runs by state',
        response: { 200: stats },
      },
    },
    async () => {
      const runs = await parts.reader.counts();
      return { runs, countedAt: (parts.countedAt?.() ?? new Date()).toISOString() };
    },
  );

  app.get(
    '/metrics',
    { schema: { operationId: 'metrics', tags, summary: 'Prometheus text format' } },
    async (_request, reply) =>
      reply.type('text/plain; version=0.0.4; charset=utf-8').send(await parts.metrics()),
  );

  app.get(
    '/healthz',
    {
      schema: {
        operationId: 'health',
        tags,
        summary: 'The process is alive (no token needed)',
        response: { 200: z.object({ status: z.literal('ok') }) },
      },
    },
    () => ({ status: 'ok' as const }),
  );

  app.get(
    '/readyz',
    {
      schema: {
        operationId: 'readiness',
        tags,
        summary: 'It could finish a job now; 503 names what is wrong (no token needed)',
        response: { 200: readiness, 503: readiness },
      },
    },
    async (_request, reply) => {
      const { ok, problems } = await parts.ready();
      return reply.code(ok ? 200 : 503).send({ status: ok ? 'ready' : 'not ready', problems });
    },
  );
  done();
};
