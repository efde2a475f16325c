import { describe, expect, test } from 'vitest';
import { dueAround, endOf, parsePlan } from '../src/plan-spec.ts';

const MIN = 60_000;
const HOUR = 60 * MIN;
const DAY = 24 * HOUR;

describe('a plan is read', () => {
  test.each<[string, [number, number | null][]]>([
    [
      'every 1h for a day, then daily for a month',
      [
        [HOUR, DAY],
        [DAY, 30 * DAY],
      ],
    ],
    [
      'every hour for 1 day then every day for 30 days',
      [
        [HOUR, DAY],
        [DAY, 30 * DAY],
      ],
    ],
    [
      'every PT90M for P1DT12H, every P1W',
      [
        [90 * MIN, 36 * HOUR],
        [7 * DAY, null],
      ],
    ],
    ['Hourly for a week', [[HOUR, 7 * DAY]]],
    [
      'every 15 minutes for 2h,weekly for a year',
      [
        [15 * MIN, 2 * HOUR],
        [7 * DAY, 365 * DAY],
      ],
    ],
    ['monthly', [[30 * DAY, null]]],
    ['  every   90   min  for  3 d  ', [[90 * MIN, 3 * DAY]]],
    ['every P1M for P1Y', [[30 * DAY, 365 * DAY]]],
  ])('%s', (spec, steps) => {
    expect(parsePlan(spec)).toEqual(steps.map(([everyMs, forMs]) => ({ everyMs, forMs })));
  });

  test.each<[string, number, RegExp]>([
    ['', 1, /expected "every".*got the end/],
    ['often', 1, /expected "every".*"often"/],
    ['every', 6, /a duration/],
    ['every 5', 8, /minutes, hours.*got the end/],
    ['every 5x for a day', 8, /minutes, hours.*"x"/],
    ['every 5 fortnights', 9, /"fortnights"/],
    ['every hour for', 15, /a duration/],
    ['every day for 2 hours', 15, /shorter than its interval/],
    ['every hour, daily for a week', 13, /only the last step/],
    ['every hour until tomorrow', 12, /"for", "," or "then"/],
    ['every hour for a day,', 22, /expected "every".*got the end/],
    ['every 0 minutes', 7, /more than nothing/],
    ['every 99999 years', 7, /ten years/],
    ['every PT30S', 7, /a duration/],
    ['every PT1H for P1D, P1D', 21, /expected "every".*"p1d"/],
    ['every P', 7, /minutes, hours.*"p"/],
    ['every P0D', 7, /more than nothing/],
    ['every -1 hours', 7, /a duration/],
    [`daily for a year${', daily for a year'.repeat(10)}`, 181, /at most 10 steps/],
    ['daily '.repeat(100), 501, /too long/],
    ['every 1h för a day', 10, /"för"/],
    ['every constructor', 7, /"constructor"/],
  ])('%s is refused at character %i', (spec, position, message) => {
    const read = () => parsePlan(spec);
    expect(read).toThrow(message);
    expect(read).toThrow(expect.objectContaining({ code: 'PLAN_INVALID', detail: { position } }));
  });
});

describe('what is due', () => {
  const steps = parsePlan('every 1h for 3h, then daily for 2 days');
  const at = (hours: number) => dueAround(steps, 0, hours * HOUR);

  test.each<[number, number | null, number | null]>([
    [0, null, 1],
    [0.9, null, 1],
    [1, 1, 2],
    [2.5, 2, 3],
    [3, 3, 27],
    [26.9, 3, 27],
    [27, 27, 51],
    [51, 51, null],
    [9999, 51, null],
    [-5, null, 1],
  ])('after %s h: last %s, next %s', (hours, last, next) => {
    const inHours = (ms: number | null) => (ms === null ? null : ms / HOUR);
    const dues = at(hours);
    expect([inHours(dues.last), inHours(dues.next)]).toEqual([last, next]);
  });

  test('a plan ends with its last step, or never', () => {
    expect(endOf(steps, 0)).toBe(51 * HOUR);
    expect(endOf(parsePlan('daily'), 0)).toBeNull();
  });

  test('due times do not depend on when they are asked for', () => {
    const seen = new Set<number>();
    for (let now = 0; now < 60 * HOUR; now += 7 * MIN) {
      const { last } = dueAround(steps, 0, now);
      if (last !== null) seen.add(last / HOUR);
    }
    expect([...seen]).toEqual([1, 2, 3, 27, 51]);
  });
});
