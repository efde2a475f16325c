/** An answer that takes long is kept for a while: a scrape or a progress page must not cost the store a tenth of its time. */

/** Up to this an answer is asked for anew each time. */
const QUICK_MS = 100;
/** A slow one is kept for so many times as long as it took. */
const TIMES = 20;
/** But no longer: one that met a busy moment would be shown for minutes. */
const MOST_MS = 60_000;

/** Asked once at a time. What is answered is at most TIMES as old as it took to find out, or `mostMs`; anew each time where that is quick. */
export function held<T>(ask: () => Promise<T>, mostMs = MOST_MS): () => Promise<T> {
  let asked: Promise<T> | null = null;
  let until = 0;
  return () => {
    const began = performance.now();
    if (asked && began < until) return asked;
    until = Number.POSITIVE_INFINITY;
    asked = ask();
    asked.then(
      () => {
        const took = performance.now() - began;
        until = took > QUICK_MS ? performance.now() + Math.min(took * TIMES, mostMs) : 0;
      },
      () => {
        until = 0;
      },
    );
    return asked;
  };
}
