/** Preserved posts: search, one with every sighting, and the whole as a file. */
import { Readable } from 'node:stream';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { CSV_TYPE, csvOf, EXPORT_SCHEMA, JSONL_TYPE, jsonlOf } from '../../export-rows.ts';
import type { PostDetail } from '../../reader.ts';
import { counted, told } from '../exported.ts';
import { defined } from '../filters.ts';
import type { ApiParts, ExportFormat } from '../parts.ts';
import { paging, plain, postFilter } from '../query.ts';
import { page, postDetail, postRow } from '../schemas.ts';
import { gathered } from '../streamed.ts';
import { notKept } from './articles.ts';

const tags = ['posts'];

const postAddress = z.object({
  platform: z.string().meta({ example: 'x' }),
  id: z.string().meta({ description: 'Percent-encoded where it holds a slash.' }),
});

export const postRoutes: FastifyPluginCallbackZod<ApiParts> = (app, parts, done) => {
  const formats = formatsOf(parts);
  app.get(
    '/v1/posts',
    {
      schema: {
        operationId: 'listPosts',
        tags,
        summary: 'Preserved posts, newest first',
        querystring: z.strictObject({ ...postFilter, ...paging }),
        response: { 200: page(postRow) },
      },
    },
    ({ query }) => parts.reader.posts(defined(query)),
  );

  app.get(
    '/v1/posts/:platform/:id',
    {
      schema: {
        operationId: 'showPost',
        tags,
        summary: 'A post with every sighting: in which capture, at which bytes, by which rule',
        params: postAddress,
        response: { 200: postDetail },
      },
    },
    ({ params }) => findPost(params, parts),
  );

  app.get(
    '/v1/export',
    {
      schema: {
        operationId: 'exportPosts',
        tags,
        summary: 'All posts that match, as JSON lines or CSV',
        description:
          'JSONL: a post with its sightings per line. CSV: a row per sighting, safe to open in a spreadsheet ' +
          '(a cell that could be a formula starts with an apostrophe). ' +
          'Streamed; where it breaks off, the connection is cut instead of ended. ' +
          'Each is an `exported` event of the chain, with filter, numbers and the digest of what was sent.',
        querystring: z.strictObject({
          format: z.enum(Object.keys(formats)).default('jsonl'),
          ...postFilter,
        }),
      },
    },
    ({ query: { format, ...given } }, reply) => {
      const { mediaType, schema, of } = formats[format] ?? formats.jsonl;
      const filter = defined(given);
      const tally = { posts: 0, captures: null };
      const sent = told(gathered(of(filter, tally)), {
        asked: { format, schema, filter },
        tally,
        noteExport: parts.upkeep.noteExport,
        onLost: (err) =>
          reply.log.error({ err }, 'an export that was broken off is not in the chain'),
      });
      return reply
        .type(mediaType)
        .header('content-disposition', `attachment; filename="embedkeep-posts.${format}"`)
        .header('embedkeep-export-schema', schema)
        .send(Readable.from(sent, { objectMode: false }));
    },
  );
  done();
};

type Formats = Readonly<Record<string, ExportFormat>> & { readonly jsonl: ExportFormat };

const formatsOf = ({ reader, formats }: ApiParts): Formats => ({
  ...formats,
  jsonl: {
    ...{ mediaType: JSONL_TYPE, schema: EXPORT_SCHEMA },
    of: (filter, tally) => jsonlOf(counted(reader.exportPosts(filter), tally)),
  },
  csv: {
    ...{ mediaType: CSV_TYPE, schema: EXPORT_SCHEMA },
    of: (filter, tally) => csvOf(counted(reader.exportPosts(filter), tally)),
  },
});

const address = z.object({ platform: plain(40), id: plain(1000) });

export async function findPost(
  given: { platform: string; id: string },
  { reader }: Pick<ApiParts, 'reader'>,
): Promise<PostDetail> {
  const { success } = address.safeParse(given);
  return (success ? await reader.post(given.platform, given.id) : null) ?? notKept('post');
}
