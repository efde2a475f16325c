/** POST /v1/articles: orders into the ledger, then onto the queue. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DEFAULT_PRIORITY } from '../../article-job.ts';
import { EmbedkeepError, type ErrorCode } from '../../errors.ts';
import type { Answer, Checked } from '../../ledger.ts';
import { enqueueAccepted } from '../enqueue.ts';
import { onceByKey, readKey, type Settled } from '../idempotency.ts';
import { type Intake, type Item, MOST_BYTES, parseIntakeBodies } from '../intake-body.ts';
import type { ApiParts, Enqueued, Pressure } from '../parts.ts';
import { PROBLEM_TYPE, problem } from '../problems.ts';
import { createRateLimit, type Taken } from '../rate-limit.ts';
import { answers } from '../schemas.ts';

/** Bodies held at a time; each may be 16 MiB and some ten times that as objects. */
const MOST_AT_ONCE = 8;

export function intakeRoutes(app: FastifyInstance, parts: ApiParts): void {
  parseIntakeBodies(app);
  limitBodiesAtOnce(app, parts);
  const once = onceByKey(parts.idempotency);
  const limit = parts.intakeRate ? createRateLimit(parts.intakeRate) : null;

  app.post(
    '/v1/articles',
    {
      bodyLimit: MOST_BYTES,
      schema: {
        operationId: 'enqueueArticles',
        tags: ['articles'],
        summary: 'Order captures of up to 10,000 articles',
        description:
          'JSON (an order, or an array of orders or of URLs), NDJSON (the same, one a line) or plain text (a URL a line). ' +
          'Every item is answered, in input order; a bad one never drops the rest. ' +
          '202 once every accepted order is committed to the ledger; 422 if all are refused; 413 above the limits, with nothing taken. ' +
          'With an `Idempotency-Key` the same body gives the same answer for 24 h.',
        response: { 202: answers },
      },
    },
    async (request, reply) => {
      const intake = request.body as Intake;
      const key = readKey(request.headers['idempotency-key']);
      const work = () => {
        // An answer given again costs nothing.
        if (limit) charge(limit(request.caller ?? ANYBODY, intake.items.length), reply);
        return take(intake.items, parts, request);
      };
      if (key === null) return send(await work(), reply);
      const type = request.headers['content-type'] ?? '';
      const settled = await once({ key, request: ['POST /v1/articles', type, intake.bytes] }, work);
      if (settled.replayed) reply.header('idempotency-replayed', 'true');
      return send(settled, reply);
    },
  );
}

async function take(
  items: readonly Item[],
  parts: ApiParts,
  { log, caller }: FastifyRequest,
): Promise<Settled> {
  const checked = checkAll(items, parts).map((one) => ordered(one, caller));
  const given = await parts.ledger.accept(checked);
  await enqueueAccepted(toEnqueue(given, checked), parts.enqueue, log);
  const count = (status: Answer['status']) => given.filter((a) => a.status === status).length;
  const body = {
    items: given,
    accepted: count('accepted'),
    known: count('known'),
    refused: count('refused'),
  };
  if (body.refused < given.length) return { status: 202, body: JSON.stringify(body) };
  const [first] = given;
  const refused = problem(
    first?.reason?.code ?? 'PAYLOAD_INVALID',
    given.length === 1 ? (first?.reason?.message ?? '') : `All ${given.length} orders are refused.`,
    422,
  );
  return { status: 422, body: JSON.stringify({ ...refused, ...body }) };
}

const ANYBODY = '';

/** @throws EmbedkeepError RATE_LIMITED_INTAKE */
function charge(taken: Taken, reply: FastifyReply): void {
  const { limit, remaining, resetSeconds, retryAfterSeconds } = taken;
  reply.headers({
    'ratelimit-limit': limit,
    'ratelimit-remaining': remaining,
    'ratelimit-reset': resetSeconds,
  });
  if (taken.allowed) return;
  throw new EmbedkeepError(
    'RATE_LIMITED_INTAKE',
    `This caller may order ${limit} URLs a minute; try again in ${retryAfterSeconds} s.`,
    { detail: { retryAfterSeconds } },
  );
}

/** A named token is its own caller: nobody takes another's share, or several. */
const ordered = (checked: Checked, caller: string | null): Checked =>
  caller !== null && 'articleId' in checked
    ? { ...checked, order: { ...checked.order, caller } }
    : checked;

/** Orders are checked in one call; lines that were never orders keep their place. */
function checkAll(items: readonly Item[], { checkOrders }: ApiParts): Checked[] {
  const checked = checkOrders(items.flatMap((item) => ('given' in item ? [item.given] : [])))[
    Symbol.iterator
  ]();
  return items.map((item) => {
    if ('refused' in item) return item.refused;
    const next = checked.next();
    if (next.done) throw new EmbedkeepError('INTERNAL', 'fewer orders checked than given');
    return next.value;
  });
}

function toEnqueue(given: readonly Answer[], checked: readonly Checked[]): Enqueued[] {
  return given.flatMap(({ status, runId }, at) => {
    const order = checked[at];
    if (status !== 'accepted' || runId === null || !order || !('articleId' in order)) return [];
    return [{ id: runId, url: order.url, priority: order.order.priority ?? DEFAULT_PRIORITY }];
  });
}

function send({ status, body }: Settled, reply: FastifyReply): FastifyReply {
  const type = status === 202 ? 'application/json; charset=utf-8' : PROBLEM_TYPE;
  return reply.code(status).header('content-type', type).serializer(String).send(body);
}

/** Refused before the body is read, so that a burst costs no memory. */
function limitBodiesAtOnce(app: FastifyInstance, { pressure }: ApiParts): void {
  let held = 0;
  app.addHook('onRequest', async (_request, reply) => {
    if (held >= MOST_AT_ONCE) throw refusal('RATE_LIMITED_INTAKE', TOO_MANY);
    const pressed = await pressure?.();
    if (pressed) throw refusal('INTAKE_PAUSED', pressed);
    held += 1;
    // The one event that also comes when the client is gone before its answer.
    reply.raw.once('close', () => {
      held -= 1;
    });
  });
}

const refusal = (code: ErrorCode, { reason, retryAfterSeconds }: Pressure): EmbedkeepError =>
  new EmbedkeepError(code, reason, { detail: { retryAfterSeconds } });

const TOO_MANY = { retryAfterSeconds: 1, reason: 'Too many calls at once.' };
