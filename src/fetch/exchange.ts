/** One request and what came back, within budgets of time and bytes. Nothing is followed, retried or decoded here. */
import type { Dispatcher } from 'undici';
import type { Exchange, HeaderLines } from '../capture.ts';
import { EmbedkeepError } from '../errors.ts';
import type { Lane } from './connections.ts';
import { toBodyError, toFetchError } from './network-error.ts';
import { describePeer, toHeaderLines } from './wire.ts';

export interface Head {
  readonly status: number;
  readonly headers: HeaderLines;
}

export interface ExchangeRequest {
  readonly url: URL;
  readonly headers: HeaderLines;
  /** Aborts with the error to be thrown: the total deadline, or the caller's own reason. */
  readonly signal: AbortSignal;
  readonly limits: Limits;
  /** Judges the response once its head is there; throwing ends the exchange with that error. */
  readonly onHead: (head: Head) => BodyPlan;
}

export interface Limits {
  readonly bodyBytes: number;
  /** On the wire, heads, chunk framing and all. */
  readonly wireBytes: number;
}

export interface BodyPlan {
  /** At most this much; beyond, the rest is dropped without complaint (redirects). Default: an error beyond the limit. */
  readonly keepAtMost?: number;
  /** Milliseconds to wait for the body before it is dropped without complaint (redirects). */
  readonly patienceMs?: number;
  /** Shown the beginning of the body once; throwing ends the exchange with that error. */
  readonly onStart?: (firstBytes: Uint8Array) => void;
}

export interface Received {
  readonly exchange: Exchange;
  /** What cut the body; null where it came whole. */
  readonly cut: EmbedkeepError | null;
  /** The connection ended in order and can carry another request. */
  readonly reusable: boolean;
}

/** Enough to tell what kind of file it is. */
const START_BYTES = 1024;
/** Bytes on the wire are looked at this often besides at every callback: floods of framing cause none. */
const BUDGET_CHECK_MS = 50;

/** @throws EmbedkeepError where no response head came, or `onHead`/`onStart` threw. */
export function runExchange(lane: Lane, request: ExchangeRequest): Promise<Received> {
  return new Promise((resolve, reject) => {
    const run = new Run(lane, request, { resolve, reject });
    run.start();
  });
}

interface Settle {
  readonly resolve: (received: Received) => void;
  readonly reject: (error: EmbedkeepError) => void;
}

class Run implements Dispatcher.DispatchHandler {
  readonly #lane: Lane;
  readonly #request: ExchangeRequest;
  readonly #settle: Settle;
  readonly #startedAt = new Date();
  readonly #clock = performance.now();
  readonly #bytesBefore: number;
  readonly #reused: boolean;
  readonly #chunks: Uint8Array[] = [];
  #size = 0;
  #connected: number | null = null;
  #headersAt = 0;
  #head: (Head & { readonly statusText: string }) | null = null;
  #plan: BodyPlan = {};
  #peer: Pick<Exchange, 'remoteAddress' | 'tls'> = { remoteAddress: null, tls: null };
  #settled = false;
  #budgetTimer: NodeJS.Timeout | undefined;
  #patienceTimer: NodeJS.Timeout | undefined;

  constructor(lane: Lane, request: ExchangeRequest, settle: Settle) {
    this.#lane = lane;
    this.#request = request;
    this.#settle = settle;
    this.#bytesBefore = lane.socket()?.bytesRead ?? 0;
    this.#reused = lane.socket() !== null;
  }

