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

const NAMED = /^(?<name>[\w.-]{1,64}):(?<token>.+)$/;

/** `name:token`, or a token alone, which is called by its place in the list. RFC 6750 knows no colon in a token. */
export const readTokens = (entries: readonly string[]): { name: string; token: string }[] =>
  entries.map((entry, index) => {
    const { name = `token-${index + 1}`, token = entry } = NAMED.exec(entry)?.groups ?? {};
    return { name, token };
  });

/**
 * Answers the name of a known token, else null. Compares with every token, and digests rather than strings: neither the
 * time nor the length of the answer tells how much of a guess was right, or which token it came close to.
 */
export function tokenChecker(
  entries: readonly string[],
): (offered: string | null) => string | null {
  const known = readTokens(entries).map(({ name, token }) => ({ name, digest: sha256(token) }));
  return (offered) => {
    const digest = sha256(offered ?? '');
    let found: string | null = null;
    for (const one of known) found = timingSafeEqual(one.digest, digest) ? one.name : found;
    return offered === null ? null : found;
  };
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
