/**
 * The pace of one host as pure functions of time: what the in-process and the SQL store run, and what the Redis
 * script is held equal to by a test. Times are milliseconds on the store's clock.
 */

import { afterGrant, forgetMissed, type Hold, keptFor, noHold, tell } from './precedence.ts';

export interface HostState extends Hold {
  /** No request before this. */
  readonly nextAt: number;
  /** Requests in flight: slot id → when its lease ends (its process died). */
  readonly slots: Readonly<Record<string, number>>;
  readonly crawlDelayMs: number;
  /** Distance after 429 and 503; halves its way back slowly. */
  readonly slowdownMs: number;
  readonly blockedUntil: number;
  readonly blockedBy: BlockReason | '';
  /** In a row. */
  readonly failures: number;
  /** Where the next one who must wait is told to come back, so that not all come at once. */
  readonly hintAt: number;
  /** The `nextAt` that somebody was told to come back at; a slot nobody was told of would pass unused. */
  readonly promisedAt: number;
  /** When that somebody comes back; after it, the next to ask is told so instead. */
  readonly promisedFor: number;
  /** From a request to the moment when its slot may be used again, as it lately was at best; 0 before the first. */
  readonly turnMs: number;
  /** The clock when this was last written; 0 before that. */
  readonly writtenAt: number;
}

export type BlockReason = 'retry-after' | 'throttled' | 'down';
export type WaitReason =
  | BlockReason
  | 'busy'
  | 'interval'
  | 'crawl-delay'
  | 'slowdown'
  | 'urgent'
  | 'turn';

export const freshHost: HostState = {
  nextAt: 0,
  slots: {},
  crawlDelayMs: 0,
  slowdownMs: 0,
  blockedUntil: 0,
  blockedBy: '',
  failures: 0,
  hintAt: 0,
  promisedAt: -1,
  promisedFor: 0,
  turnMs: 0,
  writtenAt: 0,
  ...noHold,
};

export interface TakeOrder {
  readonly slotId: string;
  readonly intervalMs: number;
  readonly concurrency: number;
  readonly leaseMs: number;
  /** The run's priority, 1 the most urgent. */
  readonly rank: number;
}
export type Turn =
  | { readonly granted: true }
  | { readonly granted: false; readonly waitMs: number; readonly why: WaitReason };

export interface GiveOrder {
  readonly slotId: string;
  readonly intervalMs: number;
  readonly outcome: 'ok' | 'throttled' | 'down' | 'neutral';
  readonly retryAfterMs: number | null;
  /** How long ago the last response began; whole, as all times here. */
  readonly answeredAgoMs: number;
  /** How long the slot was held. */
  readonly heldMs: number;
}

/** While all slots are busy, nobody comes back sooner. */
export const BUSY_RETRY_MS = 100;
/** A slower turn raises the estimate by at most this part of it. */
export const RISE = 4;
/** What a host's first turn is measured against: it may be an outlier. */
export const FIRST_TURN_MS = 1000;
/** Coming this part of the distance too early does not cost one's place. */
export const EARLY = 4;
/** Waiting jobs are spread over at most this, so that an urgent one is never told to wait behind thousands. */
export const HINT_HORIZON_MS = 600_000;
export const MIN_SLOWDOWN_MS = 1000;
export const MAX_SLOWDOWN_MS = 300_000;
/** A success takes a tenth off; below this it is forgotten. */
export const RECOVERY = 0.9;
export const FORGET_SLOWDOWN_MS = 250;
/** Failures in a row that open the circuit, how long at first, doubling up to an hour; then one request probes. */
export const BREAKER_FAILURES = 5;
export const BREAKER_MS = 60_000;
export const MAX_BREAKER_MS = 3_600_000;

export const distance = (state: HostState, intervalMs: number): number =>
  Math.max(intervalMs, state.crawlDelayMs, state.slowdownMs);

/**
 * A clock that ran ahead and was put right would silence the host until it is there again: what was to come keeps its
 * distance from now instead.
 */
function onClock(state: HostState, now: number): HostState {
  const back = Math.max(0, state.writtenAt - now);
  if (back === 0) return { ...state, writtenAt: now };
  // 0 and less say that there is none.
  const at = (time: number): number => (time > 0 ? time - back : time);
  const slots = Object.entries(state.slots).map(([id, end]) => [id, at(end)] as const);
  return {
    ...state,
    nextAt: at(state.nextAt),
    slots: Object.fromEntries(slots),
    blockedUntil: at(state.blockedUntil),
    hintAt: at(state.hintAt),
    promisedAt: at(state.promisedAt),
    promisedFor: at(state.promisedFor),
    heldUntil: at(state.heldUntil),
    heldHintAt: at(state.heldHintAt),
    agedUntil: at(state.agedUntil),
    writtenAt: now,
  };
}

