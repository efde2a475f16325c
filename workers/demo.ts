/**
 * `npm run demo`: the main job from end to end on a small newspaper served on loopback, by the public producer.
 * Site and worker are child processes; a worker that dies is started again, as a service manager would.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Deviation, deviations, preserved } from '../demo/check.ts';
import { expected } from '../demo/expected.ts';
import { table } from '../src/cli/output.ts';
import { lockHolder } from '../src/data-dir-lock.ts';
import type { RunState } from '../src/ledger.ts';
import { createProducer } from '../src/producer.ts';
import type { ArticleDetail, Page } from '../src/reader.ts';
import { loadConfig } from './environment.ts';

const keep = process.argv.includes('--keep');
const dir = path.resolve(loadConfig().DATA_DIR, 'demo');
const finishedMark = path.join(dir, 'finished');
const portFile = path.join(dir, 'site-port');
const logFile = path.join(dir, 'worker.log');
const LONGEST_MS = 240_000;
const MOST_RESTARTS = 5;

const children = new Set<ChildProcess>();
let stopping = false;
/** Rejects when the worker cannot be kept running. */
const gaveUp = Promise.withResolvers<never>();

async function demo(): Promise<number> {
  const began = performance.now();
  if (existsSync(finishedMark)) rmSync(dir, { recursive: true, force: true });
  const continued = existsSync(portFile);
  mkdirSync(dir, { recursive: true });
  if (continued) console.log('An earlier demo was interrupted; it goes on where it stopped.');

  await stopOrphan();
  const site = await startSite();
  startWorker(site);
  const urls = Object.keys(expected).map((name) => `${site}/${name}`);
  const answers = await createProducer({ server: await address() }).enqueue(urls, {
    tags: ['demo'],
  });
  console.log(`${answers.length} article URLs enqueued; the workers take over.`);

  const server = await drained(urls.length, began);
  const articles = await readBack(server);
  const wrong = deviations(articles, site);
  show(articles, wrong);
  closingWords(server, site, began);
  if (keep) await interrupted();
  writeFileSync(finishedMark, new Date().toISOString());
  return wrong.length === 0 ? 0 : 1;
}

/** A demo that was killed leaves its worker behind; one that still serves its site is running. */
async function stopOrphan(): Promise<void> {
  const holder = lockHolder(dir);
  if (!holder) return;
  const port = existsSync(portFile) ? readFileSync(portFile, 'utf8') : '0';
  if (await fetch(`http://127.0.0.1:${port}/robots.txt`).catch(() => null)) {
    throw new Error(`Another demo is running in ${dir} (worker pid ${holder.pid}). Stop it first.`);
  }
  try {
    process.kill(holder.pid, 'SIGTERM');
  } catch (thrown) {
    // It ended between the look and the signal, which is what was wanted.
    if ((thrown as NodeJS.ErrnoException).code !== 'ESRCH') throw thrown;
  }
  while (lockHolder(dir)) await sleep(100);
}

/** The same port as in an interrupted demo, since the port is part of every URL. */
async function startSite(): Promise<string> {
  const port = existsSync(portFile) ? readFileSync(portFile, 'utf8') : '0';
  const script = path.join(import.meta.dirname, '../demo/server.ts');
  const child = spawn(process.execPath, [script, port], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.add(child);
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    once(child, 'exit').then(() => {
      throw new Error(
        `The demo's site could not listen on port ${port}. Remove ${dir} to begin anew.`,
      );
    }),
  ]);
  writeFileSync(portFile, String(line));
  return `http://127.0.0.1:${line}`;
}

function startWorker(site: string, restarts = 0): void {
  const log = openSync(logFile, 'a');
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'serve.ts')], {
    stdio: ['ignore', log, log],
    env: {
      ...environmentWithoutSettings(),
      DATA_DIR: dir,
      HOST: '127.0.0.1',
      PORT: '0',
      HOST_INTERVAL_MS: '0',
      HOST_CONCURRENCY: '16',
      RETRY_BASE_MS: '500',
      ALLOW_PRIVATE_HOSTS: new URL(site).host,
    },
  });
  children.add(child);
  child.once('exit', (code, signal) => {
    children.delete(child);
    if (stopping) return;
    if (restarts === MOST_RESTARTS) {
      gaveUp.reject(new Error(`The worker keeps dying; see ${logFile}`));
      return;
    }
    console.log(`\nThe worker process ended (${signal ?? code}); starting it again.`);
    startWorker(site, restarts + 1);
  });
}

