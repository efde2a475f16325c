/**
 * Who of those that wait for one host comes next: the most urgent. Nobody knows who waits; so whoever is told to come back keeps
 * the host's next slot from all that are less urgent until then, and goes before them. Of equals each waits their turn.
 * Pure; the Redis script says the same in Lua.
 */
import type { HostState } from './host-state.ts';

/** Who was told a time may be that much late: jobs are picked up by whoever has a hand free. */
export const HOLD_MS = 2000;

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
}

export const noHold: Hold = { heldFor: 0, heldUntil: 0, heldHintAt: 0, rowFor: 0 };

/** A slot that is free, but not for this one. */
export const isKept = (state: Hold, rank: number, now: number): boolean =>
  state.heldUntil > now && rank > state.heldFor;

/** After a slot was given: the last one of them has had it, or there are more to come. */
export function afterGrant(state: Hold, at: { now: number; space: number }): Hold {
  const { heldFor, heldUntil, heldHintAt, rowFor } = state;
  const isLast = heldHintAt <= at.now + at.space;
  return { heldFor, heldHintAt, heldUntil: isLast ? 0 : heldUntil, rowFor };
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
  readonly horizonMs: number;
}

type Told = Pick<HostState, 'hintAt' | 'promisedAt' | 'promisedFor'> & Hold;

/** When a refused one is told to come back, and what that changes for the next. */
export function tell(state: HostState, rank: number, row: Row): { at: number; told: Told } {
  const { now, space } = row;
  const within = (at: number): number => (at > now + row.horizonMs ? row.at : at);
  const { hintAt, promisedAt, promisedFor, heldFor, heldUntil, heldHintAt } = state;
  if (isKept(state, rank, now)) {
    const at = within(Math.max(row.at, hintAt));
    const hold = { heldFor, heldUntil, heldHintAt, rowFor: rank };
    return { at, told: { hintAt: at + space, promisedAt, promisedFor, ...hold } };
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
