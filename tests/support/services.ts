/**
 * Real servers for tests: each on a free port of 127.0.0.1 with its files in a temporary directory.
 *
 *   describeWith(['postgres'], 'ledger on Postgres', () => {
 *     let postgres: Postgres;
 *     beforeAll(async () => { postgres = await startPostgres(); });
 *     afterAll(() => postgres.stop());
 *   });
 *
 * Where a program is missing the suite is skipped with a line that says so; REQUIRE_SERVICES=1 makes that a failure.
 * WITHOUT_SERVICES=1 behaves as if none were there: the embedded default alone.
 * Whatever a test forgets to stop dies with the test process.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { describe, test } from 'vitest';

export type Service = 'redis' | 'postgres' | 'chromium' | 'ceph' | 'gcc';

const PROGRAMS: Record<Service, readonly string[][]> = {
  redis: [['redis-server']],
  postgres: [['initdb'], ['postgres']],
  chromium: [['chromium', 'chromium-browser', 'google-chrome']],
  gcc: [['gcc', 'cc']],
  ceph: [['radosgw'], ['ceph-mon'], ['ceph-osd'], ['radosgw-admin']],
};

/** The program's full path, or null: PATH first, then where Debian hides Postgres. */
export function findProgram(name: string): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  for (const folder of [...folders, ...postgresFolders()]) {
    const path = join(folder, name);
    if (folder !== '' && isExecutable(path)) return path;
  }
  return null;
}

/** Whether all programs of a service are on this machine. */
export const available = (service: Service): boolean =>
  process.env['WITHOUT_SERVICES'] !== '1' &&
  PROGRAMS[service].every((names) => names.some((name) => findProgram(name) !== null));

/** Path of a Chromium, for playwright-core's `executablePath`. */
export const chromiumPath = (): string | null =>
  PROGRAMS.chromium[0]?.map(findProgram).find((path) => path !== null) ?? null;

/** A suite that needs real programs: skipped aloud without them, failed under REQUIRE_SERVICES=1. */
export function describeWith(needs: readonly Service[], name: string, suite: () => void): void {
  const missing = needs.filter((service) => !available(service));
  if (missing.length === 0) {
    describe(name, suite);
    return;
  }
  const line = `"${name}" needs ${missing.join(' and ')}, which is not on this machine`;
  if (process.env['REQUIRE_SERVICES'] === '1') {
    describe(name, () => {
      test('its programs are installed', () => {
        throw new Error(line);
      });
    });
    return;
  }
  console.warn(`skipped: ${line}`);
  describe.skip(name, suite);
}

export interface Server {
  readonly url: string;
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly pid: number;
  /** Where its files are. */
  readonly dir: string;
  /** Ends it as an administrator would and removes its files. */
  stop(): Promise<void>;
  /** kill -9, files kept. */
  kill(): Promise<void>;
  /** After `kill` (or over a running one, which is killed): again on the same port and files. */
  restart(): Promise<void>;
  /** SIGSTOP and SIGCONT, for frozen-server tests. */
  freeze(): void;
  thaw(): void;
}
export type Redis = Server;

export interface Postgres extends Server {
  /** URL of a fresh, empty database. */
  createDatabase(): Promise<string>;
}

/** Redis without persistence, or with `appendonly` (fsync always). Further flags as on its command line. */
export async function startRedis(
  options: { appendonly?: boolean; flags?: readonly string[] } = {},
): Promise<Redis> {
  const dir = await mkdtemp(join(tmpdir(), 'embedkeep-redis-'));
  const program = need('redis-server');
  const persistence = options.appendonly
    ? ['--appendonly', 'yes', '--appendfsync', 'always']
    : ['--appendonly', 'no'];
  return startServer({
    dir,
    signal: 'SIGTERM',
    url: (port) => `redis://127.0.0.1:${port}`,
    spawn: (port) =>
      spawn(
        program,
        ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', '']
          .concat(['--maxmemory-policy', 'noeviction', ...persistence])
          .concat(options.flags ?? []),
        { stdio: 'ignore' },
      ),
    ready: redisAnswers,
  });
}

