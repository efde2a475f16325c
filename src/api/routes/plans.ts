/** Plans of re-captures: made, listed, paused, removed. */
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { EmbedkeepError } from '../../errors.ts';
import { PLAN_STATES } from '../../plan.ts';
import { LONGEST_SPEC } from '../../plan-spec.ts';
import { enqueueAccepted } from '../enqueue.ts';
import { defined } from '../filters.ts';
import type { ApiParts } from '../parts.ts';
import { id, paging, plain } from '../query.ts';
import { page, plan } from '../schemas.ts';
import { notKept, recordId } from './articles.ts';

const tags = ['plans'];

const newPlan = z
  .strictObject({
    url: z.string().min(1).max(8192).optional(),
    tag: plain(100).optional(),
    plan: z.string().min(1).max(LONGEST_SPEC).meta({
      example: 'every 1h for a day, then daily for a month',
      description:
        'Steps of `every DURATION` or hourly, daily, weekly, monthly, each `for DURATION`.',
    }),
    priority: z.int().min(1).max(1000).optional(),
    caller: plain(64).optional().meta({ description: 'Where the token has a name, that counts.' }),
  })
  .refine(({ url, tag }) => (url === undefined) !== (tag === undefined), {
    error: 'either url or tag',
  });
type NewPlan = z.infer<typeof newPlan>;

export const planRoutes: FastifyPluginCallbackZod<ApiParts> = (app, parts, done) => {
  app.get(
    '/v1/plans',
    {
      schema: {
        operationId: 'listPlans',
        tags,
        summary: 'Plans, newest first',
        querystring: z.strictObject({
          state: z.enum(PLAN_STATES).optional(),
          tag: plain(100).optional(),
          articleId: plain(64).optional(),
          ...paging,
        }),
        response: { 200: page(plan) },
      },
    },
    ({ query }) => parts.plans.list(defined(query)),
  );

  app.post(
    '/v1/plans',
    {
      schema: {
        operationId: 'addPlan',
        tags,
        summary: 'Plan the re-captures of an article, or of all articles with a tag',
        description:
          'The intervals are counted from now. An article is also captured now unless it was lately; a tag takes in articles that get it later. ' +
          'One plan a target: the same again changes nothing, another takes its place. 422 PLAN_INVALID names the character.',
        body: newPlan,
        response: { 200: plan },
      },
    },
    async ({ body, caller, log }) => {
      const { tag, plan: spec, priority } = body;
      const who = caller ?? body.caller;
      if (tag === undefined) return await planArticle(body, { who, parts, log });
      return await parts.plans.add({ tag, spec, ...defined({ priority, caller: who }) });
    },
  );

  app.get(
    '/v1/plans/:id',
    {
      schema: {
        operationId: 'showPlan',
        tags,
        summary: 'A plan: when its next capture is due',
        params: id,
        response: { 200: plan },
      },
    },
    async ({ params }) => (await parts.plans.show(recordId(params.id))) ?? notKept('plan'),
  );

  const changes = {
    pause: 'Hold a plan',
    resume: 'Go on with a plan that was held; what was due meanwhile is not made up for',
    remove: 'End a plan; its captures stay',
  } as const;
  for (const [verb, summary] of Object.entries(changes)) {
    app.post(
      `/v1/plans/:id/${verb}`,
      {
        schema: {
          operationId: `${verb}Plan`,
          tags,
          summary,
          params: id,
          response: { 200: plan },
        },
      },
      ({ params }) => parts.plans.change(recordId(params.id), verb as keyof typeof changes),
    );
  }
  done();
};

interface From {
  readonly who: string | undefined;
  readonly parts: ApiParts;
  readonly log: Parameters<typeof enqueueAccepted>[2];
}

/** An order like any other, that has a plan. @throws EmbedkeepError URL_INVALID, PLAN_INVALID */
async function planArticle({ url = '', plan: spec, priority }: NewPlan, { who, parts, log }: From) {
  const order = { url, plan: spec, ...defined({ priority, caller: who }) };
  const checked = parts.checkOrders([order]);
  const [answer] = await parts.ledger.accept(checked);
  if (!answer?.articleId || !answer.runId) {
    throw new EmbedkeepError(answer?.reason?.code ?? 'INTERNAL', answer?.reason?.message);
  }
  if (answer.status === 'accepted') {
    await enqueueAccepted([{ id: answer.runId, url, priority: priority ?? 0 }], parts.enqueue, log);
  }
  const plans = await parts.plans.ofArticle(answer.articleId);
  return plans.find(({ kind }) => kind === 'article') ?? notKept('plan');
}
