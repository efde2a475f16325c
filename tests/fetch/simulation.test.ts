/** Three workers and twenty hosts of different manners: what the hosts themselves saw. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sqlPace } from '../../src/fetch/pace/sql.ts';
import { openStore } from '../../src/store/index.ts';
import { preparePGlite } from '../support/pglite-template.ts';
import { describeWith, startPostgres, startRedis } from '../support/services.ts';
import { INTERVAL_MS, politeWorker, type Report } from './polite-worker.ts';

const PAGES = 6;
const HOSTS = 20;
/** Of timers and of clocks that count whole milliseconds. */
const TOLERANCE_MS = 5;
const CRAWL_DELAY_MS = 600;
const RETRY_AFTER_MS = 1000;
const SLOW_MS = 700;
const IN_FLIGHT_EACH = 6;

type Manner =
  | 'plain'
  | 'crawl-delay'
  | 'slow'
  | '429'
  | '503'
  | 'redirects'
  | 'elsewhere'
  | 'private';
const manners: Manner[] = [
  ...Array<Manner>(8).fill('plain'),
  'crawl-delay',
  'crawl-delay',
  'crawl-delay',
  'slow',
  'slow',
  '429',
  '429',
  '503',
  'redirects',
  'redirects',
  'elsewhere',
  'private',
];
const PAGE = '<title>page</title><article>text</article>';

interface Seen {
  readonly path: string;
  readonly at: number;
  readonly status: number;
}

/** One server on many addresses of loopback; each address is a host. */
async function openSite() {
  const seen = new Map<number, Seen[]>();
  const inFlight = new Map<number, number>();
  let mostInFlight = 0;
  const refusals = new Map<number, number>();
  const server: HttpServer = createServer((request, response) => {
    const host = Number(request.socket.localAddress?.split('.').at(-1)) - 1;
    const manner = manners[host] ?? 'plain';
    const path = request.url ?? '/';
    const now = (inFlight.get(host) ?? 0) + 1;
    inFlight.set(host, now);
    mostInFlight = Math.max(mostInFlight, now);
    const at = performance.now();
    response.on('finish', () => inFlight.set(host, (inFlight.get(host) ?? 1) - 1));
    const reply = (status: number, headers: Record<string, string>, body = ''): void => {
      seen.set(host, [...(seen.get(host) ?? []), { path, at, status }]);
      response.writeHead(status, { 'content-type': 'text/html', ...headers });
      response.end(body);
    };
    const { localPort = 0 } = request.socket;
    const refused = refusals.get(host) ?? 0;
    const [status, headers, body] = answerOf(manner, { path, port: localPort, refused });
    if (status === 429 || status === 503) refusals.set(host, refused + 1);
    const slow = manner === 'slow' && path !== '/robots.txt';
    setTimeout(() => reply(status, headers, body), slow ? SLOW_MS : 0);
  });
  server.listen(0, '0.0.0.0');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { server, port, seen, mostInFlight: () => mostInFlight };
}

type Answer = [status: number, headers: Record<string, string>, body?: string];

function answerOf(
  manner: Manner,
  { path, port, refused }: { path: string; port: number; refused: number },
): Answer {
  if (path === '/robots.txt') return robots(manner);
  if (manner === '429' && refused < 2) return [429, { 'retry-after': '1' }];
  if (manner === '503' && refused < 2) return [503, {}];
  if (manner === 'redirects' && path.startsWith('/page')) {
    return [301, { location: path.replace('page', 'moved') }];
  }
  if (manner === 'elsewhere') return [302, { location: `http://127.0.0.1:${port}/from${path}` }];
  return [200, {}, PAGE];
}

function robots(manner: Manner): Answer {
  if (manner === 'crawl-delay')
    return [200, {}, `User-agent: *\nCrawl-delay: ${CRAWL_DELAY_MS / 1000}`];
  if (manner === 'private')
    return [200, {}, 'User-agent: embedkeep-test\nDisallow: /page\nAllow: /page1'];
  return [404, {}, ''];
}

/** The queue: hands out what is due, in order, to whichever worker has room. */
async function drain(
  urls: readonly string[],
  workers: readonly ((url: string) => Promise<Report>)[],
): Promise<{ reports: Report[]; waits: number; finished: Map<string, number> }> {
  const due = urls.map((url) => ({ url, at: 0 }));
  const reports: Report[] = [];
  const finished = new Map<string, number>();
  let waits = 0;
  const started = performance.now();
  const lane = async (work: (url: string) => Promise<Report>): Promise<void> => {
    while (finished.size < urls.length) {
      const index = due.findIndex((job) => job.at <= Date.now());
      const [job] = index === -1 ? [] : due.splice(index, 1);
      if (!job) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        continue;
      }
      const report = await work(job.url);
      if (report.kind === 'wait') {
        waits += 1;
        due.push({ url: job.url, at: report.until });
      } else {
        reports.push(report);
        finished.set(job.url, performance.now() - started);
      }
    }
  };
  await Promise.all(
    workers.flatMap((work) => Array.from({ length: IN_FLIGHT_EACH }, () => lane(work))),
  );
  return { reports, waits, finished };
}

/** Which distance a host declared after this request. */
function declared(manner: Manner, { path, status }: Seen): number {
  if (status === 429) return RETRY_AFTER_MS;
  // Without Retry-After the pace at least doubles.
  if (status === 503) return 2 * INTERVAL_MS;
  // The delay is known once robots.txt was read.
  return manner === 'crawl-delay' && path !== '/robots.txt' ? CRAWL_DELAY_MS : INTERVAL_MS;
}

