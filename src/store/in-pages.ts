/** A table read page by page. */

/** Rows. */
export const PAGE = 500;

/** By a number that only grows: rows that come meanwhile come last. */
export async function* inPages<Row, T>(
  page: (after: number) => Promise<readonly Row[]>,
  numberOf: (row: Row) => number,
  claim: (row: Row) => T,
): AsyncGenerator<T> {
  for (let after = 0; ; ) {
    const rows = await page(after);
    yield* rows.map(claim);
    const last = rows.at(-1);
    if (last === undefined) return;
    after = numberOf(last);
  }
}