/** A Redis or Postgres of the surroundings is not the demo's to use. */
function environmentWithoutSettings(): NodeJS.ProcessEnv {
  const { REDIS_URL, DATABASE_URL, BLOB_URL, API_TOKENS, ...rest } = process.env;
  return rest;
}

async function address(): Promise<string> {
  const until = performance.now() + LONGEST_MS;
  while (performance.now() < until) {
    const url = lockHolder(dir)?.address;
    if (url && (await fetch(`${url}/readyz`).catch(() => null))?.ok) return url;
    await sleep(100);
  }
  throw new Error(`The worker did not become ready; see ${logFile}`);
}

const FINAL: readonly RunState[] = ['done', 'failed', 'dropped'];

/** A restarted worker listens on another port: the address is asked for at every look, and the last one answered. */
async function drained(total: number, began: number): Promise<string> {
  for (;;) {
    const server = await address();
    const counts = await get<{ runs: Record<RunState, number> }>(server, '/v1/stats')
      .then(({ runs }) => runs)
      .catch(() => null);
    if (counts) {
      const final = FINAL.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
      progress(counts, final, total);
      if (final >= total) {
        if (process.stdout.isTTY) process.stdout.write('\n');
        return server;
      }
    }
    if (performance.now() - began > LONGEST_MS) throw new Error(`Not done in time; see ${logFile}`);
    await sleep(100);
  }
}

let lastLine = '';
function progress(counts: Record<RunState, number>, final: number, total: number): void {
  const bar = '█'.repeat(final) + '░'.repeat(Math.max(0, total - final));
  const line = `${bar} ${final}/${total}  done ${counts.done}, failed ${counts.failed}, running ${counts.running}, waiting ${counts.waiting}`;
  if (line === lastLine) return;
  lastLine = line;
  process.stdout.write(process.stdout.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
}

async function readBack(server: string): Promise<ArticleDetail[]> {
  const page = await get<Page<{ id: string }>>(server, '/v1/articles?tag=demo&limit=100');
  return Promise.all(page.items.map(({ id }) => get<ArticleDetail>(server, `/v1/articles/${id}`)));
}

async function get<T>(server: string, route: string): Promise<T> {
  const response = await fetch(server + route);
  if (!response.ok) throw new Error(`${route} answered ${response.status}`);
  return (await response.json()) as T;
}

function show(articles: readonly ArticleDetail[], wrong: readonly Deviation[]): void {
  console.log(
    `\n${table(preserved(articles), [
      { head: 'platform', of: (p) => p.embed.platform },
      { head: 'handle', of: (p) => p.embed.author.handle, most: 26 },
      { head: 'author', of: (p) => p.embed.author.name, most: 24 },
      { head: 'date', of: (p) => p.embed.postedAt.date },
      { head: 'pic link', of: (p) => p.embed.media[0]?.display ?? null },
      { head: 'form', of: (p) => p.embed.form },
      { head: 'confidence', of: (p) => p.embed.confidence },
      { head: 'article', of: (p) => p.article },
    ])}\n`,
  );
  for (const { article, failure } of articles.flatMap((a) => {
    const error = a.runs[0]?.failure;
    return error && a.runs[0]?.state === 'failed'
      ? [{ article: a.article.url, failure: error }]
      : [];
  })) {
    console.log(`not preserved: ${article}  ${failure.code}: ${failure.message}`);
  }
  for (const { article, what } of wrong) console.error(`NOT AS IT MUST BE: ${article}: ${what}`);
}

function closingWords(server: string, site: string, began: number): void {
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`\nDone in ${seconds} s. The captures (WARC) and the store are in ${dir}`);
  if (keep) {
    console.log(`
archive    ${server}/
API        ${server}/docs
dashboard  ${server}/dashboard
newspaper  ${site}/kabul-interview

Ctrl-C stops them.`);
    return;
  }
  console.log(`
Go on with:
  npm run demo -- --keep                            look at it in the browser
  npx embedkeep ingest https://news.example/story   preserve a real article
  npx embedkeep serve                               API, workers, archive and dashboard`);
}

const interrupted = (): Promise<unknown> =>
  Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);

async function stop(): Promise<void> {
  stopping = true;
  const running = [...children].filter(
    (child) => child.exitCode === null && child.signalCode === null,
  );
  for (const child of running) child.kill('SIGTERM');
  await Promise.all(running.map((child) => once(child, 'exit')));
}

try {
  process.exitCode = await Promise.race([demo(), gaveUp.promise]);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await stop();
}
