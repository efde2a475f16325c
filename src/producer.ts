/** The typed producer for TypeScript pipelines: a client of the HTTP API. */
import type { Order } from './article-job.ts';
import { EmbedkeepError, type ErrorCode, errors } from './errors.ts';
import type { Answer } from './ledger.ts';

export interface ProducerOptions {
  /** e.g. `http://127.0.0.1:8080`. */
  readonly server: string;
  /** One of the server's API_TOKENS. */
  readonly token?: string;
  /** Instead of the global `fetch`. */
  readonly fetch?: typeof fetch;
}

/** What all URLs of one call share; a URL's own object wins over it. */
export type EnqueueOptions = Omit<Order, 'url'> & {
  /** The same key with the same body within 24 h gives the same answer and enqueues nothing twice. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
};

export interface Producer {
  /**
   * Enqueues article URLs. Resolves when every accepted one is committed to the ledger; answers in input order.
   * More than 10,000 URLs are sent in several calls, each with its own idempotency key (`KEY-1`, `KEY-2`, …).
   * @throws EmbedkeepError with the server's code: UNAUTHORIZED, SERVER_UNREACHABLE, …; RATE_LIMITED_INTAKE and
   *   INTAKE_PAUSED with `detail.retryAfterSeconds`. What earlier calls of the same enqueue had accepted stays accepted.
   */
  enqueue(urls: readonly (string | Order)[], options?: EnqueueOptions): Promise<Answer[]>;
}

const MOST_PER_CALL = 10_000;

export function createProducer(options: ProducerOptions): Producer {
  const send = options.fetch ?? fetch;
  const endpoint = new URL('/v1/articles', options.server);

  async function post(orders: readonly Order[], key: string | null, signal?: AbortSignal) {
    const response = await send(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(options.token && { authorization: `Bearer ${options.token}` }),
        ...(key && { 'idempotency-key': key }),
      },
      body: JSON.stringify(orders),
      ...(signal && { signal }),
    }).catch((cause: unknown) => {
      throw new EmbedkeepError(
        'SERVER_UNREACHABLE',
        `No embedkeep answers at ${endpoint.origin}.`,
        {
          cause,
        },
      );
    });
    const answer: unknown = await response.json().catch(() => null);
    return answersOf(response.status, answer);
  }

  return {
    async enqueue(urls, { idempotencyKey, signal, ...shared } = {}) {
      const answers: Answer[] = [];
      for (let at = 0; at < urls.length; at += MOST_PER_CALL) {
        const orders = urls
          .slice(at, at + MOST_PER_CALL)
          .map((given) => ({ ...shared, ...(typeof given === 'string' ? { url: given } : given) }));
        const part = urls.length > MOST_PER_CALL ? `-${at / MOST_PER_CALL + 1}` : '';
        const some = await post(orders, idempotencyKey ? idempotencyKey + part : null, signal);
        answers.push(...some.map((answer) => ({ ...answer, index: answer.index + at })));
      }
      return answers;
    },
  };
}

/** 202 and 422 both carry an answer per URL; anything else is a problem document (RFC 9457). */
function answersOf(status: number, body: unknown): Answer[] {
  if (Array.isArray(body)) return body as Answer[];
  const { items, code, detail, title, retryAfterSeconds } = (body ?? {}) as Record<string, unknown>;
  if (Array.isArray(items)) return items as Answer[];
  throw new EmbedkeepError(
    isCode(code) ? code : 'INTERNAL',
    String(detail ?? title ?? `The server answered ${status}.`),
    { detail: { status, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) } },
  );
}

export const isCode = (code: unknown): code is ErrorCode =>
  typeof code === 'string' && Object.hasOwn(errors, code);
