/**
 * Pages per second on one loopback site: bare undici, our fetch alone, our fetch with the WARC written and synced, and
 * Crawlee's CheerioCrawler (which also parses). Rounds take turns; medians and ratios are printed.
 *   npm ci --prefix bench && node bench/fetch.ts [pages] [rounds]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
// biome-ignore lint/correctness/noUndeclaredDependencies: the project's own undici, from the folder above
import { Agent, request } from 'undici';
import { createFetcher } from '../src/fetch/fetcher.ts';
import { openArchive } from '../src/store/archive/index.ts';

const pages = Number(process.argv[2] ?? 1000);
const rounds = Number(process.argv[3] ?? 5);
const CONCURRENCY = 16;
const PEER = '@crawlee/cheerio';

type Contender = (urls: readonly string[]) => Promise<void>;

async function inLanes(urls: readonly string[], work: (url: string) => Promise<unknown>) {
  const left = [...urls];
  const lane = async (): Promise<void> => {
    for (let url = left.pop(); url !== undefined; url = left.pop()) await work(url);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, lane));
}

const inflate = promisify(gunzip);

const bareUndici: Contender = async (urls) => {
  const dispatcher = new Agent({ connections: CONCURRENCY });
  await inLanes(urls, async (url) => {
    const { body } = await request(url, { dispatcher, headers: { 'accept-encoding': 'gzip' } });
    await inflate(await body.arrayBuffer());
  });
  await dispatcher.close();
};

const ours =
  (port: number, keep: boolean): Contender =>
  async (urls) => {
    const dir = await mkdtemp(join(tmpdir(), 'embedkeep-bench-'));
    const fetcher = createFetcher({ userAgent: 'bench/1', allowPrivate: [`127.0.0.1:${port}`] });
    const archive = await openArchive({ url: pathToFileURL(`${dir}/`).href });
    await inLanes(urls, async (url) => {
      const capture = await fetcher.fetch(url, { reason: 'first' });
      if (capture.failure) throw new Error(capture.failure.message);
      if (keep) await archive.write(capture);
    });
    await fetcher.close();
    await archive.close();
    await rm(dir, { recursive: true });
  };

/** Null where the peers of bench/package.json are not installed. */
async function crawlee(): Promise<Contender | null> {
  try {
    // A peer of the bench alone, in its own node_modules.
    const { CheerioCrawler, Configuration, log, LogLevel } = await import(PEER);
    log.setLevel(LogLevel.OFF);
    return async (urls) => {
      const crawler = new CheerioCrawler(
        {
          minConcurrency: CONCURRENCY,
          maxConcurrency: CONCURRENCY,
          requestHandler: () => Promise.resolve(),
        },
        new Configuration({ persistStorage: false }),
      );
      await crawler.run([...urls]);
      await crawler.teardown();
    };
  } catch {
    return null;
  }
}

const site = spawn(process.execPath, [join(import.meta.dirname, 'fetch-site.ts')], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
const [line] = await once(createInterface({ input: site.stdout }), 'line');
const port = Number(line);
const peer = await crawlee();
const contenders: Readonly<Record<string, Contender>> = {
  'bare undici': bareUndici,
  'our fetch': ours(port, false),
  'our fetch + WARC, synced': ours(port, true),
  ...(peer && { 'Crawlee CheerioCrawler': peer }),
};
const rates = new Map<string, number[]>();
let run = 0;
for (let round = 0; round <= rounds; round += 1) {
  for (const [name, contender] of Object.entries(contenders)) {
    run += 1;
    const urls = Array.from({ length: pages }, (_, i) => `http://127.0.0.1:${port}/${run}/${i}`);
    const started = performance.now();
    await contender(urls);
    const rate = pages / ((performance.now() - started) / 1000);
    // The first round warms up.
    if (round > 0) rates.set(name, [...(rates.get(name) ?? []), rate]);
  }
}
site.kill();

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const base = median(rates.get('our fetch + WARC, synced') ?? []);
for (const [name, values] of rates) {
  const rate = median(values);
  console.log(
    `${name.padEnd(26)} ${rate.toFixed(0).padStart(6)} pages/s   ${(rate / base).toFixed(2)} × ours with WARC`,
  );
}
if (!peer) console.log('Crawlee is not installed: npm ci --prefix bench');
