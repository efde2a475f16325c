/** Environment to typed Config. Reads nothing itself: workers hand it `process.env`; all problems are reported at once. */
import { z } from 'zod';
import { EmbedkeepError } from './errors.ts';
import { parseRetention } from './retention-rules.ts';

const PRINTABLE = /^[\x20-\x7e]+$/;
const SEPARATORS = /[\s,]+/;
const list = z
  .string()
  .default('')
  .transform((s) => s.split(SEPARATORS).filter((part) => part !== ''));

const url = (schemes: string[]) =>
  z.string().refine((s) => URL.canParse(s) && schemes.includes(new URL(s).protocol), {
    error: `a URL starting with ${schemes.map((s) => (s === 'file:' ? 'file:' : `${s}//`)).join(' or ')}`,
  });

const int = (min: number, max: number, byDefault: number) =>
  z.coerce
    .number({ error: `a whole number from ${min} to ${max}` })
    .int({ error: `a whole number from ${min} to ${max}` })
    .min(min, { error: `a whole number from ${min} to ${max}` })
    .max(max, { error: `a whole number from ${min} to ${max}` })
    .default(byDefault);

function asRetention(text: string, { addIssue }: { addIssue: (message: string) => void }): void {
  try {
    parseRetention(text);
  } catch (thrown) {
    addIssue(`rules as in \`tag:backfill 30d; default 2y keep 3\`: ${(thrown as Error).message}`);
  }
}

/** Every setting, its default and what it accepts. README.md documents each; a test keeps the two equal. */
export const settings = {
  /** Directory of the embedded store, queue and WARCs. */
  DATA_DIR: z.string().min(1).default('./data'),
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: int(0, 65_535, 8080),
  /** Queue on Redis. */
  REDIS_URL: url(['redis:', 'rediss:']).optional(),
  /** Store on Postgres, and the queue too unless REDIS_URL is set. */
  DATABASE_URL: url(['postgres:', 'postgresql:']).optional(),
  /** Bytes: `file:/path` or `s3://bucket/prefix?region=…&endpoint=…`. Default: DATA_DIR/warc. */
  BLOB_URL: url(['file:', 's3:']).optional(),
  /** Comma-separated, each `token` or `name:token`: the name is the caller's. Required as soon as HOST is not loopback. */
  API_TOKENS: list,
  /** Further Host header values to accept, besides HOST and localhost. */
  ALLOWED_HOSTS: list,
  /** host, host:port or CIDR that may be fetched although private. */
  ALLOW_PRIVATE_HOSTS: list,
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      error: 'fatal, error, warn, info, debug, trace or silent',
    })
    .default('info'),
  /** Milliseconds between two requests to one registrable domain. */
  HOST_INTERVAL_MS: int(0, 86_400_000, 2000),
  /** Requests at a time to one registrable domain. */
  HOST_CONCURRENCY: int(1, 100, 1),
  /** Hosts whose robots.txt is ignored; the capture records it. */
  IGNORE_ROBOTS_HOSTS: list,
  /** Product token and contact, sent as User-Agent. */
  USER_AGENT: z
    .string()
    .min(1)
    .regex(PRINTABLE, { error: 'printable ASCII' })
    .default('embedkeep/0.1 (+https://github.com/embedkeep/embedkeep#contact)'),
  /** http proxy (CONNECT) for fetching; with one, checking addresses is up to the proxy. */
  FETCH_PROXY: url(['http:', 'https:']).optional(),
  FETCH_TIMEOUT_MS: int(100, 600_000, 60_000),
  MAX_BODY_BYTES: int(1000, 1_000_000_000, 10_485_760),
  /** Hours within which the same article is one capture. */
  WINDOW_HOURS: int(0, 8760, 24),
  /** How long captures are kept, see retention-rules.ts; nothing expires without a rule. */
  RETENTION: z.string().default('').superRefine(asRetention),
  /** Articles worked on at a time by one process. */
  CONCURRENCY: int(1, 256, 8),
  /** Jobs of each urgency that are ready in the queue at a time; the rest of a backlog waits in the ledger. */
  QUEUE_WINDOW: int(1, 100_000, 200),
  MAX_ATTEMPTS: int(1, 100, 8),
  /** Base of the exponential backoff. */
  RETRY_BASE_MS: int(1, 3_600_000, 10_000),
  /** Milliseconds that a stopping process gives its running jobs. */
  SHUTDOWN_GRACE_MS: int(0, 600_000, 30_000),
  /** How long a job belongs to a worker that gives no sign of life. */
  QUEUE_LOCK_MS: int(1000, 3_600_000, 120_000),
  /** How often jobs of dead workers are looked for. */
  QUEUE_STALLED_MS: int(100, 3_600_000, 15_000),
  /** How often ledger and queue are compared. */
  RECONCILE_MS: int(100, 3_600_000, 15_000),
  /** Accepted URLs that are not done yet; more are refused for a while. */
  MAX_BACKLOG: int(1, 1_000_000_000, 5_000_000),
  /** URLs a minute that one caller (API token) may order; 0 for no limit. */
  INTAKE_RATE: int(0, 1_000_000_000, 0),
  /** Nothing new is taken while less is free on the disk of DATA_DIR. */
  MIN_FREE_MB: int(0, 1_000_000_000, 256),
  /** How often plans are looked at for captures that are due. */
  PLAN_TICK_MS: int(100, 3_600_000, 15_000),
  /** Work is due and nothing has ended for so long: the process is not ready. */
  STUCK_MS: int(1000, 86_400_000, 600_000),
  /** Use a Redis that may lose or evict jobs (wrong maxmemory-policy, no persistence, too old); it is logged. */
  ALLOW_UNSAFE_REDIS: z.stringbool({ error: 'true or false' }).default(false),
  /** How long a webhook endpoint may take to answer. */
  WEBHOOK_TIMEOUT_MS: int(100, 60_000, 15_000),
  /** First wait before a webhook is sent again. */
  WEBHOOK_RETRY_BASE_MS: int(1, 3_600_000, 5000),
  /** How long one page may be parsed. */
  PARSE_TIMEOUT_MS: int(100, 600_000, 10_000),
} as const;

