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
