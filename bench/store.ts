/**
 * The store at size, on a real Postgres whose memory settings nobody touched:
 *   DATABASE_URL=… node bench/store.ts [sightings, default 1000000] [workers, default 8]
 * The database must be empty, or one that this made of the same size (then its last part is done again). A thousandth of the pages comes through the product's own path: `accept` in bulks of 1,000, `claim`,
 * and `finish` with an invented extraction of ten embeds a page (a third of them of posts seen before); every 20th page fails
 * instead, and ten runs are accepted for each page that is captured, so a million sightings stand beside a million runs. Those rows
 * are then copied in SQL (store-copies.ts), and the same number of new pages goes through the product's path again, so the rate
 * of both is known. Only fetching, WARCs and parsing are left out: captures name bytes that are not there.
 * Questions are measured at both sizes, each 100 times with other arguments.
 */
import { createHash } from 'node:crypto';
// biome-ignore lint/correctness/noUndeclaredDependencies: the project's own; this folder's package holds peers only
import { sql } from 'kysely';
import { checkOrders } from '../src/article-url.ts';
import type { Embed, Extraction } from '../src/embed.ts';
import type { Claim, Kept } from '../src/ledger.ts';
import { openStore, type Store } from '../src/store/index.ts';
import { copyOf, copyStore } from './store-copies.ts';

const { DATABASE_URL = '' } = process.env;
const SIGHTINGS = Number(process.argv[2] ?? 1_000_000);
const WORKERS = Number(process.argv[3] ?? 8);
const PER_PAGE = 10;
const RUNS_PER_PAGE = 10;
const FAIL_EVERY = 20;
const BULK = 1000;
const ASKED = 100;

const store: Store = await openStore({ databaseUrl: DATABASE_URL, dataDir: '' });
const { ledger, reader } = store;

/** Repeatable noise: the same number gives the same page on every machine. */
const noise = (seed: string): number =>
  createHash('sha1').update(seed).digest().readUInt32LE(0) / 2 ** 32;
const below = (limit: number, seed: string): number => Math.floor(noise(seed) * limit);

/** A few words are in every third post, most in few. */
const word = (seed: string): string => `w${Math.floor(30_000 ** noise(seed)).toString(36)}`;
const words = (post: number): string =>
  Array.from({ length: 14 }, (_, i) => word(`${post} ${i}`)).join(' ');

const SPACE = 2 ** 41;
const idOf = (post: number): string => String(1_500_000_000_000_000_000n + BigInt(post % SPACE));
const handleOf = (post: number): string => `desk_${Math.floor(20_000 ** noise(`h${post}`))}`;

/** A third of what a page shows was shown by an earlier one, some posts by many. */
function postOn(page: number, ordinal: number): number {
  const fresh = page * PER_PAGE + ordinal;
  const isSeen = noise(`seen ${fresh}`) < 1 / 3;
  return isSeen ? Math.floor(Math.max(1, fresh) ** noise(`which ${fresh}`)) : fresh;
}

function embedOf(page: number, ordinal: number): Embed {
  const post = postOn(page, ordinal);
  const handle = handleOf(post);
  const date = new Date(Date.UTC(2015, 0, 1) + below(4000, `d${post}`) * 86_400_000);
  const day = date.toISOString().slice(0, 10);
  const start = 1000 + ordinal * 900;
  return {
    role: 'embed',
    platform: 'x',
    postId: idOf(post),
    commentId: null,
    url: `https://x.com/${handle}/status/${idOf(post)}`,
    author: { name: `Desk ${handle.slice(5)}`, handle },
    postedAt: {
      text: day,
      date: day,
      instant: date.toISOString(),
      precision: 'ms',
      source: 'id',
      readings: [],
      conflict: null,
    },
    lang: 'en',
    text: words(post),
    media: [],
    form: 'blockquote',
    confidence: 0.99,
    evidence: { start, end: start + 700, wrappers: [] },
    sources: { text: { rule: 'p', start: start + 60, end: start + 400 } },
  };
}

const urlOf = (page: number, n: number): string =>
  `https://news-${page % 500}.example/${n === 0 ? 'story' : `later-${n}`}/${page}`;

