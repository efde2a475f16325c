/** A small news site on loopback: any path is an article with one post; counts who asked for what. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Site {
  readonly origin: string;
  /** host:port, as ALLOW_PRIVATE_HOSTS takes it. */
  readonly host: string;
  /** Paths asked for, in order, robots.txt aside. */
  readonly asked: string[];
  /** Milliseconds before each answer. */
  delayMs: number;
  urls(count: number): string[];
  close(): Promise<void>;
}

export async function startSite(): Promise<Site> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    if (path === '/robots.txt') {
      response.writeHead(404).end();
      return;
    }
    asked.push(path);
    setTimeout(() => {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(pageOf(path));
    }, site.delayMs);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const site: Site = {
    origin: `http://${host}`,
    host,
    asked,
    delayMs: 0,
    urls: (count) => Array.from({ length: count }, (_, i) => `http://${host}/story-${i}`),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return site;
}

/** A post's id belongs to its day; the path only makes the page its own. */
export const pageOf = (
  path: string,
): string => `<!doctype html><html><head><title>${path}</title></head><body>
<p>A reader wrote:</p>
<blockquote class="twitter-tweet"><p lang="en" dir="ltr">The bridge is open again ${path}</p>&mdash; Mira Holt (@miraholt)
<a href="https://twitter.com/miraholt/status/14315550${String(path.length).padStart(3, '0')}${hash(path)}?ref_src=twsrc%5Etfw">August 28, 2021</a></blockquote>
</body></html>`;

function hash(text: string): string {
  let sum = 0;
  for (const char of text) sum = (sum * 31 + char.charCodeAt(0)) % 100_000_000;
  return String(sum).padStart(8, '0');
}
