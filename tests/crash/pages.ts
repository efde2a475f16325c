/**
 * A news site that makes every end of a run happen: pages with a post, pages that are gone, pages that break off once.
 * It also takes webhooks, refusing some the first time, and remembers under which ids it was told what.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { WebhookMessage } from '../../src/webhook.ts';
import { pageOf } from '../support/site.ts';

export interface Pages {
  readonly origin: string;
  /** As ALLOW_PRIVATE_HOSTS takes them. */
  readonly hosts: string;
  /** What it was told, as type, run and post: the delivery ids that told it. */
  readonly told: ReadonlyMap<string, ReadonlySet<string>>;
  /** Milliseconds before each answer. */
  delayMs: number;
  /** Addresses never asked for before: most have a post, one is gone, one breaks off the first time. */
  fresh(count: number): string[];
  close(): Promise<void>;
}

const LETTERS = 'abcdefghij';

/** Whether a run of this address ends as a failure by rights. */
export const isGone = (url: string): boolean => url.includes('/gone-');

export async function startPages(): Promise<Pages> {
  const brokenOff = new Set<string>();
  let given = 0;
  const told = new Map<string, Set<string>>();
  const refused = new Set<string>();
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    if (path === HOOK) {
      take(request, { told, refused }).then(
        (status) => response.writeHead(status).end(),
        () => response.destroy(),
      );
      return;
    }
    if (path === '/robots.txt') {
      response.writeHead(404).end();
      return;
    }
    if (path.startsWith('/flaky-') && !brokenOff.has(path)) {
      brokenOff.add(path);
      response.writeHead(200, { 'content-type': 'text/html', 'content-length': '100000' });
      response.write('<p>cut', () => response.destroy());
      return;
    }
    setTimeout(() => {
      response.writeHead(path.startsWith('/gone-') ? 404 : 200, {
        'content-type': 'text/html; charset=utf-8',
      });
      response.end(pageOf(path));
    }, pages.delayMs);
  });
  // A dropped connection of a killed client is no event here.
  server.on('clientError', (_error, socket) => socket.destroy());
  server.listen(0, '0.0.0.0');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const host = `127.0.0.1:${port}`;
  const others = Array.from({ length: 16 }, (_, n) => `127.0.1.${n + 1}:${port}`);
  const pages: Pages = {
    origin: `http://${host}`,
    hosts: [host, ...others].join(','),
    told,
    delayMs: 0,
    fresh(count) {
      return Array.from({ length: count }, (_, index) => {
        given += 1;
        // In letters: a page called 404 would be taken at its word.
        const name = [...String(given)].map((digit) => LETTERS[Number(digit)]).join('');
        if (index === 1) return `http://${host}/gone-${name}`;
        // Hosts of their own: several that break off one after another, and a host would be left alone for a while.
        if (index === 2) return `http://${others[given % others.length]}/flaky-${name}`;
        return `http://${host}/story-${name}`;
      });
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return pages;
}

/** Where webhooks go. */
export const HOOK = '/hook';

/** Answers the HTTP status. A failed article is told only to a second try. */
async function take(
  request: IncomingMessage,
  { told, refused }: { told: Map<string, Set<string>>; refused: Set<string> },
): Promise<number> {
  const { type, data } = (await json(request)) as WebhookMessage;
  const id = String(request.headers['webhook-id']);
  if (type === 'article.failed' && !refused.has(id)) {
    refused.add(id);
    return 500;
  }
  const what = toldOf(type, data.runId, data.post?.id);
  const ids = told.get(what) ?? new Set();
  told.set(what, ids.add(id));
  return 204;
}

export const toldOf = (type: string, runId: string | null, postId = ''): string =>
  [type, runId, postId].join(' ');
