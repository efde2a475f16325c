/**
 * Exports, checks and imports of a large store in a small heap, on Postgres with WARCs in a directory:
 *   DATABASE_URL=… node bench/exports.ts fill DIR 10000         10,000 captures with ten sightings each, real WARC records
 *   DATABASE_URL=… node --max-old-space-size=64 bench/exports.ts jsonl|csv|parquet|wacz|verify DIR
 *   DATABASE_URL=<an empty one> node --max-old-space-size=96 bench/exports.ts verify-wacz|import DIR
 * Each answers seconds, bytes and the largest resident size of its process.
 */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { checkOrders } from '../src/article-url.ts';
import type { Capture } from '../src/capture.ts';
import type { Embed, Extraction } from '../src/embed.ts';
import { parquetOf } from '../src/export-parquet.ts';
import { csvOf, jsonlOf } from '../src/export-rows.ts';
import type { Archive } from '../src/ledger.ts';
import { createEraser } from '../src/store/archive/erase.ts';
import { openArchive, openRepository } from '../src/store/archive/index.ts';
import { importFile, openStore, type Store } from '../src/store/index.ts';
import { verifyArchive } from '../src/store/verify.ts';
import { viewOf } from '../src/store/verify-store.ts';
import { verifyWacz } from '../src/store/verify-wacz.ts';
import { warcsInDirectory } from '../src/store/verify-warcs.ts';
import { writeWacz } from '../src/store/wacz.ts';
import { snapshotOf } from '../src/store/wacz-snapshot.ts';

const [what = '', dir = '', count = '10000'] = process.argv.slice(2);
const { DATABASE_URL: databaseUrl = '' } = process.env;
const PER_PAGE = 10;
const AT_ONCE = 16;

const noise = (seed: string): number => createHash('sha1').update(seed).digest().readUInt32LE(0);

function embedOf(page: number, ordinal: number): Embed {
  const fresh = page * PER_PAGE + ordinal;
  const isSeen = noise(`seen ${fresh}`) % 3 === 0;
  const post = isSeen ? noise(`which ${fresh}`) % Math.max(1, fresh) : fresh;
  const handle = `desk_${noise(`handle ${post}`) % 20_000}`;
  const id = String(1_500_000_000_000_000_000n + BigInt(post));
  return {
    ...{ role: 'embed', platform: 'x', postId: id, commentId: null },
    url: `https://x.com/${handle}/status/${id}`,
    author: { name: `Desk ${post}`, handle },
    postedAt: {
      ...{ text: 'March 5, 2022', date: '2022-03-05', instant: '2022-03-05T10:00:00.000Z' },
      ...{ precision: 'ms', source: 'id', readings: [], conflict: null },
    },
    lang: 'en',
    text: Array.from({ length: 20 }, (_, i) => `w${noise(`${post} ${i}`) % 30_000}`).join(' '),
    media: [{ display: `pic.twitter.com/${id.slice(-10)}`, url: null }],
    ...{ form: 'blockquote', confidence: 0.99 },
    evidence: { start: 1000 + ordinal * 900, end: 1800 + ordinal * 900, wrappers: [] },
    sources: {
      text: { rule: 'p', start: 1010, end: 1200 },
      'author.name': { rule: 'attribution', start: 1200, end: 1230 },
    },
  };
}

