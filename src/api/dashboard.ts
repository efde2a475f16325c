/** bull-board at /dashboard: the queues as BullMQ sees them, on Redis and on Postgres alike. */
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import type { IServerAdapter } from '@bull-board/api/typings/app';
import { FastifyAdapter } from '@bull-board/fastify';
import type { Queue } from 'bullmq';
import type { FastifyInstance } from 'fastify';
import { EmbedkeepError } from '../errors.ts';
import { DASHBOARD_POLICY } from './headers.ts';
import type { ApiParts } from './parts.ts';
import { toProblem } from './problems.ts';

const PATH = '/dashboard';
/** Its page asks Google for a font; the policy would stop that, but a blocked request is still a try. */
const THIRD_PARTY = /<link[^>]+href="https?:\/\/[^>]*>/g;

type Answer = Parameters<FastifyAdapter['setErrorHandler']>[0];

/** bull-board answers every error as its own, with 500; what the guard refuses stays a 401 or 403. */
class Board extends FastifyAdapter {
  override setErrorHandler(theirs: Answer): this {
    return super.setErrorHandler((thrown) => {
      if (!(thrown instanceof EmbedkeepError)) return theirs(thrown);
      const body = toProblem(thrown);
      // Its type lists only the statuses that it sends itself.
      return { status: body.status as 403, body: { ...body } };
    });
  }
}

/** The embedded database has one session for all, so BullMQ cannot tell who works: "not known" is shown, not "none". */
class WithoutWorkers extends BullMQAdapter {
  override getWorkers(): Promise<null> {
    return Promise.resolve(null);
  }
}

/** Every job is called `capture`; a person wants to see of what. */
function readable(queue: Queue, isEmbedded: boolean): BullMQAdapter {
  const adapter = isEmbedded ? new WithoutWorkers(queue) : new BullMQAdapter(queue);
  adapter.setFormatter('name', ({ name, data }) => [name, data?.url].filter(Boolean).join(' '));
  return adapter;
}

export async function dashboard(
  app: FastifyInstance,
  { queues, queueIsEmbedded = false }: Pick<ApiParts, 'queues' | 'queueIsEmbedded'>,
): Promise<void> {
  const board = new Board().setBasePath(PATH);
  createBullBoard({
    queues: queues.map((queue) => readable(queue, queueIsEmbedded)),
    // Its methods are declared with `this`, which exactOptionalPropertyTypes cannot match.
    serverAdapter: board as unknown as IServerAdapter,
    options: {
      uiConfig: {
        boardTitle: 'embedkeep',
        boardLogo: { path: '/favicon.svg', width: 24, height: 24 },
        favIcon: { default: '/favicon.svg', alternative: '/favicon.svg' },
        hideDocsLink: true,
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
    await scope.register(board.registerPlugin(), { prefix: PATH });
  });
}
