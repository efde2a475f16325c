import { describe, expect, test } from 'vitest';
import { judge, redisProblems } from '../../src/queue/redis-policy.ts';
import { describeWith, startRedis } from '../support/services.ts';

const good = { redis_version: '7.0.15', maxmemory_policy: 'noeviction', aof_enabled: '1' };

describe('a Redis is judged by what INFO says', () => {
  test.each<[string, Record<string, string>, RegExp[]]>([
    ['safe', {}, []],
    ['evicting', { maxmemory_policy: 'allkeys-lru' }, [/maxmemory-policy noeviction/]],
    ['forgetful', { aof_enabled: '0' }, [/appendonly yes/]],
    ['old', { redis_version: '5.0.7' }, [/redis_version is 5\.0\.7/]],
    [
      'old and evicting',
      { redis_version: '6.0.16', maxmemory_policy: 'volatile-ttl' },
      [/6\.0/, /volatile-ttl/],
    ],
    ['new', { redis_version: '10.1.0' }, []],
  ])('%s', (_name, change, expected) => {
    const problems = judge(new Map(Object.entries({ ...good, ...change })));
    expect(problems).toHaveLength(expected.length);
    for (const [i, pattern] of expected.entries()) expect(problems[i]).toMatch(pattern);
  });

  test('one that is not there is QUEUE_UNAVAILABLE', async () => {
    await expect(redisProblems('redis://127.0.0.1:1')).rejects.toMatchObject({
      code: 'QUEUE_UNAVAILABLE',
    });
  });
});

describeWith(['redis'], 'a real Redis', () => {
  test('without persistence and evicting is named on both counts', async () => {
    const redis = await startRedis({ flags: ['--maxmemory-policy', 'allkeys-lru'] });
    expect(await redisProblems(redis.url)).toHaveLength(2);
    await redis.stop();
  });

  test('with appendonly and noeviction is fine', async () => {
    const redis = await startRedis({ appendonly: true });
    expect(await redisProblems(redis.url)).toEqual([]);
    await redis.stop();
  });
});
