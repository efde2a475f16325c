/** The first hook of every request: Host allow-list, then cross-site writes, then the token. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { EmbedkeepError } from '../errors.ts';
import type { ApiParts } from './parts.ts';
import { hostIsAllowed, isCrossSite } from './request-origin.ts';
import { offeredToken, tokenChecker } from './tokens.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The name of the token; null where none is asked for. */
    caller: string | null;
  }
}

/** Probes of an orchestrator carry no token. */
const OPEN = new Set(['/healthz', '/readyz']);
const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Two challenges: programs read the first, browsers ask for a password on the second. */
const CHALLENGES = ['Bearer realm="embedkeep"', 'Basic realm="embedkeep", charset="UTF-8"'];

export function guard(app: FastifyInstance, { config }: Pick<ApiParts, 'config'>): void {
  const rule = { host: config.HOST, allowed: config.ALLOWED_HOSTS };
  const nameOf = tokenChecker(config.API_TOKENS);
  app.decorateRequest('caller', null);

  app.addHook('onRequest', (request, reply, done) => {
    if (!hostIsAllowed(request.headers.host, request.socket.localAddress, rule)) {
      throw new EmbedkeepError(
        'FORBIDDEN',
        'This Host is not served here; name it in ALLOWED_HOSTS if it is yours.',
      );
    }
    if (!READING.has(request.method) && isCrossSite(request.headers)) {
      throw new EmbedkeepError('FORBIDDEN', 'A page of another site sent this request.');
    }
    if (config.API_TOKENS.length > 0) authenticate(request, reply, nameOf);
    done();
  });
}

function authenticate(
  request: FastifyRequest,
  reply: FastifyReply,
  nameOf: (offered: string | null) => string | null,
): void {
  const [path = ''] = request.url.split('?', 1);
  request.caller = nameOf(offeredToken(request.headers.authorization));
  if (OPEN.has(path) || request.caller !== null) return;
  reply.header('www-authenticate', CHALLENGES);
  throw new EmbedkeepError('UNAUTHORIZED');
}