export function take(before: HostState, order: TakeOrder, now: number): [HostState, Turn] {
  const state = forgetMissed(onClock(before, now), now);
  const slots = Object.fromEntries(Object.entries(state.slots).filter(([, end]) => end > now));
  const live = { ...state, slots };
  const gap = distance(live, order.intervalMs);
  const space = spacing(live, order, gap);
  const refusal = refuse(live, order, now);
  if (refusal === null) {
    const granted = { ...slots, [order.slotId]: now + order.leaseMs };
    const hold = afterGrant(live, order.rank, { now, space });
    return [{ ...live, ...hold, slots: granted, nextAt: now + gap }, { granted: true }];
  }
  // The first to wait for this slot gets it, and so does who comes a little early (a timer, a response that
  // took its time); each further one a time of their own, from the row's end. Beyond the horizon the row begins anew.
  const patience = refusal.why === 'busy' ? live.turnMs : gap;
  const isEarly = refusal.at - now <= patience / EARLY;
  const isFirst = isEarly || live.promisedAt !== live.nextAt || live.promisedFor <= now;
  const row = { at: refusal.at, now, space, gap, isFirst, isEarly, horizonMs: HINT_HORIZON_MS };
  const { at, told } = tell(live, order.rank, row);
  return [
    { ...live, ...told },
    { granted: false, waitMs: at - now, why: refusal.why },
  ];
}

/** How far apart waiting jobs get their turns: as far as the host's slots lately came free. */
const spacing = (state: HostState, order: TakeOrder, gap: number): number =>
  Math.max(gap, Math.floor(state.turnMs / order.concurrency), BUSY_RETRY_MS);

/** When the slot that was taken first is likely to be free. */
function freeAt(state: HostState, order: TakeOrder, now: number): number {
  const takenAt = Math.min(...Object.values(state.slots)) - order.leaseMs;
  const usual = takenAt + state.turnMs;
  if (usual >= now + BUSY_RETRY_MS) return usual;
  // overdue: as long again as it already is
  return now + Math.max(BUSY_RETRY_MS, now - usual);
}

function refuse(
  state: HostState,
  order: TakeOrder,
  now: number,
): { at: number; why: WaitReason } | null {
  if (state.blockedUntil > now) {
    return { at: state.blockedUntil, why: state.blockedBy || 'throttled' };
  }
  const allowed = state.failures >= BREAKER_FAILURES ? 1 : order.concurrency;
  if (Object.keys(state.slots).length >= allowed) {
    return { at: Math.max(state.nextAt, freeAt(state, order, now)), why: 'busy' };
  }
  if (state.nextAt <= now) {
    const why = keptFor(state, order.rank, now);
    return why && { at: now + BUSY_RETRY_MS, why };
  }
  return { at: state.nextAt, why: distanceReason(state, order.intervalMs) };
}

export function distanceReason(state: HostState, intervalMs: number): WaitReason {
  if (state.slowdownMs > Math.max(intervalMs, state.crawlDelayMs)) return 'slowdown';
  return state.crawlDelayMs > intervalMs ? 'crawl-delay' : 'interval';
}

export function give(before: HostState, order: GiveOrder, now: number): HostState {
  const state = onClock(before, now);
  const { [order.slotId]: _returned, ...slots } = state.slots;
  const after = judge({ ...state, slots }, order, now);
  const gap = distance(after, order.intervalMs);
  const nextAt = now - order.answeredAgoMs + gap;
  return { ...after, nextAt: Math.max(after.nextAt, nextAt), turnMs: turnOf(state, order, gap) };
}

function turnOf({ turnMs }: HostState, order: GiveOrder, gap: number): number {
  if (order.outcome === 'neutral') return turnMs;
  const turn = Math.max(order.heldMs, order.heldMs - order.answeredAgoMs + gap);
  // falls at once, rises slowly: an estimate too low costs a look, one too high leaves the host idle
  const known = turnMs === 0 ? Math.max(gap, FIRST_TURN_MS) : turnMs;
  return Math.min(turn, known + Math.floor(known / RISE));
}

function judge(state: HostState, order: GiveOrder, now: number): HostState {
  switch (order.outcome) {
    case 'neutral':
      return state;
    case 'ok': {
      const slower = Math.floor(state.slowdownMs * RECOVERY);
      return { ...state, failures: 0, slowdownMs: slower < FORGET_SLOWDOWN_MS ? 0 : slower };
    }
    case 'throttled': {
      const doubled = 2 * Math.max(distance(state, order.intervalMs), MIN_SLOWDOWN_MS / 2);
      const slowdownMs = Math.min(doubled, MAX_SLOWDOWN_MS);
      const blockedUntil = now + (order.retryAfterMs ?? slowdownMs);
      const blockedBy = order.retryAfterMs === null ? 'throttled' : 'retry-after';
      return { ...state, failures: 0, slowdownMs, ...later(state, blockedUntil, blockedBy) };
    }
    case 'down': {
      const failures = state.failures + 1;
      if (failures < BREAKER_FAILURES) return { ...state, failures };
      const pause = BREAKER_MS * 2 ** Math.min(failures - BREAKER_FAILURES, 10);
      const until = now + Math.min(pause, MAX_BREAKER_MS);
      return { ...state, failures, ...later(state, until, 'down') };
    }
  }
}

const later = (
  state: HostState,
  blockedUntil: number,
  blockedBy: BlockReason,
): Pick<HostState, 'blockedUntil' | 'blockedBy'> =>
  blockedUntil > state.blockedUntil
    ? { blockedUntil, blockedBy }
    : { blockedUntil: state.blockedUntil, blockedBy: state.blockedBy };
