/**
 * Opens sockets to public addresses only. undici never calls `lookup` for an address literal and falls over to later
 * answers, so: literals are checked here, every answer of the resolver is checked before any is used, exactly
 * these are connected to (no second lookup), and what the kernel says we reached is checked again.
 */
import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import { buildConnector } from 'undici';
import { EmbedkeepError } from '../errors.ts';
import type { AllowList } from './allow-list.ts';
import { checkAddress } from './guard.ts';
import { openTunnel } from './tunnel.ts';

/** All addresses of a name, as `dns.lookup` with `all`. */
export type Resolve = (
  name: string,
  done: (error: Error | null, addresses: readonly LookupAddress[]) => void,
) => void;

export interface ConnectorOptions {
  readonly allow: AllowList;
  /** For name, TCP and TLS together. */
  readonly connectTimeoutMs: number;
  readonly resolve?: Resolve | undefined;
  /** Proxy to CONNECT through. It resolves the names then, so only address literals can be checked here. */
  readonly proxy?: string | undefined;
  /** Further certificate authorities (PEM), for intranets and tests. */
  readonly ca?: string | undefined;
}

/** A resolver that answers thousands of addresses is lying; the first few are plenty to try. */
const MAX_ADDRESSES = 16;

const resolveBySystem: Resolve = (name, done) =>
  systemLookup(name, { all: true }, (error, addresses) => done(error, addresses ?? []));

/** One connector an origin, so that the port is known where addresses are checked. */
export function guardedConnector(
  { host, port }: { readonly host: string; readonly port: number },
  options: ConnectorOptions,
): buildConnector.connector {
  const check = (address: string) => checkAddress({ host, port, address }, options.allow);
  const connect = buildConnector({
    allowH2: false,
    timeout: options.connectTimeoutMs,
    autoSelectFamily: true,
    lookup: checkedLookup(options.resolve ?? resolveBySystem, check),
    ...(options.ca !== undefined && { ca: options.ca }),
  });

  return (target, callback) => {
    const answer = withDeadline(callback, options.connectTimeoutMs);
    const refuseWrongPeer: buildConnector.Callback = (...[error, socket]) => {
      if (error) return answer(error, null);
      const refusal = options.proxy ? null : wrong(socket, check);
      return refusal ? answer(refusal, socket) : answer(null, socket);
    };
    try {
      if (isIP(host) !== 0) check(host);
    } catch (refusal) {
      return answer(refusal as Error, null);
    }
    if (!options.proxy) return connect(target, refuseWrongPeer);
    openTunnel({ proxy: options.proxy, host, port, timeoutMs: options.connectTimeoutMs }).then(
      (httpSocket) => {
        if (target.protocol === 'https:') connect({ ...target, httpSocket }, refuseWrongPeer);
        else answer(null, httpSocket);
      },
      (error: Error) => answer(error, null),
    );
  };
}

function checkedLookup(resolve: Resolve, check: (address: string) => void): LookupFunction {
  return (name, { all }, callback) => {
    resolve(name, (error, addresses) => {
      const [first] = addresses;
      if (error || !first) return callback(error ?? noAddress(name), []);
      try {
        for (const { address } of addresses) check(address);
      } catch (refusal) {
        return callback(refusal as Error, []);
      }
      if (all) callback(null, addresses.slice(0, MAX_ADDRESSES));
      else callback(null, first.address, first.family);
    });
  };
}

const noAddress = (name: string): Error =>
  Object.assign(new Error(`${name} has no address`), { code: 'ENOTFOUND' });

function wrong(socket: Socket, check: (address: string) => void): Error | null {
  try {
    check(socket.remoteAddress ?? '');
    return null;
  } catch (refusal) {
    return refusal as Error;
  }
}

/**
 * undici's own timer is up to a second late and starts after the name is known.
 * Whatever comes after the first answer is closed.
 */
function withDeadline(callback: buildConnector.Callback, timeoutMs: number) {
  let open = true;
  const answer = (error: Error | null, socket: Socket | null) => {
    if (!open || error) socket?.destroy();
    if (!open) return;
    open = false;
    clearTimeout(timer);
    if (error) callback(error, null);
    else if (socket) callback(null, socket);
  };
  const late = () => answer(new EmbedkeepError('TIMEOUT_CONNECT'), null);
  const timer = setTimeout(late, timeoutMs);
  return answer;
}
