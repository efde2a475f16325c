/** Retry-After, both forms, and everything else that stands there. */
import { expect, it } from 'vitest';
import { retryAfterMs } from '../../src/fetch/retry-after.ts';

const now = Date.parse('2026-01-02T03:04:05Z');
const day = 86_400_000;

it.each([
  ['5', 5000],
  ['0', 1000],
  ['1.5', 1500],
  ['-1', null],
  ['1e30', null],
  ['99999999999999999999', day],
  ['soon', null],
  ['NaN', null],
  ['', null],
  ['2026-01-03', null],
  ['Fri, 02 Jan 2026 03:05:05 GMT', 60_000],
  ['Friday, 02-Jan-26 03:05:05 GMT', 60_000],
  ['Fri Jan  2 03:05:05 2026', 60_000],
  ['Thu, 01 Jan 2026 00:00:00 GMT', 1000],
  ['Fri, 01 Jan 2100 00:00:00 GMT', day],
  ['Fri, 99 Foo 2026', null],
])('%j is %s ms', (value, ms) => {
  expect(retryAfterMs([['Retry-After', value]], now)).toBe(ms);
});

it('of two header lines the longer wait counts, and none is none', () => {
  const lines = [
    ['retry-after', '3'],
    ['Retry-After', '7'],
  ] as const;
  expect(retryAfterMs(lines, now)).toBe(7000);
  expect(retryAfterMs([], now)).toBeNull();
});
