import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { held } from '../../src/store/held.ts';

test('a slow answer is kept for a while, and asked for once at a time', async () => {
  let asked = 0;
  const answer = held(async () => {
    asked += 1;
    await sleep(150);
    return asked;
  });
  expect(await Promise.all([answer(), answer()])).toEqual([1, 1]);
  expect(await answer()).toBe(1);
  expect(asked).toBe(1);
});

test('however slow it was, it is asked for again after the longest time', async () => {
  let asked = 0;
  const answer = held(async () => {
    asked += 1;
    await sleep(150);
    return asked;
  }, 50);
  expect(await answer()).toBe(1);
  await sleep(60);
  expect(await answer()).toBe(2);
});

test('an answer that failed is asked for again', async () => {
  let asked = 0;
  const answer = held(() => {
    asked += 1;
    return asked === 1 ? Promise.reject(new Error('away')) : Promise.resolve(asked);
  });
  await expect(answer()).rejects.toThrow('away');
  expect(await answer()).toBe(2);
});
