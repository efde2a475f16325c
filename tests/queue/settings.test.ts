import { describe, expect, test } from 'vitest';
import type { Failure } from '../../src/errors.ts';
import { jobIdOf } from '../../src/queue/backend.ts';
import { createBackoff } from '../../src/queue/backoff.ts';
import { withoutSecrets } from '../../src/queue/outbox.ts';
import { isBrokenConnection } from '../../src/queue/postgres.ts';
import { reconnectMs, waitMs } from '../../src/queue/settings.ts';

const now = new Date('2026-01-01T00:00:00Z');

describe('a wait in the queue is never NaN, negative or endless', () => {
  test.each<[string, Date, number]>([
    ['a second', new Date(now.getTime() + 1000), 1000],
    ['the past', new Date(0), 20],
    ['an unreadable date', new Date(Number.NaN), 60_000],
    ['the year 9999', new Date('9999-01-01'), 90 * 24 * 3600 * 1000],
  ])('%s', (_name, until, expected) => {
    expect(waitMs(until, now)).toBe(expected);
  });
});

describe('the next try', () => {
  const failure = (detail: Record<string, unknown> = {}): Failure => ({
    code: 'CONNECT_FAIL',
    message: '',
    retry: true,
    detail,
  });
  const at = (attempts: number, detail?: Record<string, unknown>, deaths?: number) => {
    const retryAt = createBackoff(
      { baseMs: 10_000, maxAttempts: 8 },
      () => 0.5,
      () => now,
    );
    const date = retryAt(failure(detail), attempts, deaths);
    return date && (date.getTime() - now.getTime()) / 1000;
  };

  test.each([
    [1, 10],
    [2, 30],
    [3, 120],
    [4, 600],
    [5, 1800],
    [6, 7200],
    [7, 21_600],
    [8, null],
    [80, null],
  ])('after %i tries comes in %s s', (attempts, seconds) => {
    expect(at(attempts)).toBe(seconds);
  });

  test('is as near after six kills and one failure as after one failure; kills are tries all the same', () => {
    expect(at(7, {}, 6)).toBe(10);
    expect(at(7, {}, 5)).toBe(30);
    expect(at(8, {}, 7)).toBe(null);
  });

  test.each<[unknown, number]>([
    [60_000, 60],
    ['soon', 10],
    [Number.NaN, 10],
    [-5, 10],
    [1e30, 86_400],
  ])('honours a Retry-After of %s ms within reason', (retryAfterMs, seconds) => {
    expect(at(1, { retryAfterMs })).toBe(seconds);
  });

  test('differs by up to a fifth either way, so that hosts are not asked in step', () => {
    const spread = [0, 0.999_999].map((random) => {
      const retryAt = createBackoff(
        { baseMs: 10_000, maxAttempts: 8 },
        () => random,
        () => now,
      );
      return (retryAt(failure(), 1)?.getTime() ?? 0) - now.getTime();
    });
    expect(spread).toEqual([8000, 12_000]);
  });
});

test.each([
  ['1431406170731446272', 'r1431406170731446272'],
  ['r01a:b', 'r01a-b'],
  ['r01a2043804f', 'r01a2043804f'],
])('the run id %s is the job id %s', (runId, jobId) => {
  expect(jobIdOf(runId)).toBe(jobId);
});

test.each([
  ['https://u:p@news.example/a?b=1', 'https://news.example/a?b=1'],
  ['https://news.example/?access_token=x&page=2', 'https://news.example/?access_token=***&page=2'],
  ['https://news.example/?X-Amz-Signature=abc', 'https://news.example/?X-Amz-Signature=***'],
  ['not a url', '(not a URL)'],
])('%s is logged as %s', (url, shown) => {
  expect(withoutSecrets(url)).toBe(shown);
});

test.each<[Error & { code?: string }, boolean]>([
  [Object.assign(new Error('terminating connection'), { code: '57P01' }), true],
  [Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }), true],
  [new Error('Connection terminated unexpectedly'), true],
  [Object.assign(new Error('duplicate key'), { code: '23505' }), false],
  [new Error('job is not active'), false],
])('%s is a broken connection: %s', (error, expected) => {
  expect(isBrokenConnection(error)).toBe(expected);
});

test('reconnecting waits at most 5 s', () => {
  expect([1, 3, 10, 1000].map(reconnectMs)).toEqual([500, 2000, 5000, 5000]);
});
