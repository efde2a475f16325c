/** How a command reaches embedkeep: over HTTP where a server runs, else in process on the data directory. */
import http from 'node:http';
import https from 'node:https';
import { Readable } from 'node:stream';
import { EmbedkeepError } from '../errors.ts';
import { isCode } from '../producer.ts';

/** The API as commands see it. Every failure is an EmbedkeepError with the API's own code. */
export interface Server {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: unknown, accepted: readonly number[]): Promise<T>;
  /** Another method; `null` where the answer has no body. */
  send<T>(method: 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<T>;
  /** A GET, or with a body a POST. */
  stream(path: string, body?: unknown): Promise<Readable>;
  close(): Promise<void>;
}

interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
}
export interface Reply {
  readonly status: number;
  readonly body: Readable;
}
/** `fetch` over the wire, or Fastify's `inject` in process. */
export type Transport = (call: Call) => Promise<Reply>;

/** Not `fetch`: it gives up on an answer that begins after five minutes, as a backup's does. */
export function overHttp(origin: string): Transport {
  const { request } = origin.startsWith('https:') ? https : http;
  return ({ method, path, headers, body }) =>
    new Promise((resolve, reject) => {
      const outgoing = request(new URL(path, origin), { method, headers }, (incoming) => {
        const body = Readable.from(whole(incoming, origin), { objectMode: false });
        resolve({ status: incoming.statusCode ?? 0, body });
      });
      outgoing.on('error', (cause) => {
        reject(unreachable(`No embedkeep answers at ${origin}.`, cause));
      });
      outgoing.end(body);
    });
}

const unreachable = (message: string, cause: unknown): EmbedkeepError =>
  new EmbedkeepError('SERVER_UNREACHABLE', message, { cause });

/** An answer that is cut short must not pass for a short one. */
async function* whole(incoming: Readable, origin: string): AsyncGenerator<Uint8Array> {
  try {
    yield* incoming;
  } catch (cause) {
    throw unreachable(`${origin} broke off in the middle of its answer.`, cause);
  }
}

export function serverOf(
  send: Transport,
  token: string | undefined,
  close: () => Promise<void>,
): Server {
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};

  async function json<T>(call: Call, accepted: readonly number[]): Promise<T> {
    const { status, body } = await send(call);
    const text = await textOf(body);
    if (!accepted.includes(status)) throw problemOf(status, text);
    return (text === '' ? null : JSON.parse(text)) as T;
  }

  const posting = (path: string, body: unknown, method: Call['method'] = 'POST'): Call => ({
    method,
    path,
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

  return {
    get: (path) => json({ method: 'GET', path, headers }, [200]),
    post: (path, body, accepted) => json(posting(path, body), accepted),
    send: (method, path, body) =>
      json(
        body === undefined ? { method, path, headers } : posting(path, body, method),
        [200, 204],
      ),
    async stream(path, given) {
      const call =
        given === undefined ? ({ method: 'GET', path, headers } as const) : posting(path, given);
      const { status, body } = await send(call);
      if (status !== 200) throw problemOf(status, await textOf(body));
      return body;
    },
    close,
  };
}

async function textOf(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString('utf8');
}

/** A problem document (RFC 9457) back into the error it was made of. */
function problemOf(status: number, text: string): EmbedkeepError {
  const { code, detail, retryAfterSeconds } = parsed(text);
  const said = typeof detail === 'string' ? detail : `The server answered ${status}.`;
  const wait = typeof retryAfterSeconds === 'number' ? { retryAfterSeconds } : {};
  return new EmbedkeepError(isCode(code) ? code : 'INTERNAL', said, {
    detail: { status, ...wait },
  });
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return value && typeof value === 'object' ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** `?a=1&b=2` of what is set. */
export function query(values: Record<string, string | number | undefined>): string {
  const set = Object.entries(values).flatMap(([k, v]) => (v === undefined ? [] : [[k, String(v)]]));
  return set.length > 0 ? `?${new URLSearchParams(set as [string, string][])}` : '';
}