async function simulate(name: string, open: (port: number) => Promise<Workers>): Promise<void> {
  const site = await openSite();
  const workers = await open(site.port);
  try {
    const urls = Array.from({ length: PAGES }, (_, page) =>
      manners.map((_m, host) => `http://127.0.0.${host + 1}:${site.port}/page${page}`),
    ).flat();
    const { reports, waits, finished } = await drain(urls, workers.work);
    check(site, reports);

    const last = (manner: Manner) =>
      Math.max(
        ...[...finished].flatMap(([url, at]) =>
          manners[Number(new URL(url).hostname.split('.').at(-1)) - 1] === manner ? [at] : [],
        ),
      );
    // Host 1 also gets what "elsewhere" redirects to; still no slow host held the quick ones up.
    expect(last('plain')).toBeLessThan(last('slow') * 2);
    const requests = [...site.seen.values()].reduce((sum, list) => sum + list.length, 0);
    console.info(
      `${name}: ${requests} requests to ${HOSTS} hosts, ${waits} waits; plain hosts through after ${Math.round(last('plain'))} ms, slow after ${Math.round(last('slow'))} ms`,
    );
  } finally {
    await workers.close();
    site.server.closeAllConnections();
    site.server.close();
  }
}

function check(site: Awaited<ReturnType<typeof openSite>>, reports: readonly Report[]): void {
  expect(site.seen.size).toBe(HOSTS);
  expect(site.mostInFlight()).toBe(1);
  for (const [host, list] of site.seen) {
    const manner = manners[host] ?? 'plain';
    const inOrder = list.toSorted((a, b) => a.at - b.at);
    expect(inOrder.filter(({ path }) => path === '/robots.txt')).toHaveLength(1);
    expect(inOrder[0]?.path).toBe('/robots.txt');
    for (const [i, request] of inOrder.entries()) {
      const next = inOrder[i + 1];
      if (!next) continue;
      const gap = next.at - request.at;
      const least = declared(manner, request) - TOLERANCE_MS;
      expect(gap, `${manner} host ${host}: ${request.path} then ${next.path}`).toBeGreaterThan(
        least,
      );
    }
    // No redirect is asked for twice because its target had to be waited for.
    const moved = inOrder.filter(({ status }) => status === 301 || status === 302);
    expect(new Set(moved.map(({ path }) => path)).size).toBe(moved.length);
  }
  const outcomes = Object.groupBy(reports, (report) =>
    report.kind === 'done' ? report.outcome : '',
  );
  expect(outcomes['OK']).toHaveLength(HOSTS * PAGES - (PAGES - 1));
  expect(outcomes['ROBOTS_DISALLOWED']).toHaveLength(PAGES - 1);
  const rules = reports.map((report) => (report.kind === 'done' ? report.rule : ''));
  expect(rules).toContain('Allow: /page1');
  expect(rules).toContain('no robots.txt (404)');
}

interface Workers {
  readonly work: readonly ((url: string) => Promise<Report>)[];
  close(): Promise<void>;
}

/** Three processes that know of each other only through the shared store. */
async function processes(kind: 'redis' | 'postgres', url: string, port: number): Promise<Workers> {
  const program = new URL('polite-worker.ts', import.meta.url).pathname;
  const children = [1, 2, 3].map(() => fork(program, [kind, url, String(port)], { execArgv: [] }));
  await Promise.all(children.map((child) => once(child, 'message')));
  return {
    work: children.map(talkTo),
    close: async () => {
      const gone = children.map((child) => once(child, 'exit'));
      for (const child of children) child.kill('SIGKILL');
      await Promise.all(gone);
    },
  };
}

function talkTo(child: ChildProcess): (url: string) => Promise<Report> {
  const waiting = new Map<string, (report: Report) => void>();
  child.on('message', (report: Report) => waiting.get(report.url)?.(report));
  return (url) =>
    new Promise((resolve) => {
      waiting.set(url, resolve);
      child.send({ url });
    });
}

const LONG = 120_000;

describe('no host is asked faster than declared, and no slow host starves the rest', () => {
  describe('in the embedded database', () => {
    let dir: string;
    beforeAll(async () => {
      dir = await mkdtemp(join(tmpdir(), 'embedkeep-sim-'));
    });
    afterAll(() => rm(dir, { recursive: true }));

    it(
      'three workers of its one process',
      async () => {
        await preparePGlite(dir);
        const store = await openStore({ dataDir: dir });
        await simulate('embedded', (port) => {
          const workers = [1, 2, 3].map(() => politeWorker(sqlPace(store.db), port));
          const close = async () => {
            for (const worker of workers) await worker.close();
            await store.close();
          };
          return Promise.resolve({ work: workers.map(({ work }) => work), close });
        });
      },
      LONG,
    );
  });

  describeWith(['redis'], 'on Redis', () => {
    it(
      'three processes',
      async () => {
        const server = await startRedis();
        await simulate('redis', (port) => processes('redis', server.url, port));
        await server.stop();
      },
      LONG,
    );
  });

  describeWith(['postgres'], 'in Postgres', () => {
    it(
      'three processes',
      async () => {
        const postgres = await startPostgres();
        const url = await postgres.createDatabase();
        await simulate('postgres', (port) => processes('postgres', url, port));
        await postgres.stop();
      },
      LONG,
    );
  });
});