const extractionOf = (page: number): Extraction => ({
  url: null,
  parser: 'bench',
  charset: 'utf-8',
  article: {
    canonicalUrl: null,
    title: `Story ${page}`,
    siteName: null,
    publishedAt: null,
    modifiedAt: null,
    authors: [],
    lang: 'en',
  },
  embeds: Array.from({ length: PER_PAGE }, (_, ordinal) => embedOf(page, ordinal)),
  suspected: [],
  truncated: null,
});

function keptOf(url: string): Kept {
  const sha256 = createHash('sha256').update(url).digest('hex');
  const capture: Kept['capture'] = {
    url,
    finalUrl: url,
    fetchedAt: new Date().toISOString(),
    reason: 'first',
    hops: [],
    body: null,
    contentType: 'text/html',
    charset: 'utf-8',
    truncated: null,
    robotsRule: 'no robots.txt (404)',
    revisitOf: null,
  };
  const place = { location: 'bench.warc.gz', offset: 0, length: 1, size: 1, revisit: false };
  return { capture, stored: { ...place, sha256, rawSha256: sha256 } };
}

async function settle(claim: Claim, page: number): Promise<void> {
  const kept = keptOf(claim.run.url);
  if (page % FAIL_EVERY !== FAIL_EVERY - 1) {
    await ledger.finish(claim, kept, extractionOf(page));
    return;
  }
  const code = page % 3 === 0 ? 'GONE' : 'BOT_CHALLENGE';
  await ledger.fail(claim, { code, message: 'invented', retry: false, detail: {} }, undefined);
}

interface Spent {
  accepted: number;
  acceptMs: number;
  settled: number;
  settleMs: number;
}

/** Pages `from` to `to`, a hundred at a time: accepted in bulks, then captured by as many at once as WORKERS says. */
async function load(from: number, to: number): Promise<Spent> {
  const spent: Spent = { accepted: 0, acceptMs: 0, settled: 0, settleMs: 0 };
  const step = BULK / RUNS_PER_PAGE;
  for (let page = from; page < to; page += step) {
    const pages = Array.from({ length: Math.min(step, to - page) }, (_, i) => page + i);
    const orders = pages.flatMap((one) =>
      Array.from({ length: RUNS_PER_PAGE }, (_, n) => ({
        url: urlOf(one, n),
        reference: `batch-${Math.floor(one / 1000)}`,
      })),
    );
    const began = performance.now();
    const answers = await ledger.accept(checkOrders(orders));
    const accepted = performance.now();
    const queue = pages.map((one, i) => ({ page: one, runId: answers[i * RUNS_PER_PAGE]?.runId }));
    const work = async (): Promise<void> => {
      for (let next = queue.pop(); next; next = queue.pop()) {
        const claim = await ledger.claim(next.runId ?? '', new Date());
        if (claim) await settle(claim, next.page);
      }
    };
    await Promise.all(Array.from({ length: WORKERS }, work));
    spent.accepted += orders.length;
    spent.acceptMs += accepted - began;
    spent.settled += pages.length;
    spent.settleMs += performance.now() - accepted;
    if (page % 5000 === 0) console.error(`${page} of ${to} pages`);
  }
  return spent;
}

const kept = Math.max(BULK / RUNS_PER_PAGE, SIGHTINGS / 1000);

type Question = (n: number, pages: number) => Promise<unknown>;

/** Pages beyond those that were kept are copies of them. */
const copied = (page: number) => ({ k: Math.floor(page / kept), original: page % kept });
function articleId(page: number): string {
  const { k, original } = copied(page);
  return copyOf(k, createHash('sha256').update(urlOf(original, 0)).digest('hex'));
}
function askPost(n: number, pages: number): Promise<unknown> {
  const { k, original } = copied(below(pages, `q${n}`));
  return reader.post('x', copyOf(k, idOf(original * PER_PAGE + (n % PER_PAGE))));
}
function askBatch(n: number, pages: number): Promise<unknown> {
  const { k, original } = copied(below(pages, `q${n}`));
  const batch = `batch-${Math.floor(original / 1000)}`;
  return reader.articles({ reference: k === 0 ? batch : `${batch}-copy-${k}` });
}

