import { describe, expect, it, test } from 'vitest';
import { expiredOf, parseRetention, ruleFor } from '../src/retention-rules.ts';

const DAY = 86_400_000;

describe('a retention rule', () => {
  it.each([
    ['default 30d', { tag: null, maxAgeMs: 30 * DAY, keep: 1 }],
    ['default 2y keep 3', { tag: null, maxAgeMs: 730 * DAY, keep: 3 }],
    ['tag:backfill 12h keep 0', { tag: 'backfill', maxAgeMs: DAY / 2, keep: 0 }],
    ['  tag:élection   4w ', { tag: 'élection', maxAgeMs: 28 * DAY, keep: 1 }],
    ['tag:trial forever', { tag: 'trial', maxAgeMs: Number.POSITIVE_INFINITY, keep: 1 }],
  ])('reads %s', (text, rule) => {
    expect(parseRetention(text)).toMatchObject([rule]);
  });

  it.each([
    'everything 30d',
    'default',
    'default 30',
    'default 30m',
    'default -1d',
    'default 1d keep',
    'default 1d keep some',
    'tag: 1d',
    'tag:a 1d 2d',
    'default 1d; default 2d',
    'tag:a 1d\ntag:a 1d',
    'default 1d, tag:a 2d',
  ])('refuses %s and says which', (text) => {
    expect(() => parseRetention(text)).toThrow(
      expect.objectContaining({ code: 'PAYLOAD_INVALID' }),
    );
  });

  test('of nothing speaks of nothing', () => {
    expect(parseRetention(' ; \n')).toEqual([]);
    expect(ruleFor(['a'], [])).toBeNull();
  });
});

test.each([
  [[], 'default 2y'],
  [['other'], 'default 2y'],
  [['short'], 'tag:short 1d'],
  [['short', 'long'], 'tag:long forever'],
  [['short', 'shorter'], 'tag:short 1d'],
  [['same', 'short'], 'tag:same 1d keep 2'],
])('tags %j are under %s: of several, what keeps longest', (tags, text) => {
  const rules = parseRetention(
    'tag:short 1d; tag:shorter 1h; tag:long forever; tag:same 1d keep 2; default 2y',
  );
  expect(ruleFor(tags, rules)?.text).toBe(text);
});

describe('of the captures of an article', () => {
  const now = new Date('2026-03-01T00:00:00Z');
  const capture = (days: number, tags: string[] = [], isRead = true) => ({
    fetchedAt: new Date(now.getTime() - days * DAY).toISOString(),
    tags,
    isRead,
    days,
  });
  const gone = (text: string, captures: ReturnType<typeof capture>[]) =>
    expiredOf(captures, { rules: parseRetention(text), now }).map((one) => one.capture.days);

  test('those expire whose age has come, to the second', () => {
    expect(gone('default 30d keep 0', [capture(29), capture(30), capture(31)])).toEqual([30, 31]);
  });

  test('the last one stays unless the rule gives it up', () => {
    expect(gone('default 30d', [capture(40), capture(50)])).toEqual([50]);
    expect(gone('default 30d keep 0', [capture(40), capture(50)])).toEqual([40, 50]);
    expect(gone('default 30d keep 2', [capture(1), capture(40), capture(50)])).toEqual([50]);
  });

  test('one whose bytes a takedown took is no version to fall back to', () => {
    const taken = { ...capture(1), isGone: true };
    expect(gone('default 30d', [taken, capture(40), capture(50)])).toEqual([50]);
    expect(gone('default 30d keep 0', [{ ...taken, ...capture(31) }, capture(1)])).toEqual([31]);
  });

  test('one that expires itself is not the newer one on whose account another goes', () => {
    const captures = [capture(40, ['short']), capture(50)];
    expect(gone('tag:short 1d keep 0; default 30d', captures)).toEqual([40]);
  });

  test('a page that was never read is no version to fall back to', () => {
    expect(gone('default 30d', [capture(35, [], false), capture(40), capture(50)])).toEqual([50]);
    expect(gone('default 30d', [capture(40), capture(50, [], false)])).toEqual([50]);
    expect(gone('default 30d', [capture(50, [], false)])).toEqual([]);
  });
});
