/** The HTTP side of embedkeep: API, documentation, dashboard, archive pages, behind one guard. */
import { readFileSync } from 'node:fs';
import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { guard } from './guard.ts';
import { securityHeaders } from './headers.ts';
import { showProblemPage } from './pages/problem.ts';
import type { ApiParts } from './parts.ts';
import { handleProblems, PROBLEM_TYPE, sendProblem, toProblem } from './problems.ts';
import { RequestLog } from './request-log.ts';
import { articleRoutes } from './routes/articles.ts';
import { captureRoutes } from './routes/captures.ts';
import { deadRoutes } from './routes/dead.ts';
import { intakeRoutes } from './routes/intake.ts';
import { operationRoutes } from './routes/operations.ts';
import { planRoutes } from './routes/plans.ts';
import { postRoutes } from './routes/posts.ts';
import { retentionRoute, takedownRoutes } from './routes/takedowns.ts';
import { upkeepRoutes } from './routes/upkeep.ts';
import { webhookRoutes } from './routes/webhooks.ts';

export type {
  ApiParts,
  Enqueued,
  ExportFilter,
  ExportFormat,
  Pressure,
  Readiness,
} from './parts.ts';

/** A URL in a path, percent-encoded, and some room. */
const LONGEST_PARAMETER = 12_000;
/** Bodies other than orders are a form's or the dashboard's. */
const SMALL_BODY = 1024 * 1024;
/** A client that takes longer to send its request is cut off (408). */
const REQUEST_TIMEOUT_MS = 60_000;

const { version } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { version: string };

/** What is being answered when it closes may take this long, an endless export too. */
const LAST_ANSWERS_MS = 10_000;

/**
 * Ready to listen or to `inject`; closing it closes nothing that it was handed.
 * Pages, documentation and dashboard are loaded only where a browser may come: a command asks the API alone.
 */
export async function buildApi(
  parts: ApiParts,
  { forBrowsers = true }: { forBrowsers?: boolean } = {},
): Promise<FastifyInstance> {
  const app = fastify({
    loggerInstance: parts.logger,
    logController: new RequestLog(),
    bodyLimit: SMALL_BODY,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // No limit: workers and the embedded database share this thread, and a backlog after a crash held it for ten seconds.
    pluginTimeout: 0,
    routerOptions: { maxParamLength: LONGEST_PARAMETER, ignoreTrailingSlash: true },
    schemaController: { compilersFactory: COMPILERS },
    frameworkErrors: (thrown, _request, reply) => void sendProblem(toProblem(thrown), reply),
    clientErrorHandler: answerBadRequest,
  }).withTypeProvider<ZodTypeProvider>();

  await securityHeaders(app);
  guard(app, parts);
  handleProblems(app, showProblemPage);
  if (forBrowsers) await (await import('./openapi.ts')).documentation(app, version);

  await app.register(async (scope) => intakeRoutes(scope, parts));
  await app.register(articleRoutes, parts);
  await app.register(deadRoutes, parts);
  await app.register(postRoutes, parts);
  await app.register(captureRoutes, parts);
  await app.register(operationRoutes, parts);
  await app.register(upkeepRoutes, parts);
  await app.register(takedownRoutes, parts);
  await app.register(planRoutes, parts);
  await app.register(retentionRoute, parts);
  await app.register(webhookRoutes, parts);
  if (forBrowsers) await addPages(app, parts);
  app.addHook('preClose', (done) => {
    setTimeout(() => app.server.closeAllConnections(), LAST_ANSWERS_MS).unref();
    done();
  });
  await app.ready();
  return app as unknown as FastifyInstance;
}

/**
 * Answers are what the store says; the schemas document and type them, parsing them again is for tests.
 * Given here and not set later, they spare loading Ajv, which nobody would ask: a tenth of a second.
 */
const COMPILERS: CompilersFactory = {
  // Its type knows Ajv's schemas alone.
  buildValidator: () => validatorCompiler as never,
  buildSerializer: () => () => (data) => JSON.stringify(data),
};

async function addPages(app: FastifyInstance, parts: ApiParts): Promise<void> {
  const [{ archivePages }, { dashboard }] = await Promise.all([
    import('./pages/index.ts'),
    import('./dashboard.ts'),
  ]);
  await app.register(async (scope) => archivePages(scope, parts));
  await dashboard(app, parts);
}

type CompilersFactory = NonNullable<
  NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']
>;

/** What is not HTTP at all, or came too slowly, never reaches a route. */
function answerBadRequest(
  this: FastifyInstance,
  error: Error & { code?: string },
  socket: import('node:net').Socket,
): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const status = CLIENT_ERRORS[error.code ?? ''] ?? '400 Bad Request';
  const [number] = status.split(' ', 1);
  const body = JSON.stringify({
    type: 'urn:embedkeep:problem:PAYLOAD_INVALID',
    title: status.slice(4),
    status: Number(number),
    detail: 'The request is not acceptable HTTP, or came too slowly.',
    code: 'PAYLOAD_INVALID',
  });
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: ${PROBLEM_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

const CLIENT_ERRORS: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
};
