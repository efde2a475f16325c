/** The parts of the OpenAPI document that are written by hand, per operation, with examples to copy. */

const order = { $ref: '#/components/schemas/Order' };
const lines = { type: 'string' };
const binary = { schema: { type: 'string', contentEncoding: 'binary' } };

export const BODIES: Readonly<Record<string, object>> = {
  enqueueArticles: {
    required: true,
    content: {
      'application/json': {
        schema: {
          oneOf: [
            order,
            { type: 'array', maxItems: 10_000, items: { oneOf: [order, { type: 'string' }] } },
          ],
        },
        examples: {
          one: {
            value: {
              url: 'https://news.example/story',
              priority: 1,
              tags: ['election'],
              reference: 'batch-7',
            },
          },
          many: {
            value: ['https://news.example/a', { url: 'https://news.example/b', force: true }],
          },
        },
      },
      'application/x-ndjson': {
        schema: lines,
        example: '{"url":"https://news.example/a"}\n"https://news.example/b"\n',
      },
      'text/plain': {
        schema: lines,
        example: 'https://news.example/a\nhttps://news.example/b\n',
      },
    },
  },
};

export const PARAMETERS: Readonly<Record<string, readonly object[]>> = {
  enqueueArticles: [
    {
      name: 'Idempotency-Key',
      in: 'header',
      required: false,
      description:
        'The same key with the same body gives the first answer again for 24 h (with `Idempotency-Replayed: true`); with another body it is 409 IDEMPOTENCY_MISMATCH.',
      schema: { type: 'string', minLength: 1, maxLength: 255 },
    },
  ],
};

const signedWith = (name: string, description: string, example: string) => ({
  name,
  in: 'header',
  required: true,
  description,
  schema: { type: 'string' },
  example,
});

/** What endpoints are sent; OpenAPI 3.1 has a section of its own for it. */
export const WEBHOOKS = {
  event: {
    post: {
      operationId: 'receiveEvent',
      tags: ['webhooks'],
      summary: 'What a registered endpoint is sent',
      description:
        'Signed as Standard Webhooks says: HMAC-SHA256 with the secret over `id.timestamp.body`. Any 2xx is a receipt; ' +
        '410 disables the endpoint; anything else is sent again later, `Retry-After` honoured. A message may come twice, ' +
        'always under the same `webhook-id`, and messages may come in another order than they happened.',
      security: [],
      parameters: [
        signedWith('webhook-id', 'Unique per endpoint and event.', 'msg_5f0c…'),
        signedWith('webhook-timestamp', 'Of this attempt, in seconds since 1970.', '1795363200'),
        signedWith(
          'webhook-signature',
          'One or two, separated by a space: two while a secret is being rotated.',
          'v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=',
        ),
      ],
      requestBody: {
        required: true,
        content: {
          'application/json': { schema: { $ref: '#/components/schemas/WebhookMessage' } },
        },
      },
      responses: { '2XX': { description: 'Received; the body is not read beyond 1 KB.' } },
    },
  },
};

export const CONTENTS: Readonly<Record<string, Record<string, object>>> = {
  enqueueArticles: {
    422: {
      description: 'Every order is refused: problem details that also have the answers.',
      content: {
        'application/problem+json': {
          schema: {
            allOf: [
              { $ref: '#/components/schemas/Problem' },
              { $ref: '#/components/schemas/Answers' },
            ],
          },
        },
      },
    },
  },
  downloadBody: {
    200: { description: 'The bytes.', content: { 'application/octet-stream': binary } },
  },
  exportPosts: {
    200: {
      description: 'All posts that match.',
      content: {
        'application/x-ndjson': { schema: lines },
        'text/csv': { schema: lines },
        'application/vnd.apache.parquet': binary,
        'application/wacz': binary,
      },
    },
  },
  reparse: {
    200: {
      description: 'A JSON line per capture.',
      content: { 'application/x-ndjson': { schema: lines } },
    },
  },
  metrics: {
    200: { description: 'Prometheus text.', content: { 'text/plain': { schema: lines } } },
  },
};
