/** A small archive with its store, both real, and ways to look at them after damage. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkOrders } from '../../src/article-url.ts';
import type { Capture } from '../../src/capture.ts';
import type { Embed } from '../../src/embed.ts';
import type { Archive } from '../../src/ledger.ts';
import { openArchive } from '../../src/store/archive/index.ts';
import { openStore, type Store } from '../../src/store/index.ts';
import { verifyArchive } from '../../src/store/verify.ts';
import { readRecord } from '../../src/store/verify-record.ts';
import type { Report } from '../../src/store/verify-report.ts';
import { inMemory } from '../../src/store/verify-source.ts';
import { viewOf } from '../../src/store/verify-store.ts';
import { warcsInDirectory } from '../../src/store/verify-warcs.ts';
import { gzipped, madeCapture, madeExchange } from '../archive/made-capture.ts';
import { preparePGlite } from '../support/pglite-template.ts';
import { extractionOf, tweet } from './made.ts';

export interface Made {
  readonly store: Store;
  /** Bytes of a capture that no run will ever claim. */
  writeOrphan(): Promise<string>;
  /** One more page, after whatever was looked at before. */
  ingestMore(): Promise<void>;
  readonly dir: string;
  readonly warcDir: string;
  readonly url: string;
  verify(db?: Store['db']): Promise<Report>;
  /** `code: what` of each damage. */
  damages(db?: Store['db']): Promise<string[]>;
  remove(): Promise<void>;
}

/** Where captures go; a directory of its own unless given. The store is the embedded one unless a database is named. */
export async function make(blobUrl?: string, databaseUrl?: string): Promise<Made> {
  const dir = await mkdtemp(join(tmpdir(), 'embedkeep-verify-'));
  const warcDir = join(dir, 'warc');
  const url = blobUrl ?? pathToFileURL(`${warcDir}/`).href;
  if (!databaseUrl) await preparePGlite(dir);
  const store = await openStore({ dataDir: dir, databaseUrl });
  const archive = await openArchive({
    url,
    findBody: async (sha256) => {
      const row = await store.db
        .selectFrom('captures')
        .select('id')
        .where('sha256', '=', sha256)
        .where('revisit', '=', false)
        .executeTakeFirst();
      return row ? ((await store.reader.capture(row.id))?.stored ?? null) : null;
    },
  });
  await fill(store, archive);
  await archive.close();
  const verify = (db = store.db): Promise<Report> =>
    verifyArchive({
      warcs: warcsInDirectory(warcDir),
      store: viewOf(db),
      journal: join(dir, 'journal'),
    });
  return {
    store,
    writeOrphan: async () => {
      const again = await openArchive({ url });
      const { location } = await again.write(pageAt('https://news.example/lost', '<p>lost</p>'));
      await again.close();
      return location;
    },
    ingestMore: async () => {
      const again = await openArchive({ url });
      const page = pageAt('https://news.example/later', '<p>later</p>');
      await ingest({ store, archive: again }, page, [tweet({ id: '1500000000000000009' })]);
      await again.close();
    },
    dir,
    warcDir,
    url,
    verify,
    damages: async (db) => damagesOf(await verify(db)),
    remove: async () => {
      await store.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

export const damagesOf = (report: Report): string[] =>
  report.findings
    .filter(({ severity }) => severity === 'damage')
    .map(({ code, where, what }) => `${code}: ${where} ${what}`);

/** A plain page, a gzipped one behind a redirect, an unchanged re-capture (a revisit), and one that failed. */
async function fill(store: Store, archive: Archive): Promise<void> {
  const first = pageAt('https://news.example/harbour', '<p>The harbour is open again</p>');
  await ingest({ store, archive }, first, [
    tweet({ id: '1500000000000000001' }),
    tweet({ id: '1500000000000000002', text: 'A second one' }),
  ]);
  const long = gzipped(`<p>Ünïcode ${'and long '.repeat(400)}</p>`);
  const target = 'https://news.example/tram';
  const redirect = madeExchange({
    url: 'http://news.example/tram',
    status: 301,
    statusText: 'Moved Permanently',
    responseHeaders: [['Location', target]],
    rawBody: Buffer.from('moved'),
    tls: null,
  });
  const hops = [redirect, ...long.hops.map((hop) => ({ ...hop, url: target }))];
  const second = { ...long, url: 'http://news.example/tram', finalUrl: target, hops };
  await ingest({ store, archive }, second, [tweet({ id: '1500000000000000003' })]);
  await ingest({ store, archive }, first, [
    tweet({ id: '1500000000000000001', text: 'The harbour is shut' }),
  ]);
  await fail({ store, archive }, pageAt('https://news.example/gone', '<p>Not found</p>', 404));
}

export function pageAt(url: string, html: string, status = 200): Capture {
  const rawBody = Buffer.from(html);
  return madeCapture(html, { url, finalUrl: url, hops: [madeExchange({ url, rawBody, status })] });
}

interface Both {
  readonly store: Store;
  readonly archive: Archive;
}

export async function ingest(
  { store, archive, tags = [] }: Both & { readonly tags?: readonly string[] },
  capture: Capture,
  embeds: readonly Embed[],
): Promise<void> {
  const claim = await claimOf(store, capture.url, tags);
  const stored = await archive.write(capture);
  await store.ledger.finish(claim, { capture, stored }, extractionOf(embeds));
}

async function fail({ store, archive }: Both, capture: Capture): Promise<void> {
  const claim = await claimOf(store, capture.url);
  const stored = await archive.write(capture);
  const failure = { code: 'GONE', message: 'gone', retry: false, detail: {} } as const;
  await store.ledger.fail(claim, failure, { capture, stored });
}

async function claimOf(store: Store, url: string, tags: readonly string[] = []) {
  const [answer] = await store.ledger.accept(checkOrders([{ url, force: true, tags }]));
  const claim = await store.ledger.claim(answer?.runId ?? '', new Date());
  if (!claim) throw new Error(`${url} was not claimed`);
  return claim;
}

export async function warcNames(dir: string): Promise<string[]> {
  return (await readdir(dir)).filter((name) => name.endsWith('.warc.gz')).toSorted();
}

/** The gzip members of a file, in order. */
export async function membersOf(path: string): Promise<Buffer[]> {
  const bytes = await readFile(path);
  const source = inMemory(path, bytes);
  const members: Buffer[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const { length } = await readRecord(source, offset);
    members.push(bytes.subarray(offset, offset + length));
    offset += length;
  }
  return members;
}