function pageOf(page: number): { capture: Capture; extraction: Extraction } {
  const url = `https://news-${page % 500}.example/${page}`;
  const embeds = Array.from({ length: PER_PAGE }, (_, ordinal) => embedOf(page, ordinal));
  const html = embeds.map((embed) => `<blockquote>${embed.text}</blockquote>`).join('\n');
  const body = Buffer.from(`<title>Page ${page}</title>${html}`);
  const startedAt = new Date(Date.UTC(2026, 0, 1) + page * 1000).toISOString();
  const exchange = {
    ...{ method: 'GET' as const, url, requestHeaders: [['host', new URL(url).host]] as const },
    ...{ status: 200, statusText: 'OK', responseHeaders: [['Content-Type', 'text/html']] as const },
    ...{ rawBody: body, remoteAddress: '192.0.2.1', tls: 'TLSv1.3', startedAt },
    timings: { connected: 1, headers: 2, done: 3 },
  };
  const fetchedAt = new Date(Date.parse(startedAt) + 2).toISOString();
  const capture: Capture = {
    ...{ url, finalUrl: url, fetchedAt, reason: 'first', hops: [exchange], body },
    ...{
      contentType: 'text/html',
      charset: 'utf-8',
      truncated: null,
      robotsRule: 'Allow: /',
      revisitOf: null,
    },
  };
  const article = {
    ...{ canonicalUrl: null, title: `Page ${page}`, siteName: null, publishedAt: null },
    ...{ modifiedAt: null, authors: [], lang: 'en' },
  };
  const extraction = {
    url,
    parser: '1',
    charset: 'utf-8',
    article,
    embeds,
    suspected: [],
    truncated: null,
  };
  return { capture, extraction };
}

async function fill(store: Store, archive: Archive): Promise<void> {
  for (let from = 0; from < Number(count); from += 1000) {
    const pages = Array.from({ length: Math.min(1000, Number(count) - from) }, (_, i) => from + i);
    const urls = pages.map((page) => pageOf(page).capture.url);
    const runs = (await store.ledger.accept(checkOrders(urls))).map(({ runId }) => runId ?? '');
    const next = pages.values();
    const work = async (): Promise<void> => {
      for (const page of next) {
        const claim = await store.ledger.claim(runs[page - from] ?? '', new Date(Date.now() + 1e6));
        const { capture, extraction } = pageOf(page);
        if (!claim) throw new Error('not claimed');
        const stored = await archive.write(capture);
        await store.ledger.finish(claim, { capture, stored }, extraction);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    process.stderr.write(`${from + pages.length} captures\n`);
  }
}

const warcDir = join(dir, 'warc');
const url = pathToFileURL(warcDir).href;
const wacz = join(dir, 'all.wacz');

async function run(store: Store): Promise<unknown> {
  const posts = () => store.reader.exportPosts({});
  const save = async (name: string, pieces: AsyncIterable<string | Uint8Array>) => {
    const out = createWriteStream(join(dir, name));
    await pipeline(Readable.from(pieces, { objectMode: false }), out);
    return { bytes: out.bytesWritten };
  };
  switch (what) {
    case 'fill': {
      const archive = await openArchive({ url });
      await fill(store, archive);
      return await archive.close();
    }
    case 'jsonl':
      return await save('posts.jsonl', jsonlOf(posts()));
    case 'csv':
      return await save('posts.csv', csvOf(posts()));
    case 'parquet':
      return await save('posts.parquet', parquetOf(posts()));
    case 'wacz':
      return await writeWacz(wacz, {
        warcs: warcsInDirectory(warcDir),
        snapshot: await snapshotOf(store.db),
      });
    case 'verify':
      return told(
        await verifyArchive({ warcs: warcsInDirectory(warcDir), store: viewOf(store.db) }),
      );
    case 'verify-wacz':
      return told(await verifyWacz(wacz));
    case 'import':
    case 'import-jsonl': {
      const into = pathToFileURL(join(dir, 'imported')).href;
      const repository = await openRepository({ url: into });
      const erase = createEraser(into, store.world.now);
      const file = what === 'import' ? wacz : join(dir, 'posts.jsonl');
      const answer = await importFile(file, { ...store.world, repository, erase });
      await repository.close();
      return answer;
    }
    default:
      throw new Error(
        'fill, jsonl, csv, parquet, wacz, verify, verify-wacz, import or import-jsonl',
      );
  }
}

const told = ({ ok, checked, damages }: Awaited<ReturnType<typeof verifyWacz>>) => ({
  ok,
  damages,
  checked,
});

const store = await openStore({ databaseUrl, dataDir: '' });
const began = performance.now();
const answer = await run(store);
await store.close();
console.log(
  JSON.stringify({
    what,
    seconds: Math.round((performance.now() - began) / 100) / 10,
    maxRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
    answer,
  }),
);
