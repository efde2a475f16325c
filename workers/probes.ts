/** /healthz, /readyz and /metrics of a process without an API. Counts and states only, so no token is asked. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readiness } from './readiness.ts';
import type { World } from './world.ts';

export interface Probes {
  readonly address: string;
  stop(): Promise<void>;
}

export async function startProbes(
  { config, log, metrics }: Pick<World, 'config' | 'log' | 'metrics'>,
  ready: () => Promise<Readiness>,
): Promise<Probes> {
  const answer = async (path: string | undefined, response: ServerResponse): Promise<void> => {
    if (path === '/healthz') return json(response, 200, { status: 'ok' });
    if (path === '/metrics') {
      response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8');
      response.end(await metrics.text());
      return;
    }
    if (path !== '/readyz') return json(response, 404, { status: 'not found' });
    const { ok, problems } = await ready();
    json(response, ok ? 200 : 503, { status: ok ? 'ready' : 'not ready', problems });
  };
  const server = createServer((request, response) => {
    answer(request.url, response).catch((err: unknown) => {
      log.warn({ err, path: request.url }, 'probe failed');
      json(response, 500, { status: 'error' });
    });
  });
  server.listen(config.PORT, config.HOST);
  await once(server, 'listening');
  const { address, port } = server.address() as AddressInfo;
  log.info({ address: `http://${address}:${port}` }, 'probes listening');
  return {
    address: `http://${address}:${port}`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function json(response: ServerResponse, status: number, body: object): void {
  if (response.headersSent) return;
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
