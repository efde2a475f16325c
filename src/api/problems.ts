/** Every failure of the API as a problem document (RFC 9457) with our stable code; pages get a page instead. */
import { STATUS_CODES } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { EmbedkeepError, type ErrorCode, errors } from '../errors.ts';

export const problemSchema = z
  .object({
    type: z.string().meta({ example: 'urn:embedkeep:problem:NOT_FOUND' }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    /** Match on this; it never changes its meaning. */
    code: z.string().meta({ example: 'NOT_FOUND' }),
    retryAfterSeconds: z.int().optional().meta({ description: 'As in Retry-After.' }),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details with a stable `code`.' });
export type Problem = z.infer<typeof problemSchema>;

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

export function problem(code: ErrorCode, detail: string, status = statusOf(code)): Problem {
  const title = STATUS_CODES[status] ?? 'Error';
  return { type: `urn:embedkeep:problem:${code}`, title, status, detail, code };
}

/** 422 is for orders that were read and refused; a request that cannot be read is 400. */
const asked = ({ code }: EmbedkeepError): number =>
  code === 'PAYLOAD_INVALID' ? 400 : statusOf(code);

function statusOf(code: ErrorCode): number {
  const entry: { http?: number } = errors[code];
  return entry.http ?? 500;
}

/** What Fastify itself throws, by its code. Its other client errors are bad payloads. */
const FASTIFY: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE_REQUEST',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
};

/** Seconds after which it makes sense to come back. */
const RETRY_AFTER: Partial<Record<ErrorCode, number>> = {
  STORE_UNAVAILABLE: 5,
  QUEUE_UNAVAILABLE: 5,
  STORE_FULL: 60,
};

export function toProblem(thrown: unknown): Problem {
  if (thrown instanceof EmbedkeepError) return problem(thrown.code, thrown.message, asked(thrown));
  if (hasZodFastifySchemaValidationErrors(thrown)) return invalid(thrown.validation);
  const { code = '', statusCode = 500, message = '' } = (thrown ?? {}) as Partial<FastifyFailure>;
  const own = FASTIFY[code];
  if (own) return problem(own, errors[own].advice);
  if (statusCode >= 400 && statusCode < 500) return problem('PAYLOAD_INVALID', message, statusCode);
  // The message of a defect may hold anything, e.g. a connection string; the log has it.
  return problem('INTERNAL', errors.INTERNAL.advice);
}

interface FastifyFailure {
  code: string;
  statusCode: number;
  message: string;
}

const SLASHES = /\//g;

function invalid(issues: readonly { instancePath: string; message?: string }[]): Problem {
  const named = issues.map(({ instancePath, message = 'invalid' }) => ({
    path: instancePath.slice(1).replace(SLASHES, '.'),
    message,
  }));
  const detail = named.map(({ path, message }) => `${path}: ${message}`).join('; ');
  return { ...problem('PAYLOAD_INVALID', detail, 400), errors: named };
}

export type ShowProblem = (problem: Problem, reply: FastifyReply) => FastifyReply;

export const sendProblem: ShowProblem = (body, reply) =>
  reply
    .code(body.status)
    .header('content-type', PROBLEM_TYPE)
    .serializer((value: unknown) => JSON.stringify(value))
    .send(body);

/** `asPage` shows a problem to a person; it is used where a browser asked for a page. */
export function handleProblems(app: FastifyInstance, asPage: ShowProblem): void {
  app.setErrorHandler((thrown, request, reply) => {
    const body = toProblem(thrown);
    if (body.status >= 500) request.log.error({ err: thrown }, 'request failed');
    const wait = retryAfter(thrown);
    if (wait === undefined) return (wantsPage(request) ? asPage : sendProblem)(body, reply);
    reply.header('retry-after', wait);
    const patient = { ...body, retryAfterSeconds: wait };
    return (wantsPage(request) ? asPage : sendProblem)(patient, reply);
  });
  app.setNotFoundHandler((request, reply) =>
    (wantsPage(request) ? asPage : sendProblem)(
      problem('NOT_FOUND', 'There is nothing at this address.'),
      reply,
    ),
  );
}

function retryAfter(thrown: unknown): number | undefined {
  if (!(thrown instanceof EmbedkeepError)) return undefined;
  const { retryAfterSeconds } = thrown.detail;
  return typeof retryAfterSeconds === 'number' ? retryAfterSeconds : RETRY_AFTER[thrown.code];
}

const wantsPage = ({ url, headers }: FastifyRequest): boolean =>
  !url.startsWith('/v1/') && (headers.accept ?? '').includes('text/html');
