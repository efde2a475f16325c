/**
 * Who of those that wait for one host comes next: the most urgent. Nobody knows who waits; so whoever is told to come back keeps
 * the host's next slot from all that are less urgent until then, and goes before them. Of equals each waits their turn.
 * One slot in ten, though, goes to a less urgent one that waits: else it would wait as long as urgent work goes on.
 * Pure; the Redis script says the same in Lua.
 */
import type { HostState } from './host-state.ts';

/** Who was told a time may be that much late: jobs are picked up by whoever has a hand free. */
export const HOLD_MS = 2000;

/** So many slots go to the more urgent while others wait; the next goes to one of these. */
export const PASSED = 9;

/** The fields of a host's state that tell of it. */
export interface Hold {
  /** The smallest number of those told a time lately: 1 is the most urgent. */
  readonly heldFor: number;
  /** From then on nothing is kept for them. */
  readonly heldUntil: number;
  /** Where the next one as urgent is told to come back. */
  readonly heldHintAt: number;
  /** Of the last who was sent to the end of the host's whole row. */
  readonly rowFor: number;
  /** Slots that went to the more urgent since a less urgent one was told to wait, that one counted; 0 where none waits. */
  readonly passed: number;
  /** Until then the next slot is kept from the more urgent; 0 where it is not. */
  readonly agedUntil: number;
}

export const noHold: Hold = {
  ...{ heldFor: 0, heldUntil: 0, heldHintAt: 0, rowFor: 0 },
  ...{ passed: 0, agedUntil: 0 },
};

const isBehind = (state: Hold, rank: number, now: number): boolean =>
  state.heldUntil > now && rank > state.heldFor;

/** Of those that the others were let pass, and theirs is the next slot. */
const isAged = (state: Hold, rank: number, now: number): boolean =>
  isBehind(state, rank, now) && state.passed >= PASSED;

/** Why a slot that is free is not for this one. */
export function keptFor(state: Hold, rank: number, now: number): 'urgent' | 'turn' | null {
  if (isBehind(state, rank, now)) return isAged(state, rank, now) ? null : 'urgent';
  return state.agedUntil > now ? 'turn' : null;
}

/** Whoever it was kept for has not come: the others must not be kept waiting by that again and again. */
export const forgetMissed = <T extends Hold>(state: T, now: number): T =>
  state.agedUntil > 0 && state.agedUntil <= now ? { ...state, agedUntil: 0, passed: 0 } : state;

/** After a slot was given: the last one of them has had it, or there are more to come. */
export function afterGrant(
  state: Hold,
  rank: number,
  { now, space }: { now: number; space: number },
): Pick<Hold, 'heldUntil' | 'passed' | 'agedUntil'> {
  const { heldUntil, heldHintAt, agedUntil } = state;
  if (isBehind(state, rank, now)) return { heldUntil, passed: 0, agedUntil: 0 };
  const isLast = heldHintAt <= now + space;
  const passed = heldUntil > now && state.passed > 0 ? state.passed + 1 : 0;
  return { heldUntil: isLast ? 0 : heldUntil, passed, agedUntil };
}

export interface Row {
  /** When the refused one may come at the earliest. */
  readonly at: number;
  readonly now: number;
  /** From one turn to the next. */
  readonly space: number;
  readonly gap: number;
  /** The slot was promised to nobody who is as urgent. */
  readonly isFirst: boolean;
  /** It came so little too early that it keeps its place. */
  readonly isEarly: boolean;
  readonly horizonMs: number;
}

type Told = Partial<Pick<HostState, 'hintAt' | 'promisedAt' | 'promisedFor'> & Hold>;

/** When a refused one is told to come back, and what that changes for the next. */
export function tell(state: HostState, rank: number, row: Row): { at: number; told: Told } {
  const { now, space } = row;
  const within = (at: number): number => (at > now + row.horizonMs ? row.at : at);
  const { hintAt, promisedFor, heldUntil, heldHintAt, agedUntil } = state;
  if (isAged(state, rank, now) && (agedUntil <= now || row.isEarly)) {
    return { at: row.at, told: { agedUntil: Math.max(agedUntil, row.at + HOLD_MS) } };
  }
  if (isBehind(state, rank, now)) {
    const at = within(Math.max(row.at, hintAt));
    return { at, told: { hintAt: at + space, rowFor: rank, passed: Math.max(state.passed, 1) } };
  }
  const { isEqual, jumps } = standing(state, rank, now);
  const first = jumps || row.isFirst;
  const hint = isEqual ? heldHintAt : hintAt;
  const at = within(first ? row.at : Math.max(row.at, hint));
  const next = first && !jumps ? Math.max(hint, at + space) : at + space;
  const isAlone = !jumps && (!isEqual || hintAt <= heldHintAt);
  const told: Told = {
    hintAt: isAlone ? next : hintAt,
    promisedAt: state.nextAt,
    promisedFor: first ? at : promisedFor,
    heldFor: rank,
    heldUntil: Math.max(isEqual ? heldUntil : 0, at + Math.max(row.gap, HOLD_MS)),
    heldHintAt: next,
    rowFor: isAlone ? rank : state.rowFor,
  };
  return { at, told };
}

/** As urgent as those the slot is kept for, or more urgent than all who wait. */
function standing({ heldFor, heldUntil, hintAt, rowFor }: HostState, rank: number, now: number) {
  const isLive = heldUntil > now;
  const isEqual = isLive && rank === heldFor;
  // Those before may all have come, and a row of less urgent ones be there still.
  const jumps = !isEqual && (isLive || (hintAt > now && rank < rowFor));
  return { isEqual, jumps };
}
