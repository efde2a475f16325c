/** One line per request: method, path, status, time. Never headers, never the query: either may hold a secret. */
import { type FastifyReply, type FastifyRequest, LogController } from 'fastify';

/** Asked every few seconds by machines. */
const QUIET = new Set(['/healthz', '/readyz', '/metrics']);

export class RequestLog extends LogController {
  override incomingRequest(): void {
    // The line at its end says it all.
  }

  override requestCompleted(
    error: Error | null | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
  ): void {
    const [path = ''] = request.url.split('?', 1);
    request.log[QUIET.has(path) ? 'debug' : 'info'](
      {
        method: request.method,
        path,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
        ...(error && { err: error }),
      },
      'request',
    );
  }
}
