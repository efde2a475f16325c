/** The dice of the matrix: all that a run chooses comes from one printed number, so that a bad run can be had again. */

/** Rounds of the long form; 0 is the short one. */
export const ROUNDS = Number(process.env['CRASH_ROUNDS'] ?? 0);
/** The first of them, so that a long form can be run in slices. */
export const FROM_ROUND = Number(process.env['CRASH_FROM'] ?? 0);
/** Kills at these points alone, e.g. `recall:before,recall:after`. Default: all. */
export const ONLY_AT = process.env['CRASH_POINTS']?.split(',');
export const SEED = Number(process.env['CRASH_SEED'] ?? Date.now() % 1_000_000);

export interface Dice {
  /** In [0, 1). */
  next(): number;
  /** A whole number from 0 to `below` - 1. */
  below(below: number): number;
  pick<T>(from: readonly T[]): T;
  shuffled<T>(from: readonly T[]): T[];
}

/** Mulberry32: a small generator whose numbers depend on the seed alone. */
export function diceFrom(seed: number): Dice {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (most: number): number => Math.floor(next() * most);
  return {
    next,
    below,
    pick(from) {
      const one = from[below(from.length)];
      if (one === undefined) throw new Error('nothing to pick from');
      return one;
    },
    shuffled: (from) =>
      from
        .map((one) => ({ one, rank: next() }))
        .sort((a, b) => a.rank - b.rank)
        .map(({ one }) => one),
  };
}
