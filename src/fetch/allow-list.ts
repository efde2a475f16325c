/**
 * The operator's exceptions (ALLOW_PRIVATE_HOSTS): `host`, `host:port`, `address[:port]`, `[v6][:port]`, `CIDR[:port]`.
 * A named port is opened; `:*` opens every port; without one only 80 and 443 are.
 */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { EmbedkeepError } from '../errors.ts';
import { isOrdinaryPrivate } from './address.ts';

type Port = number | '*' | null;
type Entry =
  | { readonly kind: 'name'; readonly name: string; readonly port: Port }
  | {
      readonly kind: 'range';
      readonly range: [ipaddr.IPv4 | ipaddr.IPv6, number];
      readonly port: Port;
    };

export interface AllowList {
  /** May this host (a name, or an address without brackets) be asked on this port? */
  opensPort(host: string, port: number): boolean;
  /** May this address be connected to although it is not public? */
  opensAddress(target: { host: string; port: number; address: string }): boolean;
  /** Is this name itself listed? */
  names(host: string): boolean;
}

const WEB_PORTS = [80, 443];
const ENTRY =
  /^(?:\[(?<v6>[0-9a-f:.]+)\](?<bits6>\/\d+)?|(?<bare>[0-9a-f]*:[0-9a-f:.]*(?:\/\d+)?)|(?<host>[^:/[\]]+)(?<bits>\/\d+)?)(?::(?<port>\d+|\*))?$/i;

/** @throws EmbedkeepError CONFIG_INVALID naming the entry that cannot be read. */
export function parseAllowList(entries: readonly string[]): AllowList {
  const parsed = entries.map(parseEntry);
  return {
    opensPort: (host, port) =>
      WEB_PORTS.includes(port) ||
      parsed.some(
        (entry) => opens(entry.port, port) && (isFor(entry, host) || isName(entry, host)),
      ),
    opensAddress: ({ host, port, address }) =>
      parsed.some((entry) => {
        if (!opens(entry.port, port)) return false;
        return isFor(entry, address) || (isName(entry, host) && isOrdinaryPrivate(address));
      }),
    names: (host) => parsed.some((entry) => isName(entry, host)),
  };
}

const opens = (allowed: Port, port: number): boolean =>
  allowed === null ? WEB_PORTS.includes(port) : allowed === '*' || allowed === port;

const isName = (entry: Entry, host: string): boolean =>
  entry.kind === 'name' && entry.name === host.toLowerCase().replace(TRAILING_DOT, '');

function isFor(entry: Entry, address: string): boolean {
  if (entry.kind !== 'range' || isIP(address) === 0) return false;
  const ip = ipaddr.process(address);
  const [base, bits] = entry.range;
  return ip.kind() === base.kind() && ip.match(base as never, bits);
}

const TRAILING_DOT = /\.$/;

function parseEntry(text: string): Entry {
  const groups = ENTRY.exec(text)?.groups;
  if (!groups) throw unreadable(text);
  const port = groups['port'] === '*' ? '*' : groups['port'] ? Number(groups['port']) : null;
  const host = groups['v6'] ?? groups['bare'] ?? groups['host'] ?? '';
  const bits = groups['bits6'] ?? groups['bits'] ?? '';
  const cidr = host.includes('/') || bits !== '' ? host + bits : null;
  if (cidr !== null) {
    if (!ipaddr.isValidCIDR(cidr)) throw unreadable(text);
    return { kind: 'range', range: ipaddr.parseCIDR(cidr), port };
  }
  if (isIP(host) !== 0) {
    const address = ipaddr.process(host);
    return { kind: 'range', range: [address, address.kind() === 'ipv4' ? 32 : 128], port };
  }
  return { kind: 'name', name: host.toLowerCase().replace(TRAILING_DOT, ''), port };
}

const unreadable = (text: string): EmbedkeepError =>
  new EmbedkeepError(
    'CONFIG_INVALID',
    `ALLOW_PRIVATE_HOSTS: got ${JSON.stringify(text)}, accepted is host, host:port, address or CIDR`,
  );
