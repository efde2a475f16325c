/** What can be told about a URL before any name is looked up. The connector repeats the address part at each connection. */
import { isIP } from 'node:net';
import { EmbedkeepError } from '../errors.ts';
import { isPublicAddress } from './address.ts';
import type { AllowList } from './allow-list.ts';

export interface Target {
  /** Without credentials and fragment. */
  readonly url: URL;
  /** Name or address, without brackets. */
  readonly host: string;
  readonly port: number;
}

const MAX_URL = 2083;
const BRACKETS = /^\[|\]$/g;
/** Names that mean a machine or a site inside; not even asked of the resolver. */
const INSIDE = /(^|\.)(localhost|local|internal|intranet|lan|home\.arpa|localdomain)\.?$/;
const WEB_SCHEME = /^https?:$/;

/** @throws EmbedkeepError URL_INVALID or URL_BLOCKED. */
export function checkUrl(text: string, allow: AllowList): Target {
  const url = parse(text);
  url.username = '';
  url.password = '';
  url.hash = '';
  const host = url.hostname.replace(BRACKETS, '');
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  if (!allow.opensPort(host, port)) throw blocked(`port ${port} is not open for ${host}`, host);
  if (isIP(host) !== 0) {
    checkAddress({ host, port, address: host }, allow);
  } else if (INSIDE.test(host) && !allow.names(host)) {
    throw blocked(`${host} names a machine inside`, host);
  }
  return { url, host, port };
}

/** @throws EmbedkeepError URL_BLOCKED */
export function checkAddress(
  target: { host: string; port: number; address: string },
  allow: AllowList,
): void {
  if (isPublicAddress(target.address) || allow.opensAddress(target)) return;
  throw blocked(`${target.host} leads to ${target.address}, which is not public`, target.host);
}

function parse(text: string): URL {
  if (text.length > MAX_URL) {
    throw new EmbedkeepError('URL_INVALID', `The URL has ${text.length} characters.`);
  }
  const url = URL.parse(text);
  if (!url) throw new EmbedkeepError('URL_INVALID');
  if (!WEB_SCHEME.test(url.protocol)) {
    throw new EmbedkeepError('URL_INVALID', `Only http and https are fetched, not ${url.protocol}`);
  }
  return url;
}

const blocked = (message: string, host: string): EmbedkeepError =>
  new EmbedkeepError('URL_BLOCKED', message, { detail: { host } });
