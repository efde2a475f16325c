/** bull-board at /dashboard: the queues as BullMQ sees them, on Redis and on Postgres alike. */
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import type { IServerAdapter } from '@bull-board/api/typings/app';
import { FastifyAdapter } from '@bull-board/fastify';
import type { FastifyInstance } from 'fastify';
import { DASHBOARD_POLICY } from './headers.ts';
import type { ApiParts } from './parts.ts';

const PATH = '/dashboard';
/** Its page asks Google for a font; the policy would stop that, but a blocked request is still a try. */
const THIRD_PARTY = /<link[^>]+href="https?:\/\/[^>]*>/g;

export async function dashboard(
  app: FastifyInstance,
  { queues }: Pick<ApiParts, 'queues'>,
): Promise<void> {
  const adapter = new FastifyAdapter().setBasePath(PATH);
  createBullBoard({
    queues: queues.map((queue) => new BullMQAdapter(queue)),
    // Its methods are declared with `this`, which exactOptionalPropertyTypes cannot match.
    serverAdapter: adapter as unknown as IServerAdapter,
    options: {
      uiConfig: {
        boardTitle: 'embedkeep',
        boardLogo: { path: '', width: 0, height: 0 },
        miscLinks: [
          { text: 'Archive', url: '/' },
          { text: 'API', url: '/docs' },
        ],
      },
    },
  });
  await app.register(async (scope) => {
    scope.addHook('onSend', (_request, reply, payload) => {
      reply.header('content-security-policy', DASHBOARD_POLICY);
      return Promise.resolve(
        typeof payload === 'string' ? payload.replace(THIRD_PARTY, '') : payload,
      );
    });
    await scope.register(adapter.registerPlugin(), { prefix: PATH });
  });
}
