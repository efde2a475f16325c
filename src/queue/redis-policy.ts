/** Refuses a Redis that loses jobs by its settings; each problem comes with the line that cures it. */
import { Redis } from 'ioredis';
import { EmbedkeepError } from '../errors.ts';

/** What BullMQ and our scripts need. */
const MINIMUM_VERSION = [6, 2];

/** @throws EmbedkeepError REDIS_UNSAFE, QUEUE_UNAVAILABLE */
export async function checkRedis(url: string): Promise<void> {
  const problems = await redisProblems(url);
  if (problems.length > 0) throw new EmbedkeepError('REDIS_UNSAFE', problems.join('\n'));
}

export async function redisProblems(url: string): Promise<string[]> {
  const redis = new Redis(url, {
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  });
  redis.on('error', () => {}); // connect() rejects with it
  const info = await redis
    .connect()
    .then(() => redis.info())
    .catch((cause: unknown) => {
      throw new EmbedkeepError('QUEUE_UNAVAILABLE', undefined, { cause });
    })
    .finally(() => redis.disconnect());
  return judge(facts(info));
}

const LINE_BREAK = /\r?\n/;

/** The lines of INFO. */
export const facts = (info: string): ReadonlyMap<string, string> =>
  new Map(
    info.split(LINE_BREAK).flatMap((line) => {
      const at = line.indexOf(':');
      return at > 0 ? [[line.slice(0, at), line.slice(at + 1)] as const] : [];
    }),
  );

/** Pure, from the lines of INFO: services that forbid CONFIG still tell these. */
export function judge(info: ReadonlyMap<string, string>): string[] {
  const problems: string[] = [];
  const version = info.get('redis_version') ?? '0';
  if (isOlder(version)) {
    problems.push(`redis_version is ${version}; use at least ${MINIMUM_VERSION.join('.')}.`);
  }
  const policy = info.get('maxmemory_policy') ?? 'unknown';
  // 966 of 3000 payloads were evicted under allkeys-lru, and all 3000 jobs "processed".
  if (policy !== 'noeviction') {
    problems.push(`maxmemory-policy is ${policy}; set in redis.conf: maxmemory-policy noeviction`);
  }
  // Without it a restart forgets the queue. The ledger puts it back, but bull-board's history and raw jobs are lost.
  if (info.get('aof_enabled') !== '1') {
    problems.push('appendonly is off; set in redis.conf: appendonly yes');
  }
  return problems;
}

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantMajor = 0, wantMinor = 0] = MINIMUM_VERSION;
  return major < wantMajor || (major === wantMajor && minor < wantMinor);
}
