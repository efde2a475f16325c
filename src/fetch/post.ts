/** One POST of ours to an address that somebody named: guarded like a fetch, nothing followed, nothing kept but a beginning. */
import type { HeaderLines } from '../capture.ts';
import { EmbedkeepError } from '../errors.ts';
import { parseAllowList } from './allow-list.ts';
import { type Lane, openConnections } from './connections.ts';
import type { Resolve } from './connector.ts';
import { checkUrl } from './guard.ts';
import { toFetchError } from './network-error.ts';
import { retryAfterMs } from './retry-after.ts';

export interface PosterOptions {
  readonly userAgent: string;
  /** ALLOW_PRIVATE_HOSTS. */
  readonly allowPrivate: readonly string[];
  /** For everything, from the name to the answer's head. */
  readonly timeoutMs: number;
  readonly proxy?: string | undefined;
  readonly resolve?: Resolve;
  /** Further certificate authorities (PEM). */
  readonly ca?: string;
}

export interface PostAnswer {
  readonly status: number;
  readonly retryAfterMs: number | null;
  /** At most the first kilobyte, as UTF-8. */
  readonly response: string;
}

export interface Poster {
  /** What can be told before anybody is asked. @throws EmbedkeepError URL_INVALID, URL_BLOCKED */
  check(url: string): void;
  /** @throws EmbedkeepError where no answer came */
  post(
    url: string,
    request: { readonly headers: Readonly<Record<string, string>>; readonly body: string },
  ): Promise<PostAnswer>;
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 5000;
const SNIPPET_BYTES = 1024;
/** The status is the answer; its body is only shown. */
const SNIPPET_PATIENCE_MS = 1000;

export function createPoster(options: PosterOptions): Poster {
  const { timeoutMs, userAgent } = options;
  const allow = parseAllowList(options.allowPrivate);
  const connections = openConnections({
    allow,
    connectTimeoutMs: Math.min(CONNECT_TIMEOUT_MS, timeoutMs),
    headersTimeoutMs: timeoutMs,
    idleTimeoutMs: timeoutMs,
    resolve: options.resolve,
    proxy: options.proxy,
    ca: options.ca,
  });

  async function answerOf(lane: Lane, call: Call): Promise<PostAnswer> {
    const { url, headers, body } = call;
    const response = await lane.client.request({
      method: 'POST',
      path: url.pathname + url.search,
      // A connection of its own: one that the other side is just closing would count as a failed attempt.
      headers: { ...headers, 'user-agent': userAgent, connection: 'close' },
      body,
    });
    const lines = Object.entries(response.headers).flatMap(([name, value]) =>
      [value ?? []].flat().map((one): [string, string] => [name, one]),
    ) satisfies HeaderLines;
    return {
      status: response.statusCode,
      retryAfterMs: retryAfterMs(lines, Date.now()),
      response: await beginning(response.body),
    };
  }

  return {
    check: (url) => void checkUrl(url, allow),
    async post(text, request) {
      const target = checkUrl(text, allow);
      const lane = connections.take(target);
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        const said = `The endpoint did not answer within ${timeoutMs} ms.`;
        timer = setTimeout(() => reject(new EmbedkeepError('TIMEOUT_TOTAL', said)), timeoutMs);
      });
      try {
        // undici hears no signal before it is connected; dropping the lane ends it in any state.
        return await Promise.race([answerOf(lane, { ...request, url: target.url }), late]);
      } catch (thrown) {
        throw toFetchError(thrown);
      } finally {
        clearTimeout(timer);
        connections.drop(lane);
      }
    },
    close: () => connections.close(),
  };
}

interface Call {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

async function beginning(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  const read = async (): Promise<void> => {
    let size = 0;
    for await (const chunk of body) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= SNIPPET_BYTES) return;
    }
  };
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, SNIPPET_PATIENCE_MS);
  });
  // A body that breaks off has said what it has said.
  await Promise.race([read().catch(() => {}), enough]);
  clearTimeout(timer);
  return Buffer.concat(chunks).subarray(0, SNIPPET_BYTES).toString('utf8');
}
