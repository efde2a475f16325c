/** The shapes of the API's answers, for OpenAPI and for the compiler; src/reader.ts says what they mean. */
import { z } from 'zod';
import { articleMetaSchema, embedSchema, suspectedSchema } from '../embed.ts';
import { PLAN_STATES } from '../plan.ts';

const list = <T extends z.ZodType>(item: T) => z.array(item).readonly();
const time = z.string().meta({ description: 'RFC 3339, UTC', example: '2026-11-22T16:05:00.000Z' });

export const RUN_STATES = ['accepted', 'running', 'waiting', 'done', 'failed', 'dropped'] as const;
export const runState = z.enum(RUN_STATES);

export const failure = z
  .object({
    code: z.string().meta({ description: 'Stable; match on this.', example: 'GONE' }),
    message: z.string(),
    retry: z.boolean().meta({ description: 'Whether trying again by itself can help.' }),
    detail: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'Failure' });

export const run = z
  .object({
    id: z.string(),
    articleId: z.string(),
    url: z.string(),
    state: runState,
    reason: z.enum(['first', 'recapture', 'manual']),
    priority: z.int(),
    caller: z.string().meta({ description: 'Whose order it is; callers get fair shares.' }),
    tags: list(z.string()),
    references: list(z.string()),
    attempts: z
      .int()
      .meta({ description: 'Tries that could have succeeded; waits are counted apart.' }),
    waits: z.int(),
    nextAt: time.nullable(),
    waitReason: z.string().nullable(),
    failure: failure.nullable(),
    captureId: z.string().nullable(),
    replayOf: z
      .string()
      .nullable()
      .meta({ description: 'Capture whose kept page this run reads, instead of fetching.' }),
    acceptedAt: time,
    finishedAt: time.nullable(),
  })
  .meta({ id: 'Run', description: 'One accepted order to capture an article.' });

export const answer = z
  .object({
    index: z.int(),
    url: z.string().meta({ description: 'As given.' }),
    status: z.enum(['accepted', 'known', 'refused']),
    articleId: z.string().nullable(),
    runId: z.string().nullable(),
    reason: z.object({ code: z.string(), message: z.string() }).optional(),
  })
  .meta({
    id: 'Answer',
    description:
      'accepted: committed to the ledger, a run was started. known: joined to a run within its window. refused: see reason.',
  });

export const answers = z
  .object({
    items: list(answer).meta({ description: 'One an order, in input order.' }),
    accepted: z.int(),
    known: z.int(),
    refused: z.int(),
  })
  .meta({ id: 'Answers' });

const article = z.object({
  id: z.string().meta({ description: 'sha256 of the normalised URL, in hex' }),
  url: z.string(),
  host: z.string(),
  title: z.string().nullable(),
});

export const articleRow = article
  .extend({ run, captures: z.int() })
  .meta({ id: 'Article', description: 'An article with its latest run.' });

const storedBody = z
  .object({
    location: z.string().meta({ description: 'Empty: imported without its bytes.' }),
    offset: z.int(),
    length: z.int(),
    sha256: z.string().meta({ description: 'Of the decoded body, lower-case hex.' }),
    rawSha256: z.string().meta({ description: 'Of the body as received.' }),
    size: z.int(),
    revisit: z.boolean(),
    body: z
      .object({ location: z.string(), offset: z.int(), length: z.int() })
      .optional()
      .meta({ description: "Where a revisit's body lies, if not where its record says." }),
  })
  .meta({ id: 'StoredBody' });

export const capture = z
  .object({
    id: z.string(),
    articleId: z.string(),
    runId: z.string(),
    url: z.string(),
    finalUrl: z.string(),
    fetchedAt: time,
    reason: z.enum(['first', 'recapture', 'manual']),
    status: z.int(),
    contentType: z.string().nullable(),
    charset: z.string().nullable(),
    stored: storedBody,
    truncated: z.string().nullable(),
    robotsRule: z.string(),
    revisitOf: z.string().nullable(),
    hops: list(
      z.object({ url: z.string(), status: z.int(), remoteAddress: z.string().nullable() }),
    ),
    article: articleMetaSchema.nullable(),
    parser: z.string().nullable(),
    suspected: list(suspectedSchema),
    removedAt: time
      .nullable()
      .optional()
      .meta({ description: 'A takedown or a retention rule took its bytes; digests stay.' }),
    expiredBy: z
      .string()
      .nullable()
      .optional()
      .meta({ description: 'The retention rule, where it was one.', example: 'default 2y keep 3' }),
  })
  .meta({ id: 'Capture', description: 'What one run brought home; immutable.' });