/** Postgres with trust authentication for `postgres`. fsync is off unless `durable`. */
export async function startPostgres(options: { durable?: boolean } = {}): Promise<Postgres> {
  const dir = await mkdtemp(join(tmpdir(), 'embedkeep-pg-'));
  const owner = process.getuid?.() === 0 ? postgresUser() : null;
  if (owner) await chown(dir, owner.uid, owner.gid);
  const as = { ...owner, cwd: dir, stdio: 'ignore' as const };
  execFileSync(
    need('initdb'),
    ['-D', join(dir, 'data'), '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale'].concat(
      '--no-sync',
    ),
    as,
  );
  const program = need('postgres');
  const fsync = options.durable ? 'on' : 'off';
  const settings = [`unix_socket_directories=${dir}`, 'listen_addresses=127.0.0.1'].concat([
    `fsync=${fsync}`,
    'shared_buffers=32MB',
    'max_connections=200',
  ]);
  const flags = settings.flatMap((setting) => ['-c', setting]);
  const server = await startServer({
    dir,
    signal: 'SIGINT',
    url: (port) => `postgresql://postgres@127.0.0.1:${port}/postgres`,
    spawn: (port) => spawn(program, ['-D', join(dir, 'data'), '-p', String(port), ...flags], as),
    ready: postgresAnswers,
  });
  let databases = 0;
  const createDatabase = async (): Promise<string> => {
    databases += 1;
    const name = `test_${process.pid}_${databases}`;
    await withClient(server.url, (client) => client.query(`create database ${name}`));
    return server.url.replace(POSTGRES_DATABASE, `/${name}`);
  };
  // Object.assign would freeze the `pid` getter of the server at its first value.
  return Object.create(server, {
    createDatabase: { value: createDatabase, enumerable: true },
  }) as Postgres;
}
const POSTGRES_DATABASE = /\/postgres$/;

/** A port nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

interface Recipe {
  readonly dir: string;
  /** The polite way to end it. */
  readonly signal: NodeJS.Signals;
  readonly url: (port: number) => string;
  readonly spawn: (port: number) => ChildProcess;
  readonly ready: (port: number) => Promise<boolean>;
}

const alive = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

async function startServer(recipe: Recipe): Promise<Server> {
  const port = await freePort();
  let child = await launch(recipe, port);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    child.kill('SIGCONT');
    await exited;
  };
  return {
    url: recipe.url(port),
    host: '127.0.0.1',
    port,
    dir: recipe.dir,
    get pid() {
      return child.pid ?? -1;
    },
    stop: async () => {
      await end(recipe.signal);
      await rm(recipe.dir, { recursive: true, force: true });
    },
    kill: () => end('SIGKILL'),
    restart: async () => {
      await end('SIGKILL');
      child = await launch(recipe, port, Date.now() + ORPHANS_MS);
    },
    freeze: () => child.kill('SIGSTOP'),
    thaw: () => child.kill('SIGCONT'),
  };
}

/** The processes of a Postgres that was killed hold its memory until they notice; until then no other starts. */
const ORPHANS_MS = 10_000;

async function launch(recipe: Recipe, port: number, againUntil = 0): Promise<ChildProcess> {
  const child = recipe.spawn(port);
  alive.add(child);
  child.once('exit', () => alive.delete(child));
  const deadline = Date.now() + 30_000;
  while (!(await recipe.ready(port))) {
    if (child.exitCode !== null && Date.now() < againUntil) {
      await sleep(100);
      return launch(recipe, port, againUntil);
    }
    const over = child.exitCode !== null || Date.now() > deadline;
    if (over) {
      child.kill('SIGKILL');
      throw new Error(`${child.spawnfile} did not start (exit ${child.exitCode})`);
    }
    await sleep(20);
  }
  return child;
}

function redisAnswers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.setTimeout(1000, () => socket.destroy());
    socket.once('data', (data) => {
      resolve(data.toString().startsWith('+PONG'));
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}

async function postgresAnswers(port: number): Promise<boolean> {
  try {
    await withClient(`postgresql://postgres@127.0.0.1:${port}/postgres`, (client) =>
      client.query('select 1'),
    );
    return true;
  } catch {
    return false;
  }
}

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => {}); // a server killed under it must not kill the test process
  try {
    await client.connect();
    return await use(client);
  } finally {
    await client.end().catch(() => {});
  }
}

function need(name: string): string {
  const path = findProgram(name);
  if (path === null) throw new Error(`${name} is not on this machine`);
  return path;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function postgresFolders(): string[] {
  const root = '/usr/lib/postgresql';
  if (!existsSync(root)) return [];
  const versions = readdirSync(root).sort((a, b) => Number(b) - Number(a));
  return versions.map((version) => join(root, version, 'bin'));
}

/** Postgres refuses to run as root. */
function postgresUser(): { uid: number; gid: number } {
  const id = (flag: string): number =>
    Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}