const QUESTIONS: Readonly<Record<string, Question>> = {
  'a post by its id': askPost,
  'posts of a handle': (n) => reader.posts({ handle: handleOf(below(1_000_000, `q${n}`)) }),
  'newest posts': () => reader.posts({}),
  'search, a rare word': (n) => reader.posts({ q: `w${(20_000 + n).toString(36)}` }),
  'search, two common words': (n) => reader.posts({ q: `w${(1 + (n % 9)).toString(36)} w1` }),
  'posts of one day': (n) => {
    const day = new Date(Date.UTC(2015, 0, 1) + below(4000, `q${n}`) * 86_400_000);
    const date = day.toISOString().slice(0, 10);
    return reader.posts({ from: date, to: date });
  },
  'posts in articles of a host': (n) => reader.posts({ articleHost: `news-${n % 500}.example` }),
  'an article with its history': (n, pages) => reader.article(articleId(below(pages, `q${n}`))),
  'runs of a batch': askBatch,
  'newest articles': () => reader.articles({}),
  'failed articles': () => reader.articles({ state: 'failed' }),
  'failed articles of a host': (n) =>
    reader.articles({ state: 'failed', host: `news-${(n * 20 + 19) % 500}.example` }),
  'dead groups': () => reader.deadGroups({}),
  'runs that are due': () =>
    ledger.due({ now: new Date(), limit: 500, runningBefore: new Date(0) }),
  'runs by state': () => reader.counts(),
};

interface Figures {
  readonly p50: number;
  readonly p95: number;
}

async function ask(pages: number): Promise<Map<string, Figures>> {
  const figures = new Map<string, Figures>();
  await sql`vacuum analyze`.execute(store.db);
  for (const [name, question] of Object.entries(QUESTIONS)) {
    await question(-1, pages);
    const times: number[] = [];
    for (let n = 0; n < ASKED; n += 1) {
      const began = performance.now();
      await question(n, pages);
      times.push(performance.now() - began);
    }
    times.sort((a, b) => a - b);
    const at = (part: number): number => times[Math.floor(times.length * part)] ?? Number.NaN;
    figures.set(name, { p50: at(0.5), p95: at(0.95) });
  }
  return figures;
}

const rate = (count: number, ms: number): number => Math.round((count * 1000) / ms);
const rates = ({ accepted, acceptMs, settled, settleMs }: Spent) => ({
  'accepted/s': rate(accepted, acceptMs),
  'pages/s': rate(settled, settleMs),
  'sightings/s': rate(settled * PER_PAGE * (1 - 1 / FAIL_EVERY), settleMs),
});

const written: Record<string, unknown> = {};
let first = new Map<string, Figures>();
const copies = Math.ceil(SIGHTINGS / (kept * PER_PAGE * (1 - 1 / FAIL_EVERY))) - 1;
const there = await sql`select from embedkeep.articles limit 1`.execute(store.db);
if (there.rows.length === 0) {
  written['beside nothing'] = rates(await load(0, kept));
  first = await ask(kept);
  const began = performance.now();
  await copyStore(store.db, copies);
  console.error(`${copies} copies in ${Math.round((performance.now() - began) / 1000)} s`);
}
const whole = kept * (copies + 1);
const last = await ask(whole);
const runs = await sql<{ n: number }>`select count(*)::int as n from embedkeep.runs`.execute(
  store.db,
);
const next = Math.round((runs.rows[0]?.n ?? 0) / RUNS_PER_PAGE);
written[`beside ${SIGHTINGS} sightings`] = rates(await load(next, next + kept));
console.table(written);
console.table(
  Object.fromEntries(
    [...last].map(([name, { p50, p95 }]) => {
      const before = first.get(name);
      return [
        name,
        {
          ...(before && { 'p50 small': before.p50.toFixed(1), 'p95 small': before.p95.toFixed(1) }),
          'p50 ms': p50.toFixed(1),
          'p95 ms': p95.toFixed(1),
          ...(before && { growth: (p50 / before.p50).toFixed(1) }),
        },
      ];
    }),
  ),
);
const sizes = await sql<{ size: string }>`
  select pg_size_pretty(pg_database_size(current_database())) as size`.execute(store.db);
console.log(await reader.counts(), sizes.rows[0]?.size);
await store.close();
