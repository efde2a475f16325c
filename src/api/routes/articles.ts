/** Articles and their runs: what became of an order. */
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { EmbedkeepError } from '../../errors.ts';
import type { ArticleDetail } from '../../reader.ts';
import { enqueueAccepted } from '../enqueue.ts';
import { defined } from '../filters.ts';
import type { ApiParts } from '../parts.ts';
import { articleFilter, id, paging } from '../query.ts';
import { articleDetail, articleRow, page, run } from '../schemas.ts';

const tags = ['articles'];

export const articleRoutes: FastifyPluginCallbackZod<ApiParts> = (app, parts, done) => {
  app.get(
    '/v1/articles',
    {
      schema: {
        operationId: 'listArticles',
        tags,
        summary: 'Articles with their latest run, newest first',
        description:
          "This is how a batch's outcome is asked for: `?reference=batch-7&state=failed`.",
        querystring: z.strictObject({ ...articleFilter, ...paging }),
        response: { 200: page(articleRow) },
      },
    },
    ({ query }) => parts.reader.articles(defined(query)),
  );

  app.get(
    '/v1/articles/:id',
    {
      schema: {
        operationId: 'showArticle',
        tags,
        summary: 'An article: runs (state, attempts, why it waits), captures, embeds',
        description: 'The id may also be the percent-encoded URL of the article.',
        params: id,
        response: { 200: articleDetail },
      },
    },
    ({ params }) => findArticle(params.id, parts),
  );

  app.post(
    '/v1/articles/:id/retry',
    {
      schema: {
        operationId: 'retryArticle',
        tags,
        summary: 'Put a failed article back on the queue with a new run',
        description: '409 where its latest run has not failed.',
        params: id,
        response: { 202: z.object({ items: z.array(run).readonly() }) },
      },
    },
    async ({ params, log }, reply) =>
      reply.code(202).send({ items: await retryArticle(params.id, parts, log) }),
  );

  app.get(
    '/v1/runs/:id',
    {
      schema: {
        operationId: 'showRun',
        tags,
        summary: 'A run: how far one order is',
        params: id,
        response: { 200: run },
      },
    },
    async ({ params }) => (await parts.reader.run(recordId(params.id))) ?? notKept('run'),
  );
  done();
};

type Log = Parameters<typeof enqueueAccepted>[2];

/** @throws EmbedkeepError NOT_FOUND, or CONFLICT where nothing of it has failed. */
export async function retryArticle(given: string, parts: ApiParts, log: Log) {
  const { article } = await findArticle(given, parts);
  const runs = await parts.ledger.retry({ articleId: article.id });
  if (runs.length === 0) {
    throw new EmbedkeepError('CONFLICT', 'The latest run of this article has not failed.');
  }
  await enqueueAccepted(runs, parts.enqueue, log);
  return runs;
}

export const ARTICLE_ID = /^[0-9a-f]{64}$/;
const WEB = /^https?:\/\//i;

/** By id, or by URL in any spelling that normalises to the same. */
export async function findArticle(given: string, parts: ApiParts): Promise<ArticleDetail> {
  const articleId = ARTICLE_ID.test(given) ? given : idOfUrl(given, parts);
  const found = articleId === null ? null : await parts.reader.article(articleId);
  return found ?? notKept('article');
}

function idOfUrl(given: string, { checkOrders }: ApiParts): string | null {
  if (!WEB.test(given)) return null;
  const [checked] = checkOrders([{ url: given }]);
  return checked && 'articleId' in checked ? checked.articleId : null;
}

export function notKept(kind: string): never {
  throw new EmbedkeepError('NOT_FOUND', `No ${kind} is kept under this id.`);
}

/** Ids of runs and captures are our own: anything else is not there, and never reaches a query. */
const RECORD_ID = /^[0-9A-Za-z_-]{1,128}$/;
export const recordId = (given: string): string =>
  RECORD_ID.test(given) ? given : notKept('record');