const schema = z.object(settings);
export type Config = Readonly<z.infer<typeof schema>>;

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Parses and checks all settings. An empty value counts as not set.
 * @throws EmbedkeepError CONFIG_INVALID whose message has a line per problem: name, what was given, what is accepted.
 */
export function readConfig(env: Environment): Config {
  const given = Object.fromEntries(
    Object.keys(settings).flatMap((name) => (env[name] ? [[name, env[name]]] : [])),
  );
  const parsed = schema.safeParse(given);
  const problems = parsed.success
    ? crossChecks(parsed.data)
    : parsed.error.issues.map((issue) => problem(String(issue.path[0]), given, issue.message));
  if (problems.length > 0 || !parsed.success) {
    throw new EmbedkeepError('CONFIG_INVALID', problems.join('\n'));
  }
  return parsed.data;
}

const problem = (name: string, given: Environment, accepted: string): string =>
  `${name}: got ${JSON.stringify(isSecret(name) ? '***' : given[name])}, accepted is ${accepted}`;

const LOOPBACK = /^(localhost|127(\.\d+){3}|::1|\[::1\])$/;

function crossChecks(config: Config): string[] {
  const problems: string[] = [];
  if (!LOOPBACK.test(config.HOST) && config.API_TOKENS.length === 0) {
    problems.push(
      `API_TOKENS: got nothing, accepted is at least one token, because HOST ${config.HOST} is not loopback`,
    );
  }
  return problems;
}

const isSecret = (name: string): boolean => name === 'API_TOKENS';
const PASSWORD_IN_URL = /^([a-z0-9]+:\/\/[^:/@]*):[^@/]*@/;

/** The effective settings with secrets masked, for `embedkeep config`. */
export function maskConfig(config: Config): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config).map(([name, value]) => {
      if (isSecret(name)) return [name, (value as string[]).map(() => '***')];
      return [name, typeof value === 'string' ? value.replace(PASSWORD_IN_URL, '$1:***@') : value];
    }),
  );
}
