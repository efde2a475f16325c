/**
 * How fast pages are read, in one run with what others need for less: cheerio/slim's load and select, Crawlee's parse step
 * (cheerio's default parser), and htmlparser2's tokenizer alone. `node bench/extract.ts [folder of pages]`; without a
 * folder, generated pages. Bytes are decoded on every side. CPU time of the one thread; the best of some rounds.
 */
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

const ROUNDS = 5;
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

/** Milliseconds of CPU for all pages, per way; the ways take turns so that a busy machine is busy for all. */
function measure(set: readonly Buffer[]): Map<string, number> {
  const best = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, way] of Object.entries(ways)) {
      const before = cpu();
      for (const page of set) way(page);
      const took = cpu() - before;
      best.set(name, Math.min(best.get(name) ?? Number.POSITIVE_INFINITY, took));
    }
  }
  return best;
}

for (const [name, set] of Object.entries(pages(process.argv[2]))) {
  const bytes = set.reduce((sum, page) => sum + page.length, 0);
  console.log(`\n${name}: ${set.length} pages, ${(bytes / 1e6).toFixed(1)} MB`);
  const times = measure(set);
  const ours = times.get('embedkeep extract') ?? 0;
  for (const [way, ms] of times) {
    const speed = `${(bytes / 1000 / ms).toFixed(0)} MB/s ${((set.length / ms) * 1000).toFixed(0)} pages/s`;
    console.log(
      `  ${way.padEnd(38)} ${ms.toFixed(0).padStart(6)} ms  ${speed.padEnd(26)} ${(ms / ours).toFixed(2)} × embedkeep's time`,
    );
  }
}
