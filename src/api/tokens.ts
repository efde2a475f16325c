/** Who may come in: a token as Bearer, or as the password of HTTP Basic so that a browser can ask for it. */
import { createHash, timingSafeEqual } from 'node:crypto';

const CREDENTIALS = /^(?<scheme>bearer|basic) +(?<value>\S+) *$/i;

/** The token that an Authorization header offers; null where it offers none. */
export function offeredToken(authorization: string | undefined): string | null {
  const { scheme, value } = CREDENTIALS.exec(authorization ?? '')?.groups ?? {};
  if (!(scheme && value)) return null;
  if (scheme.toLowerCase() === 'bearer') return value;
  const pair = Buffer.from(value, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon === -1 ? null : pair.slice(colon + 1);
}

/**
 * Compares with every token, and digests rather than strings: neither the time nor the length of the
 * answer tells how much of a guess was right, or which token it came close to.
 */
export function tokenChecker(tokens: readonly string[]): (offered: string | null) => boolean {
  const digests = tokens.map(sha256);
  return (offered) => {
    const digest = sha256(offered ?? '');
    let found = false;
    for (const known of digests) found = timingSafeEqual(known, digest) || found;
    return found && offered !== null;
  };
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
