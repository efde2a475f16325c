/** What the benchmarks of the whole product share: its processes, a site with pages, a database of its own. */
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
// biome-ignore lint/correctness/noUndeclaredDependencies: the project's own; this folder's package holds peers only
import pg from 'pg';

export const { REDIS_URL = '', DATABASE_URL = '' } = process.env;

export interface Server {
  readonly address: string;
  readonly pid: number;
  readonly databaseUrl: string;
  stop(): Promise<void>;
}

export async function start(script: string, env: Record<string, string> = {}): Promise<Server> {
  const dir = mkdtempSync(join(tmpdir(), 'embedkeep-bench-'));
  const child = fork(new URL(`../${script}`, import.meta.url), {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: {
      PATH: process.env['PATH'],
      DATA_DIR: dir,
      REDIS_URL,
      DATABASE_URL,
      ALLOW_UNSAFE_REDIS: 'true',
      HOST_INTERVAL_MS: '0',
      PORT: '0',
      ...env,
    },
  });
  const address = await new Promise<string>((resolve) => {
    if (!child.stdout) return;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = (JSON.parse(line) as { address?: string }).address;
      if (found) resolve(found);
    });
  });
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    rmSync(dir, { recursive: true, force: true });
  };
  return { address, pid: child.pid ?? 0, databaseUrl: env['DATABASE_URL'] ?? DATABASE_URL, stop };
}

export async function post(address: string, list: readonly string[]): Promise<void> {
  const response = await fetch(`${address}/v1/articles`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(list),
  });
  if (response.status !== 202) throw new Error(`intake answered ${response.status}`);
  await response.arrayBuffer();
}

/** The saved pages beside the checkout, where they are; otherwise made-up ones of 60 KB. */
const REAL_PAGES = new URL('../../shared/corpus/pages', import.meta.url).pathname;

/** In a process of its own: whoever is measured shares the machine with it, not a thread. */
export async function site(
  kind: 'real' | 'small' = 'real',
): Promise<{ host: string; stop(): void }> {
  const child = spawn(
    process.execPath,
    [new URL('./fetch-site.ts', import.meta.url).pathname, ...pagesOf(kind)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  return { host: `127.0.0.1:${port.toString().trim()}`, stop: () => child.kill() };
}

const pagesOf = (kind: 'real' | 'small'): string[] => {
  if (kind === 'small') return ['--small'];
  return existsSync(REAL_PAGES) ? [REAL_PAGES] : [];
};

/** What intake left to do is not to be done here. */
export async function freshDatabase(): Promise<string> {
  const name = `bench_${process.pid}_${Date.now()}`;
  const client = new pg.Client(DATABASE_URL);
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  const url = new URL(DATABASE_URL);
  url.pathname = `/${name}`;
  return url.href;
}

/** A few runs that are done. */
export async function storedRuns(databaseUrl: string): Promise<string[]> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  const { rows } = await client.query<{ id: string }>(
    `select id from embedkeep.runs where state = 'done' limit 200`,
  );
  await client.end();
  return rows.map((row) => row.id);
}

/** Pages that are stored. Asked of the database: a slow answer of `/v1/stats` is given again for twenty times as long as it took. */
export async function done(server: Pick<Server, 'databaseUrl'>): Promise<number> {
  return await connected(server, countStored);
}

/** Orders these and waits until all are stored; `doneBefore` runs were done already. */
export async function pass(
  server: Server,
  { urls, doneBefore }: { urls: readonly string[]; doneBefore: number },
): Promise<void> {
  // One connection, and short waits while looking is cheap: the last look is late, and a connection a look is dear.
  await connected(server, async (client) => {
    await post(server.address, urls);
    for (;;) {
      const began = performance.now();
      if ((await countStored(client)) >= doneBefore + urls.length) return;
      await sleep(Math.max(LOOK_EVERY_MS, 4 * (performance.now() - began)));
    }
  });
}
const LOOK_EVERY_MS = 40;

async function connected<T>(
  { databaseUrl }: Pick<Server, 'databaseUrl'>,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function countStored(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    'select count(*)::integer as count from embedkeep.captures',
  );
  return rows[0]?.count ?? 0;
}

export async function perSecond(count: number, run: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await run();
  const rate = Math.round((count * 1000) / (performance.now() - began));
  console.log(rate);
  return rate;
}
