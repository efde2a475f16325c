/** Captures: the record of a fetch, and its very bytes. */
import type { FastifyReply } from 'fastify';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { EmbedkeepError } from '../../errors.ts';
import type { CaptureRow } from '../../reader.ts';
import type { ApiParts } from '../parts.ts';
import { id } from '../query.ts';
import { capture } from '../schemas.ts';
import { notKept, recordId } from './articles.ts';

const tags = ['captures'];

export const captureRoutes: FastifyPluginCallbackZod<ApiParts> = (app, parts, done) => {
  const find = async (given: string): Promise<CaptureRow> =>
    (await parts.reader.capture(recordId(given))) ?? notKept('capture');

  app.get(
    '/v1/captures/:id',
    {
      schema: {
        operationId: 'showCapture',
        tags,
        summary: 'A capture: what was fetched, when, from where, with its digests',
        params: id,
        response: { 200: capture },
      },
    },
    ({ params }) => find(params.id),
  );

  app.get(
    '/v1/captures/:id/body',
    {
      schema: {
        operationId: 'downloadBody',
        tags,
        summary: 'The bytes of the page, checked against their digest',
        description:
          'Content-Encoding undone. Always a download, never shown: it is the page of a stranger.',
        params: id,
      },
    },
    async ({ params }, reply) => {
      const row = await find(params.id);
      if (row.removedAt) throw takenDown(row);
      const bytes = await parts.archive.read(row.stored);
      return asDownload(reply, row).send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
    },
  );
  done();
};

export const takenDown = ({
  removedAt,
  expiredBy,
}: Pick<CaptureRow, 'removedAt' | 'expiredBy'>): EmbedkeepError =>
  new EmbedkeepError(
    'NOT_FOUND',
    `These bytes ${expiredBy ? `fell to the retention rule \`${expiredBy}\`` : 'were taken down'} on ${removedAt}; their digests stay.`,
  );

/** Nothing of the page's own choosing (type, name) reaches the browser, and no script of it could run. */
function asDownload(reply: FastifyReply, { id: name, stored }: CaptureRow): FastifyReply {
  const digest = Buffer.from(stored.sha256, 'hex').toString('base64');
  return reply
    .type('application/octet-stream')
    .header('content-disposition', `attachment; filename="${name}.html"`)
    .header('x-content-type-options', 'nosniff')
    .header('content-security-policy', "default-src 'none'; sandbox")
    .header('repr-digest', `sha-256=:${digest}:`)
    .header('etag', `"${stored.sha256}"`)
    .header('cache-control', 'private, max-age=31536000, immutable');
}
