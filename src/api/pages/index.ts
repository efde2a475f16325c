/** The archive's pages for people: server-rendered, without scripts, from the same readers as the API. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { toFailure } from '../../errors.ts';
import type { SightingRow } from '../../reader.ts';
import type { ApiParts } from '../parts.ts';
import { articleFilter, paging, postFilter } from '../query.ts';
import { findArticle, retryArticle } from '../routes/articles.ts';
import { takenDown } from '../routes/captures.ts';
import { dropDead, retryDead } from '../routes/dead.ts';
import { findPost } from '../routes/posts.ts';
import { archivePage } from './archive.ts';
import { articlePage } from './article.ts';
import { articlesPage } from './articles.ts';
import { failuresPage } from './failures.ts';
import { articlePath, platformName } from './format.ts';
import { sendPage } from './layout.ts';
import { type Evidence, postPage } from './post.ts';
import { readQuery } from './query.ts';
import { favicon, STYLE_PATH, style } from './style.ts';
import { webhookPages } from './webhooks.ts';

const POSTS_PER_PAGE = 25;
const hidden = { schema: { hide: true } };

const postQuery = z.object({ ...postFilter, cursor: paging.cursor });
const articleQuery = z.object({ ...articleFilter, cursor: paging.cursor });

export function archivePages(app: FastifyInstance, parts: ApiParts): void {
  const { reader } = parts;
  assets(app);

  app.get('/', hidden, async ({ query }, reply) => {
    const filter = readQuery(postQuery, query);
    const posts = await reader.posts({ ...filter, limit: POSTS_PER_PAGE });
    const title = 'Preserved posts';
    return sendPage(reply, { title, section: '/', body: archivePage(posts, filter) });
  });

  app.get<{ Params: { platform: string; id: string } }>(
    '/posts/:platform/:id',
    hidden,
    async ({ params }, reply) => {
      const detail = await findPost(params, parts);
      const [newest] = detail.sightings;
      const { author, platform } = detail.post;
      return sendPage(reply, {
        title: `${author.name ?? author.handle ?? 'A post'} on ${platformName(platform)}`,
        body: postPage(detail, newest ? await evidenceOf(newest, parts) : null),
      });
    },
  );

  app.get('/articles', hidden, async ({ query }, reply) => {
    const filter = readQuery(articleQuery, query);
    const articles = await reader.articles({ ...filter, limit: POSTS_PER_PAGE });
    const body = articlesPage(articles, filter);
    return sendPage(reply, { title: 'Articles', section: '/articles', body });
  });

  app.get<{ Params: { id: string } }>('/articles/:id', hidden, async ({ params }, reply) => {
    const detail = await findArticle(params.id, parts);
    const { title, url } = detail.article;
    return sendPage(reply, { title: title ?? url, body: articlePage(detail) });
  });

  app.get('/failures', hidden, async (_request, reply) => {
    const body = failuresPage(await reader.deadGroups({}));
    return sendPage(reply, { title: 'Failures', section: '/failures', body });
  });

  webhookPages(app, parts);
  forms(app, parts);
}

const groupQuery = z.strictObject({
  host: postFilter.articleHost,
  code: articleFilter.error,
  shape: articleFilter.shape,
});

/** Buttons. Their forms have no fields: what is meant stands in the address, a body is not looked at. */
function forms(app: FastifyInstance, parts: ApiParts): void {
  app.addContentTypeParser('application/x-www-form-urlencoded', (_request, body, done) => {
    body.resume();
    done(null);
  });
  app.post<{ Params: { id: string } }>(
    '/articles/:id/retry',
    hidden,
    async ({ params, log }, reply) => {
      await retryArticle(params.id, parts, log);
      return reply.redirect(articlePath(params.id), 303);
    },
  );
  app.post('/failures/retry', hidden, async ({ query, log }, reply) => {
    await retryDead(readQuery(groupQuery, query), parts, log);
    return reply.redirect('/failures', 303);
  });
  app.post('/failures/drop', hidden, async ({ query }, reply) => {
    await dropDead(readQuery(groupQuery, query), parts);
    return reply.redirect('/failures', 303);
  });
}

function assets(app: FastifyInstance): void {
  app.get(STYLE_PATH, hidden, (_request, reply) =>
    reply
      .type('text/css; charset=utf-8')
      .header('cache-control', 'private, max-age=31536000, immutable')
      .serializer(String)
      .send(style),
  );
  app.get('/favicon.svg', hidden, (_request, reply) =>
    reply.type('image/svg+xml').serializer(String).send(favicon),
  );
}

/** More of one post than this is no reading matter. */
const MOST_SLICE = 8192;

/** Reads the stored page again and cuts out what the post was read from, so that the claim can be seen. */
async function evidenceOf(sighting: SightingRow, { reader, archive }: ApiParts): Promise<Evidence> {
  const capture = await reader.capture(sighting.captureId);
  const span = sighting.embed.evidence;
  if (capture?.removedAt) {
    return { sighting, capture, slice: { missing: takenDown(capture).message } };
  }
  if (!(capture && span))
    return { sighting, capture, slice: { missing: 'No bytes are recorded.' } };
  try {
    const bytes = await archive.read(capture.stored);
    const end = Math.min(span.end, span.start + MOST_SLICE);
    const text = decoder(capture.charset).decode(bytes.subarray(span.start, end));
    return { sighting, capture, slice: { text: end < span.end ? `${text} …` : text } };
  } catch (thrown) {
    return { sighting, capture, slice: { missing: toFailure(thrown).message } };
  }
}

function decoder(charset: string | null): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(charset ?? 'utf-8');
  } catch {
    return new TextDecoder();
  }
}
