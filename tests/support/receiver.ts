/** A webhook receiver on loopback that answers as the test says and keeps what it was sent, in order. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WebhookMessage } from '../../src/webhook.ts';

export interface Received {
  readonly path: string;
  readonly id: string;
  readonly headers: IncomingHttpHeaders;
  /** As it came, for the signature. */
  readonly text: string;
  readonly message: WebhookMessage;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

export interface Receiver {
  readonly origin: string;
  /** host:port, as ALLOW_PRIVATE_HOSTS takes it. */
  readonly host: string;
  readonly received: Received[];
  /** By path; null never answers. Default: 204. */
  answer(path: string, how: (given: Received) => Answer | null): void;
  at(path: string): readonly Received[];
  close(): Promise<void>;
}

const TAKEN: Answer = { status: 204 };

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const answers = new Map<string, (given: Received) => Answer | null>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const path = request.url ?? '/';
      const given: Received = {
        path,
        id: String(request.headers['webhook-id']),
        headers: request.headers,
        text,
        message: text === '' ? null : JSON.parse(text),
      };
      received.push(given);
      const answer = (answers.get(path) ?? (() => TAKEN))(given);
      if (answer) response.writeHead(answer.status, answer.headers).end(answer.body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin: `http://${host}`,
    host,
    received,
    answer: (path, how) => void answers.set(path, how),
    at: (path) => received.filter((one) => one.path === path),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
