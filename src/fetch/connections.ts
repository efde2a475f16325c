/**
 * Kept-alive connections, per origin. A lane is one connection that carries one request at a time, so that
 * the bytes, the address and the TLS version of an exchange are those of its own socket.
 */
import type { Socket } from 'node:net';
import { Client } from 'undici';
import { type ConnectorOptions, guardedConnector } from './connector.ts';

export interface Lane {
  readonly client: Client;
  /** Of the current connection; null before the first. */
  readonly socket: () => Socket | null;
}

export interface Connections {
  /** An idle lane of this origin, or a new one. */
  take(origin: Origin): Lane;
  /** After a whole response: the next request of this origin may use it. */
  keep(origin: Origin, lane: Lane): void;
  /** In any other state. */
  drop(lane: Lane): void;
  close(): Promise<void>;
}

export interface Origin {
  readonly url: URL;
  readonly host: string;
  readonly port: number;
}

export interface ConnectionOptions extends ConnectorOptions {
  readonly headersTimeoutMs: number;
  readonly idleTimeoutMs: number;
}

/** Cookie-heavy sites overrun Node's 16 KiB. */
const MAX_HEADER_BYTES = 64 * 1024;
const KEEP_ALIVE_MS = 10_000;
/** Idle lanes over all origins; the oldest is closed beyond. */
const MAX_IDLE = 256;

export function openConnections(options: ConnectionOptions): Connections {
  const idle = new Map<Client, { readonly key: string; readonly lane: Lane }>();
  const connectors = new Map<string, ReturnType<typeof guardedConnector>>();
  const busy = new Set<Client>();

  const drop = (client: Client): void => {
    idle.delete(client);
    busy.delete(client);
    client.destroy().catch(() => undefined);
  };

  const open = (origin: Origin): Lane => {
    const key = origin.url.origin;
    // Connectors hold TLS sessions; forgetting them all now and then is cheaper than an LRU.
    if (connectors.size > 1000) connectors.clear();
    const connector = connectors.get(key) ?? guardedConnector(origin, options);
    connectors.set(key, connector);
    let socket: Socket | null = null;
    const client = new Client(key, {
      headersTimeout: options.headersTimeoutMs,
      bodyTimeout: options.idleTimeoutMs,
      maxHeaderSize: MAX_HEADER_BYTES,
      keepAliveTimeout: KEEP_ALIVE_MS,
      allowH2: false,
      connect: (target, callback) =>
        connector(target, (...answer) => {
          socket = answer[1];
          callback(...answer);
        }),
    });
    client.on('disconnect', () => drop(client));
    return { client, socket: () => socket };
  };

  return {
    take: (origin) => {
      const key = origin.url.origin;
      const waiting = [...idle.values()].findLast((entry) => entry.key === key)?.lane;
      const lane = waiting ?? open(origin);
      idle.delete(lane.client);
      busy.add(lane.client);
      return lane;
    },
    keep: (origin, lane) => {
      busy.delete(lane.client);
      if (lane.client.destroyed || lane.client.closed) return;
      idle.set(lane.client, { key: origin.url.origin, lane });
      const [oldest] = idle.keys();
      if (idle.size > MAX_IDLE && oldest) drop(oldest);
    },
    drop: (lane) => drop(lane.client),
    close: async () => {
      const clients = [...idle.keys(), ...busy];
      idle.clear();
      busy.clear();
      await Promise.all(clients.map((client) => client.destroy()));
    },
  };
}
