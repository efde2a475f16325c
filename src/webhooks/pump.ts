/**
 * Sends what the store says is due. One lane an endpoint: a slow or dead one holds up nobody else. The store is asked twice
 * a second rather than a queue told: there is one truth, and nothing to reconcile with it.
 */
import { EmbedkeepError, toFailure } from '../errors.ts';
import type { ClaimedDelivery, Receipt, WebhookOutbox } from '../webhook.ts';
import { messageOf, type Signed, signed } from './message.ts';
import { nextAttempt, pauseAfter, type RetryRules } from './schedule.ts';

export interface SendAnswer {
  readonly status: number;
  readonly retryAfterMs: number | null;
  /** The beginning of the body. */
  readonly response: string;
}
/** One POST, nothing followed. @throws EmbedkeepError where no answer came */
export type Send = (
  url: string,
  message: Signed & { readonly signal?: AbortSignal },
) => Promise<SendAnswer>;

export type DeliveryOutcome = 'delivered' | 'retry' | 'failed' | 'withheld' | 'disabled';

export interface PumpParts extends RetryRules {
  readonly outbox: WebhookOutbox;
  /** How often the store is asked; default 500. */
  readonly everyMs?: number;
  readonly send: Send;
  readonly onOutcome: (outcome: DeliveryOutcome) => void;
  readonly log: {
    info(fields: object, message: string): void;
    warn(fields: object, message: string): void;
  };
}

export interface Pump {
  start(): void;
  /** Takes nothing more; what is being sent may end within `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

const EVERY_MS = 500;
const SETTLE_EVERY_MS = 10_000;
/** Deliveries of one endpoint at a time in one process. */
const AT_A_TIME = 4;

export function createPump(parts: PumpParts): Pump {
  const { everyMs = EVERY_MS } = parts;
  const lanes = new Map<string, Promise<void>>();
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let ticking: Promise<void> = Promise.resolve();
  let settledAt = parts.now().getTime();

  const quietly = (what: string) => (err: unknown) => parts.log.warn({ err }, what);

  async function tick(): Promise<void> {
    for (const id of await parts.outbox.busy()) {
      if (lanes.has(id) || stopping.signal.aborted) continue;
      const lane = drain(id, parts, stopping.signal)
        .catch(quietly('webhooks of an endpoint interrupted by the store'))
        .finally(() => lanes.delete(id));
      lanes.set(id, lane);
    }
    const now = parts.now().getTime();
    if (now - settledAt < SETTLE_EVERY_MS) return;
    settledAt = now;
    await parts.outbox.settle();
  }

  function schedule(ms: number): void {
    timer = setTimeout(() => {
      ticking = tick().catch(quietly('webhooks cannot be looked up'));
      void ticking.finally(() => {
        if (!stopping.signal.aborted) schedule(everyMs);
      });
    }, ms);
    timer.unref();
  }

  return {
    start: () => schedule(0),
    async stop(graceMs) {
      stopping.abort();
      clearTimeout(timer);
      await ticking;
      let late: NodeJS.Timeout | undefined;
      const grace = new Promise((resolve) => {
        late = setTimeout(resolve, graceMs);
      });
      await Promise.race([Promise.all(lanes.values()), grace]);
      clearTimeout(late);
      await parts.outbox.settle().catch(quietly('webhooks not settled'));
    },
  };
}

async function drain(id: string, parts: PumpParts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const events = await parts.outbox.derive(id);
    const claimed = signal.aborted ? [] : await parts.outbox.claim(id, AT_A_TIME);
    await Promise.all(claimed.map((delivery) => deliver(delivery, parts)));
    if (events === 0 && claimed.length === 0) return;
  }
}

async function deliver(claimed: ClaimedDelivery, parts: PumpParts): Promise<void> {
  const { outbox, onOutcome, log } = parts;
  if (claimed.isRemoved) {
    await outbox.withheld(claimed);
    onOutcome('withheld');
    return;
  }
  const now = parts.now();
  const message = signed(claimed.id, messageOf(claimed), { secrets: claimed.secrets, now });
  const { receipt, retryAfterMs } = await attempt(claimed.url, message, parts.send);
  if (isSuccess(receipt)) {
    await outbox.delivered(claimed, receipt);
    onOutcome('delivered');
    return;
  }
  const nextAt = nextAttempt(claimed.attempts, retryAfterMs, parts);
  const disabled = await outbox.notDelivered(claimed, {
    receipt,
    nextAt,
    pauseUntil: (failures) => pauseAfter(failures, retryAfterMs, parts),
    isGone: receipt.status === GONE,
  });
  onOutcome(disabled ? 'disabled' : nextAt ? 'retry' : 'failed');
  const { status, code } = receipt;
  const fields = { delivery: claimed.id, endpoint: claimed.endpointId, status, code, nextAt };
  if (disabled) log.warn({ ...fields, why: disabled }, 'webhook endpoint disabled');
  else if (!nextAt) log.warn(fields, 'webhook given up');
  else log.info(fields, 'webhook will be sent again');
}

const GONE = 410;

export const isSuccess = ({ status }: Receipt): boolean =>
  status !== null && status >= 200 && status < 300;

/** Never throws: whatever happened is the receipt. */
export async function attempt(
  url: string,
  message: Signed,
  send: Send,
): Promise<{ receipt: Receipt; retryAfterMs: number | null }> {
  const started = performance.now();
  const durationMs = () => performance.now() - started;
  try {
    const { status, response, retryAfterMs } = await send(url, message);
    const receipt = { status, response, code: null, message: null, durationMs: durationMs() };
    if (isSuccess(receipt)) return { receipt, retryAfterMs: null };
    return { receipt: { ...receipt, ...refusal(status) }, retryAfterMs };
  } catch (thrown) {
    const { code, message: said } = toFailure(thrown);
    const nothing = { status: null, response: null };
    return {
      receipt: { ...nothing, code, message: said, durationMs: durationMs() },
      retryAfterMs: null,
    };
  }
}

function refusal(status: number): { code: string; message: string } {
  const isRedirect = status >= 300 && status < 400;
  const { code, message } = new EmbedkeepError(
    'HTTP_STATUS',
    isRedirect
      ? `The endpoint answered ${status}; redirects are not followed.`
      : `The endpoint answered ${status}.`,
  );
  return { code, message };
}
