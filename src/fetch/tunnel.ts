/** A tunnel through the operator's HTTP proxy (CONNECT); what runs inside it is ours. */
import type { Socket } from 'node:net';
import { Client } from 'undici';
import { EmbedkeepError } from '../errors.ts';

export interface TunnelOptions {
  /** With credentials where the proxy wants them. */
  readonly proxy: string;
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
}

/** @throws EmbedkeepError PROXY_FAIL: a proxy's troubles are never the host's. */
export async function openTunnel(options: TunnelOptions): Promise<Socket> {
  const { origin, username, password } = new URL(options.proxy);
  const client = new Client(origin, {
    allowH2: false,
    connectTimeout: options.timeoutMs,
    headersTimeout: options.timeoutMs,
  });
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  const authority = `${host}:${options.port}`;
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  try {
    const { statusCode, socket } = await client.connect({
      path: authority,
      headers: {
        host: authority,
        ...(username && {
          'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}`,
        }),
      },
    });
    if (statusCode === 200) return socket as Socket;
    socket.destroy();
    throw refused(statusCode);
  } catch (cause) {
    client.destroy().catch(() => undefined);
    throw cause instanceof EmbedkeepError
      ? cause
      : new EmbedkeepError('PROXY_FAIL', undefined, { cause });
  }
}

const refused = (status: number): EmbedkeepError => {
  const why = status === 407 ? ': its user or password is missing or wrong' : '';
  return new EmbedkeepError('PROXY_FAIL', `The proxy answered ${status} to CONNECT${why}.`, {
    detail: { proxyStatus: status },
  });
};
