/**
 * How fast pages are read, in one run with what others need for less: cheerio/slim's load and select, Crawlee's parse step
 * (cheerio's default parser), and htmlparser2's tokenizer alone. `node bench/extract.ts [folder of pages]`; without a
 * folder, generated pages. Bytes are decoded on every side.
 *
 * Each way has a process of its own, since all of them run htmlparser2's and domhandler's code, and what one does to its
 * compiled form the others would pay for. They take turns, a round each, so that a busy machine is busy for all; CPU time
 * of the whole process, the best of twenty rounds (`BENCH_ROUNDS`): the first ones warm up both sides, as in a worker that
 * lives for hours.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { extract } from '../src/extract/index.ts';

/** The project's own parsers, not the older ones that the peers in bench/package.json bring along. */
const own = createRequire(new URL('../package.json', import.meta.url));
type Load = (html: string) => (selector: string) => { readonly length: number };
const { load } = own('cheerio/slim') as { load: Load };
const { load: loadDefault } = own('cheerio') as { load: Load };
const { Tokenizer } = own('htmlparser2') as {
  Tokenizer: new (
    options: { xmlMode: boolean; decodeEntities: boolean },
    events: typeof silent,
  ) => { write(text: string): void; end(): void };
};

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 20);
const SELECTOR = 'blockquote, iframe, amp-twitter, [data-tweet-id], a[href*="/status/"]';

type Way = (page: Buffer) => unknown;

const silent = {
  onattribdata() {},
  onattribentity() {},
  onattribend() {},
  onattribname() {},
  oncdata() {},
  onclosetag() {},
  oncomment() {},
  ondeclaration() {},
  onend() {},
  onopentagend() {},
  onopentagname() {},
  onprocessinginstruction() {},
  onselfclosingtag() {},
  ontext() {},
  ontextentity() {},
};

const ways: Readonly<Record<string, Way>> = {
  'embedkeep extract': (page) => extract(page).embeds.length,
  'cheerio/slim load + select': (page) => load(page.toString('utf8'))(SELECTOR).length,
  "Crawlee's parse step (cheerio.load)": (page) =>
    loadDefault(page.toString('utf8'))(SELECTOR).length,
  'htmlparser2 tokenizer': (page) => {
    const tokenizer = new Tokenizer({ xmlMode: false, decodeEntities: true }, silent);
    tokenizer.write(page.toString('utf8'));
    tokenizer.end();
  },
};

function pages(folder: string | undefined): Record<string, Buffer[]> {
  const sets: Record<string, Buffer[]> = {
    'generated, no marker': Array.from({ length: 40 }, (_, i) => generated(i, '')),
    'generated, three posts': Array.from({ length: 40 }, (_, i) => generated(i, POST)),
  };
  if (!folder) return sets;
  const files = readdirSync(folder).filter((file) => file.endsWith('.html'));
  return { [folder]: files.map((file) => readFileSync(path.join(folder, file))), ...sets };
}

const POST = `<blockquote class="twitter-tweet"><p lang="en" dir="ltr">The bridge is open. <a href="https://t.co/AbCdEf1234">pic.twitter.com/AbCdEf1234</a></p>&mdash; Ada Example (@ada_example) <a href="https://twitter.com/ada_example/status/1431500000000000000">August 28, 2021</a></blockquote>`;

/** About 260 kB of the mix that news pages are: prose, nested boxes with classes, scripts with data. */
function generated(seed: number, post: string): Buffer {
  const words = ['bridge', 'river', 'council', 'Saturday', 'because', 'opening', 'people', 'mill'];
  const sentence = (n: number): string =>
    Array.from({ length: 18 }, (_, i) => words[(n * 7 + i * 3 + seed) % words.length]).join(' ');
  const box = (n: number): string =>
    `<div class="col-${n % 12} card card--teaser" data-id="${n}" data-track="box-${n}"><a href="/news/${n}/${words[n % 8]}"><img src="/img/${n}.jpg" alt="${sentence(n)}" loading="lazy" width="320" height="180"></a><h3>${sentence(n)}</h3></div>`;
  const data = JSON.stringify({
    items: Array.from({ length: 400 }, (_, i) => ({
      id: i,
      title: sentence(i),
      path: `/news/${i}`,
    })),
  });
  const prose = Array.from(
    { length: 60 },
    (_, i) => `<p>${sentence(i)}. ${sentence(i + 1)}.</p>${i % 20 === 10 ? post : ''}`,
  );
  return Buffer.from(
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>The bridge</title><script>window.__STATE__=${data};</script></head><body><article><h1>The bridge</h1>${prose.join('\n')}</article><aside>${Array.from({ length: 300 }, (_, i) => box(i)).join('\n')}</aside><script>${'function f(a){return a+1}'.repeat(800)}</script></body></html>`,
  );
}

const cpu = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** In a child: a round whenever the parent asks for one, answered with its milliseconds of CPU. */
function serve(way: Way, set: readonly Buffer[]): void {
  process.on('message', () => {
    const before = cpu();
    for (const page of set) way(page);
    process.send?.(cpu() - before);
  });
  process.send?.('ready');
}

async function started(set: string, way: string): Promise<ChildProcess> {
  const child = fork(import.meta.filename, [process.argv[2] ?? '', set, way]);
  await once(child, 'message');
  return child;
}

async function round(child: ChildProcess): Promise<number> {
  child.send('round');
  const [took] = (await once(child, 'message')) as [number];
  return took;
}

/** Milliseconds of CPU for all pages, per way. */
async function measure(set: string): Promise<Map<string, number>> {
  const best = new Map<string, number>();
  const children = new Map<string, ChildProcess>();
  for (const way of Object.keys(ways)) children.set(way, await started(set, way));
  for (let i = 0; i < ROUNDS; i++) {
    for (const [way, child] of children) {
      best.set(way, Math.min(best.get(way) ?? Number.POSITIVE_INFINITY, await round(child)));
    }
  }
  for (const child of children.values()) child.disconnect();
  return best;
}

async function report(): Promise<void> {
  for (const [name, set] of Object.entries(pages(process.argv[2]))) {
    const bytes = set.reduce((sum, page) => sum + page.length, 0);
    console.log(`\n${name}: ${set.length} pages, ${(bytes / 1e6).toFixed(1)} MB`);
    const times = await measure(name);
    const ours = times.get('embedkeep extract') ?? 0;
    for (const [way, ms] of times) {
      const speed = `${(bytes / 1000 / ms).toFixed(0)} MB/s ${((set.length / ms) * 1000).toFixed(0)} pages/s`;
      console.log(
        `  ${way.padEnd(38)} ${ms.toFixed(0).padStart(6)} ms  ${speed.padEnd(26)} ${(ms / ours).toFixed(2)} × embedkeep's time`,
      );
    }
  }
}

const [, , folder, set, way] = process.argv;
if (set !== undefined && way !== undefined) {
  serve(ways[way] as Way, pages(folder)[set] as Buffer[]);
} else {
  await report();
}
