/** The API on a free port over a real store, and a client that may send any header, also a wrong Host. */
import { mkdtemp, rm } from 'node:fs/promises';
import { type IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { pino } from 'pino';
import { type ApiParts, buildApi } from '../../src/api/index.ts';
import { checkOrders } from '../../src/article-url.ts';
import { readConfig } from '../../src/config.ts';
import type { Embed } from '../../src/embed.ts';
import type { Archive } from '../../src/ledger.ts';
import { openArchive } from '../../src/store/archive/index.ts';
import { upkeepOf } from '../../workers/upkeep.ts';
import { webhookDesk } from '../../workers/webhooks.ts';
import { extractionOf, keptOf, orderAndClaim, type TestStore } from '../store/stores.ts';

export interface Call {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string | Buffer;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Parsed where it is JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: what is in it is what the tests find out
  readonly json: any;
}

export interface World {
  readonly origin: string;
  readonly enqueued: ApiParts['enqueue'] extends (runs: infer R) => unknown ? R[] : never;
  /** Every log line so far. */
  readonly log: string[];
  readonly archive: Archive;
  /** Where its WARCs are. */
  readonly archiveDir: string;
  call(call: Call | string): Promise<Reply>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Reply>;
  close(): Promise<void>;
}

export async function startApi({ store }: TestStore, over: Partial<ApiParts> = {}): Promise<World> {
  const log: string[] = [];
  const enqueued: World['enqueued'] = [];
  const archiveDir = await mkdtemp(join(tmpdir(), 'embedkeep-api-'));
  const blobUrl = pathToFileURL(archiveDir).href;
  const archive = await openArchive({ url: blobUrl });
  const api = await buildApi({
    ledger: store.ledger,
    reader: store.reader,
    idempotency: store.idempotency,
    plans: store.plans,
    archive,
    webhooks: webhookDesk({ config: readConfig({}), store }),
    upkeep: upkeepOf({ store, archive, blobUrl, parseTimeoutMs: 10_000 }),
    enqueue: (runs) => Promise.resolve(enqueued.push(runs)),
    queues: [],
    config: { HOST: '127.0.0.1', API_TOKENS: [], ALLOWED_HOSTS: [] },
    ready: () => Promise.resolve({ ok: true, problems: [] }),
    metrics: () => Promise.resolve('embedkeep_up 1\n'),
    checkOrders,
    explainHost: (host, page) =>
      Promise.resolve(
        host === 'news.example' ? { host, pace: 'idle', ...(page && { page }) } : null,
      ),
    logger: pino({ level: 'trace' }, lines(log)),
    ...over,
  });
  await api.listen({ port: 0, host: '127.0.0.1' });
  const { port } = api.server.address() as AddressInfo;
  const call = (what: Call | string) =>
    send(port, typeof what === 'string' ? { path: what } : what);
  return {
    origin: `http://127.0.0.1:${port}`,
    enqueued,
    log,
    archive,
    archiveDir,
    call,
    post: (path, body, headers = {}) =>
      call({
        method: 'POST',
        path,
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
    async close() {
      await api.close();
      await archive.close();
      await rm(archiveDir, { recursive: true, force: true });
    },
  };
}

const lines = (log: string[]): Writable =>
  new Writable({
    write(chunk, _encoding, done) {
      log.push(String(chunk));
      done();
    },
  });

async function send(
  port: number,
  { method = 'GET', path, headers = {}, body }: Call,
): Promise<Reply> {
  return await new Promise((resolve, reject) => {
    const outgoing = request(
      { host: '127.0.0.1', port, method, path, headers, agent: false },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const isJson = (incoming.headers['content-type'] ?? '').includes('json');
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            text,
            json: isJson && !incoming.headers['content-disposition'] ? JSON.parse(text) : null,
          });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

export interface Kept {
  readonly articleId: string;
  readonly runId: string;
  readonly captureId: string;
}

/** An article with these posts, as if a worker had fetched and read `page`. */
export async function keep(
  current: TestStore,
  { archive }: Pick<World, 'archive'>,
  what: { url: string; embeds: readonly Embed[]; page?: string; title?: string },
): Promise<Kept> {
  const { claim } = await orderAndClaim(current, { url: what.url, force: true });
  const headers: [string, string][] = [['Content-Type', 'text/html']];
  const { capture } = keptOf(what.url, current.now().toISOString(), headers);
  const body = Buffer.from(what.page ?? `<p>${what.url}</p>`);
  const hops = capture.hops.map((hop) => ({ ...hop, rawBody: body }));
  const page = { ...capture, hops, body };
  const extraction = extractionOf(what.embeds);
  const { captureId } = await current.store.ledger.finish(
    claim,
    { capture: page, stored: await archive.write(page) },
    { ...extraction, article: { ...extraction.article, title: what.title ?? 'A title' } },
  );
  return { articleId: claim.run.articleId, runId: claim.run.id, captureId };
}