const embed = embedSchema.meta({ id: 'Embed', description: 'A post as one capture shows it.' });

export const plan = z
  .object({
    id: z.string(),
    kind: z.enum(['article', 'tag']),
    target: z.string().meta({ description: 'Article id, or the tag.' }),
    url: z.string().nullable(),
    spec: z.string().meta({ example: 'every 1h for a day, then daily for a month' }),
    state: z.enum(PLAN_STATES),
    priority: z.int(),
    caller: z.string(),
    tags: list(z.string()),
    startsAt: time,
    endsAt: time.nullable(),
    nextAt: time.nullable().meta({ description: 'The next capture; null where none is to come.' }),
    lastDueAt: time.nullable(),
    runs: z.int().meta({ description: 'Ordered so far.' }),
    reason: z.string().nullable().meta({ description: 'Why it is not active.' }),
    createdAt: time,
    changedAt: time,
  })
  .meta({ id: 'Plan', description: 'Re-captures of an article, or of all articles with a tag.' });

export const articleDetail = z
  .object({
    article,
    runs: list(run).meta({ description: 'Newest first.' }),
    captures: list(capture),
    embeds: list(embed).meta({ description: 'Of the latest capture, in page order.' }),
    plans: list(plan).meta({ description: 'Of its own and of its tags, active and paused.' }),
  })
  .meta({ id: 'ArticleDetail' });

export const postRow = z
  .object({
    platform: z.string().meta({ example: 'x' }),
    postId: z.string().meta({
      description: 'Unique within the platform; `~` + 16 hex digits where the page shows no id.',
    }),
    commentId: z.string().nullable().meta({
      description: 'Of a comment below that post: then this is the comment.',
    }),
    url: z.string().nullable(),
    author: embedSchema.shape.author,
    postedAt: embedSchema.shape.postedAt,
    lang: z.string().nullable(),
    text: z.string().nullable(),
    media: embedSchema.shape.media,
    form: z.string(),
    confidence: z.number(),
    firstSeenAt: time,
    lastSeenAt: time,
    articles: z.int().meta({ description: 'In how many articles it was seen.' }),
    removedAt: time.nullable().optional().meta({ description: 'A takedown took its words.' }),
  })
  .meta({ id: 'Post', description: 'A post as last seen.' });

export const sighting = z
  .object({
    captureId: z.string(),
    articleId: z.string(),
    articleUrl: z.string(),
    articleTitle: z.string().nullable(),
    capturedAt: time,
    parser: z.string(),
    ordinal: z.int().optional().meta({ description: 'Its place among the posts of the page.' }),
    capture: capture
      .pick({ url: true, finalUrl: true, status: true, reason: true })
      .extend(storedBody.pick({ sha256: true, rawSha256: true, size: true }).shape)
      .optional()
      .meta({ description: 'What it was read from.' }),
    changes: list(z.object({ field: z.string(), before: z.unknown(), after: z.unknown() }))
      .optional()
      .meta({ description: 'What it showed of the post otherwise than was known before.' }),
    embed,
  })
  .meta({ id: 'Sighting', description: 'A post in a capture, with its evidence.' });

export const postDetail = z
  .object({ post: postRow, sightings: list(sighting) })
  .meta({ id: 'PostDetail' });

export const replaySource = z.enum(['bytes', 'network']);

export const deadGroup = z
  .object({
    host: z.string(),
    code: z.string().meta({ example: 'GONE' }),
    shape: z.string().nullable().meta({
      description: 'Of the kept page: pages of one template share it. Null where none was kept.',
      example: 'wordpress-3fa9c2d1e0b4',
    }),
    articles: z.int(),
    kept: z.int().meta({ description: 'Of how many the page is kept.' }),
    replay: replaySource.meta({
      description: 'Where a retry begins: with the kept page, or at the host.',
    }),
    oldest: time,
    newest: time,
    message: z.string().meta({ description: 'Of the newest failure.' }),
    articleId: z.string().meta({ description: 'Of the newest failure.' }),
  })
  .meta({ id: 'DeadGroup' });

export const page = <T extends z.ZodType>(item: T) =>
  z.object({
    items: list(item),
    next: z.string().nullable().meta({ description: 'Give it as `cursor` for the next page.' }),
  });