  start(): void {
    const { url, headers, signal } = this.#request;
    if (signal.aborted) {
      this.#stop(signal.reason);
      return;
    }
    signal.addEventListener('abort', this.#onAbort);
    this.#budgetTimer = setInterval(() => this.#checkBudget(), BUDGET_CHECK_MS);
    const options: Dispatcher.DispatchOptions = {
      method: 'GET',
      path: url.pathname + url.search,
      headers: headers.flat(),
    };
    try {
      this.#lane.client.dispatch(options, this);
    } catch (error) {
      this.#stop(error);
    }
  }

  readonly #onAbort = (): void => this.#stop(this.#request.signal.reason);

  onRequestStart(): void {
    if (!this.#reused) this.#connected = this.#elapsed();
    this.#peer = describePeer(this.#lane.socket());
  }

  onResponseStart(
    ...[controller, status, , statusText]: Parameters<
      NonNullable<Dispatcher.DispatchHandler['onResponseStart']>
    >
  ): void {
    // 100 Continue and 103 Early Hints come before the answer, as many as the peer likes.
    if (status < 200) {
      this.#checkBudget();
      return;
    }
    this.#headersAt = this.#elapsed();
    const headers = toHeaderLines(controller.rawHeaders as Buffer[]);
    this.#head = { status, statusText: statusText ?? '', headers };
    this.#guarded(() => {
      this.#plan = this.#request.onHead({ status, headers });
    });
    if (this.#plan.patienceMs !== undefined && !this.#settled) {
      this.#patienceTimer = setTimeout(() => this.#finish(null, false), this.#plan.patienceMs);
    }
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settled) return;
    const room = (this.#plan.keepAtMost ?? this.#request.limits.bodyBytes) - this.#size;
    // The parser's buffer is shared: keep a copy.
    const kept = new Uint8Array(chunk.subarray(0, Math.max(0, room)));
    this.#chunks.push(kept);
    this.#size += kept.length;
    if (this.#size >= START_BYTES) this.#showStart();
    if (chunk.length <= room) {
      this.#checkBudget();
    } else {
      const whole = this.#plan.keepAtMost === undefined;
      this.#finish(whole ? tooLarge(this.#request.limits.bodyBytes, 'body') : null, false);
    }
  }

  onResponseEnd(): void {
    this.#finish(null, true);
  }

  onResponseError(_controller: unknown, error: Error): void {
    this.#stop(error);
  }

  #showStart(): void {
    const { onStart } = this.#plan;
    if (!onStart) return;
    this.#plan = {};
    this.#guarded(() => onStart(Buffer.concat(this.#chunks)));
  }

  /** Calls the caller's judgement; its error ends the exchange. */
  #guarded(judge: () => void): void {
    try {
      judge();
    } catch (error) {
      this.#fail(toFetchError(error));
    }
  }

  #checkBudget(): void {
    const read = (this.#lane.socket()?.bytesRead ?? 0) - this.#bytesBefore;
    if (this.#settled || read <= this.#request.limits.wireBytes) return;
    if (this.#head) {
      this.#finish(tooLarge(this.#request.limits.wireBytes, 'wire'), false);
    } else {
      const message = `${read} bytes came without a response head.`;
      this.#fail(new EmbedkeepError('HTTP_PROTOCOL', message));
    }
  }

  #stop(thrown: unknown): void {
    if (this.#head) this.#finish(toBodyError(thrown), false);
    else this.#fail(toFetchError(thrown));
  }

  #fail(error: EmbedkeepError): void {
    if (this.#done()) this.#settle.reject(error);
  }

  #finish(cut: EmbedkeepError | null, reusable: boolean): void {
    if (this.#settled) return;
    if (!cut) this.#showStart();
    if (!(this.#head && this.#done())) return;
    const { url, headers } = this.#request;
    const rawBody = this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks);
    const exchange: Exchange = {
      method: 'GET',
      url: url.href,
      requestHeaders: [['host', url.host], ['connection', 'keep-alive'], ...headers],
      status: this.#head.status,
      statusText: this.#head.statusText,
      responseHeaders: this.#head.headers,
      rawBody: rawBody ?? new Uint8Array(),
      ...this.#peer,
      startedAt: this.#startedAt.toISOString(),
      timings: { connected: this.#connected, headers: this.#headersAt, done: this.#elapsed() },
    };
    this.#settle.resolve({ exchange, cut, reusable });
  }

  /** True the first time. */
  #done(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.#request.signal.removeEventListener('abort', this.#onAbort);
    clearInterval(this.#budgetTimer);
    clearTimeout(this.#patienceTimer);
    return true;
  }

  #elapsed(): number {
    return Math.round((performance.now() - this.#clock) * 1000) / 1000;
  }
}

const tooLarge = (limit: number, what: 'body' | 'wire'): EmbedkeepError =>
  new EmbedkeepError('BODY_TOO_LARGE', undefined, { detail: { limit, what } });
