/** Security headers. Strict by default; a scope that needs more says so itself. */
import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';

const strict = {
  'default-src': ["'none'"],
  'style-src': ["'self'"],
  'img-src': ["'self'"],
  'form-action': ["'self'"],
  'base-uri': ["'none'"],
  'frame-ancestors': ["'none'"],
};

/** Programs of our own origin; for the two applications that others wrote. */
const application = {
  ...strict,
  'script-src': ["'self'"],
  'connect-src': ["'self'"],
  'img-src': ["'self'", 'data:'],
  'font-src': ["'self'"],
};

export const policyText = (directives: Readonly<Record<string, readonly string[]>>): string =>
  Object.entries(directives)
    .map(([name, sources]) => `${name} ${sources.join(' ')}`)
    .join('; ');

/** swagger-ui without its inline styles: it looks the same but for details. */
export const DOCS_POLICY = policyText(application);

/** bull-board writes inline styles and sets a `<base>`; it alone may. */
export const DASHBOARD_POLICY = policyText({
  ...application,
  'style-src': ["'self'", "'unsafe-inline'"],
  'base-uri': ["'self'"],
});

export async function securityHeaders(app: FastifyInstance): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: strict },
    // `no-referrer` would make browsers send `Origin: null` with our own forms, which the guard refuses.
    referrerPolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' },
    // Whoever puts TLS in front decides about it.
    strictTransportSecurity: false,
  });
}
