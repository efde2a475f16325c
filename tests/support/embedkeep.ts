/** Real embedkeep processes for tests: started, asked, killed. Whatever a test forgets dies with the test process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Run } from '../../src/ledger.ts';

export interface Embedkeep {
  readonly child: ChildProcess;
  readonly address: string;
  readonly lines: Record<string, unknown>[];
  get<T>(path: string): Promise<T>;
  enqueue(
    urls: readonly string[],
  ): Promise<{ runId: string | null; articleId: string | null; status: string }[]>;
  runs(ids: readonly (string | null)[]): Promise<Run[]>;
  counts(): Promise<Record<string, number>>;
  /** Sends the signal and answers how the process ended. */
  end(signal: NodeJS.Signals): Promise<Ending>;
}

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export type Settings = Readonly<Record<string, string>>;

const alive = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

const BASE: Settings = {
  HOST: '127.0.0.1',
  PORT: '0',
  LOG_LEVEL: 'info',
  HOST_INTERVAL_MS: '0',
  HOST_CONCURRENCY: '8',
  RETRY_BASE_MS: '100',
};

/** Of vitest.config.ts: what every process would else strip and compile anew. */
const { NODE_COMPILE_CACHE = '' } = process.env;
const COMPILED: Settings = NODE_COMPILE_CACHE === '' ? {} : { NODE_COMPILE_CACHE };

/**
 * PGlite's code optimised costs a second of CPU at each start, which a test's server does not live long enough to win back:
 * 2.9 s a start instead of 4.6. The demo and the packed package are tested without.
 */
export const QUICK_START = ['--liftoff-only'];

/** The script path is relative to the repository; `prefix` is a command that runs another, such as `nsenter`. */
export function launch(
  script: string,
  settings: Settings,
  prefix: readonly string[] = [],
): ChildProcess {
  const file = fileURLToPath(new URL(`../../${script}`, import.meta.url));
  const command = [...prefix, process.execPath, ...QUICK_START, file];
  const [program = process.execPath, ...given] = command;
  const child = spawn(program, given, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], ...COMPILED, ...BASE, ...settings },
  });
  alive.add(child);
  child.once('exit', () => alive.delete(child));
  return child;
}

/** Runs to its end; answers exit code and what it said on standard error. */
export async function runToEnd(script: string, settings: Settings) {
  const child = launch(script, settings);
  let stderr = '';
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  child.stdout?.resume();
  const [code] = await once(child, 'exit');
  return { code: code as number | null, stderr };
}

export async function startEmbedkeep(
  settings: Settings,
  script = 'workers/serve.ts',
  prefix: readonly string[] = [],
) {
  const child = launch(script, settings, prefix);
  const lines: Record<string, unknown>[] = [];
  let stderr = '';
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  const address = await new Promise<string>((resolve, reject) => {
    if (!child.stdout) throw new Error('no stdout');
    createInterface({ input: child.stdout }).on('line', (line) => {
      const fields = JSON.parse(line) as Record<string, unknown>;
      lines.push(fields);
      if (typeof fields['address'] === 'string') resolve(fields['address']);
    });
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${stderr}`)));
  });
  return running(child, { address, lines });
}

function running(
  child: ChildProcess,
  { address, lines }: Pick<Embedkeep, 'address' | 'lines'>,
): Embedkeep {
  const get = async <T>(path: string): Promise<T> => {
    const response = await fetch(address + path);
    return (await response.json()) as T;
  };
  return {
    child,
    address,
    lines,
    get,
    async enqueue(urls) {
      const response = await fetch(`${address}/v1/articles`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(urls),
      });
      const { items } = (await response.json()) as {
        items: { runId: string | null; articleId: string | null; status: string }[];
      };
      return items;
    },
    runs: (ids) => Promise.all(ids.map((id) => get<Run>(`/v1/runs/${id}`))),
    counts: async () => (await get<{ runs: Record<string, number> }>('/v1/stats')).runs,
    async end(signal) {
      const exited = once(child, 'exit');
      child.kill(signal);
      const [code, by] = await exited;
      return { code, signal: by };
    },
  };
}
