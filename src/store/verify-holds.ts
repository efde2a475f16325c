/** Legal holds against the events that tell of them: none lifted, laid or reworded without one. */
import type { Inspection } from './verify-report.ts';
import type { ToldHold, Vouched } from './vouched.ts';

export interface HoldClaim extends ToldHold {
  /** `kind target`. */
  readonly key: string;
}

export interface HoldCheck {
  readonly inspection: Inspection;
  readonly vouched: Vouched;
  readonly later: () => Promise<Vouched>;
}

/** Holds are laid by hand: they fit into memory. */
export async function verifyHolds(
  holds: AsyncIterable<HoldClaim>,
  { inspection, vouched, later }: HoldCheck,
): Promise<void> {
  const found = new Map<string, string[]>();
  for await (const { key, ...hold } of holds) {
    found.set(key, [...(found.get(key) ?? []), textOf(hold)]);
  }
  const told = new Map(
    [...vouched.holds.entries()].map(([key, all]) => [key, all.map(textOf)] as const),
  );
  const since = (await later()).holds;
  for (const key of new Set([...found.keys(), ...told.keys()])) {
    const isSame = found.get(key)?.toSorted().join() === told.get(key)?.toSorted().join();
    if (isSame || since.has(key)) continue;
    const what = 'is not what the event chain recorded of it';
    inspection.damage('HOLD_MISMATCH', `hold on ${key}`, what);
  }
}

const textOf = ({ reason, heldAt, releasedAt }: ToldHold): string =>
  JSON.stringify([reason, Date.parse(heldAt), releasedAt && Date.parse(releasedAt)]);
