/** Where a request claims to come from and to go to: the guard against DNS rebinding and cross-site writes. */
import { isIP } from 'node:net';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

export interface HostRule {
  /** HOST: the address listened on. */
  readonly host: string;
  readonly allowed: readonly string[];
}

/**
 * Is this Host header one of ours? HOST, loopback and ALLOWED_HOSTS are; so is the very address the
 * connection arrived at, because rebinding needs a name. Ports are not compared: proxies map them.
 */
export function hostIsAllowed(
  header: string | undefined,
  localAddress: string | undefined,
  rule: HostRule,
): boolean {
  const name = hostName(header);
  if (name === null) return false;
  if (LOOPBACK.test(name)) return true;
  if (localAddress && name === literal(localAddress)) return true;
  return [rule.host, ...rule.allowed].some((ours) => hostName(literal(ours)) === name);
}

const V4_MAPPED = '::ffff:';

/** An address as it stands in a URL. */
function literal(host: string): string {
  const plain = host.startsWith(V4_MAPPED) ? host.slice(V4_MAPPED.length) : host;
  return isIP(plain) === 6 ? `[${plain}]` : plain;
}

const AUTHORITY = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?$/i;

function hostName(header: string | undefined): string | null {
  if (!(header && AUTHORITY.test(header) && URL.canParse(`http://${header}`))) return null;
  return new URL(`http://${header}`).hostname.replace(TRAILING_DOT, '');
}
const TRAILING_DOT = /\.$/;

interface Claims {
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
  readonly 'sec-fetch-site'?: string | string[] | undefined;
}

/** True where a browser says that another site's page sent this. Programs send neither header. */
export function isCrossSite({ host, origin, 'sec-fetch-site': site }: Claims): boolean {
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  if (origin === undefined) return false;
  if (!URL.canParse(origin)) return true;
  const { protocol, host: from } = new URL(origin);
  if (protocol !== 'http:' && protocol !== 'https:') return true;
  const to = `${protocol}//${host}`;
  return !URL.canParse(to) || new URL(to).host !== from;
}
