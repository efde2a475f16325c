/** Which IP addresses are public. Everything that is not plainly public unicast is refused. */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * Public by range, yet answering from inside a cloud: Azure's wire server.
 * (The other clouds' metadata addresses are link-local, shared or unique-local and fall by range.)
 */
const INSIDE_CLOUDS = new Set(['168.63.129.16']);

/** `0:5efe` or `200:5efe` before an IPv4 address: ISATAP, a tunnel into a site. */
const ISATAP = 0x5e_fe;

/** False for whatever cannot be parsed: the guard fails closed. */
export function isPublicAddress(text: string): boolean {
  if (isIP(text) === 0 || text.includes('%')) return false;
  const address = ipaddr.process(text);
  if (address.range() !== 'unicast' || INSIDE_CLOUDS.has(address.toString())) return false;
  if (address.kind() === 'ipv4') return true;
  const parts = (address as ipaddr.IPv6).parts;
  const [a, b, c, d, e, f] = parts;
  // ::/96: IPv4-compatible, long deprecated; ipaddr.js takes it for unicast.
  if ([a, b, c, d, e, f].every((part) => part === 0)) return false;
  // ipaddr.js knows only 64:ff9b::/96 as NAT64; RFC 8215 adds 64:ff9b:1::/48.
  if (a === 0x64 && b === 0xff_9b) return false;
  return !(f === ISATAP && (e === 0 || e === 0x2_00));
}

/**
 * Ranges that even an allowed *name* may not resolve to, because nobody means them when they
 * allow their intranet: link-local (cloud metadata), multicast, broadcast, unspecified.
 * Naming the address or a CIDR opens them.
 */
export function isOrdinaryPrivate(text: string): boolean {
  if (isIP(text) === 0) return false;
  const range = ipaddr.process(text).range();
  return ['private', 'loopback', 'uniqueLocal', 'carrierGradeNat', 'benchmarking'].includes(range);
}
