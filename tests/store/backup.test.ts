/** Backup while writing, restored into an empty place: the same store, every byte; a spoiled backup is refused. */
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Archive } from '../../src/ledger.ts';
import { openArchive } from '../../src/store/archive/index.ts';
import { backup, intoDirectory, restore, type Store } from '../../src/store/index.ts';
import { verifyArchive } from '../../src/store/verify.ts';
import { viewOf } from '../../src/store/verify-store.ts';
import { warcsInDirectory } from '../../src/store/verify-warcs.ts';
import { preparePGlite } from '../support/pglite-template.ts';
import { type Postgres, startPostgres } from '../support/services.ts';
import { describeStores, extractionOf, keptOf, orderAndClaim, tweet } from './stores.ts';

describeStores('a backup', (current) => {
  let dir: string;
  let warcDir: string;
  let archive: Archive;
  let other: Postgres | null = null;
  let pages = 0;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'embedkeep-backup-'));
    warcDir = join(dir, 'warc');
    archive = await openArchive({ url: pathToFileURL(warcDir).href });
    if (current().databaseUrl) other = await startPostgres();
    for (let n = 0; n < 5; n += 1) await keep();
  });
  afterAll(async () => {
    await archive.close();
    await other?.stop();
    await rm(dir, { recursive: true, force: true });
  });
  let copy: string;
  let copies = 0;
  beforeEach(() => {
    copies += 1;
    copy = join(dir, `copy-${copies}`);
  });

  /** One article with real bytes, and a text with what lines and json stumble over. */
  const keep = async () => {
    pages += 1;
    const url = `https://backup.example/${pages}`;
    const { claim } = await orderAndClaim(current(), url);
    const { capture } = keptOf(url, current().now().toISOString(), [['Content-Type', 'text/html']]);
    const stored = await archive.write(capture);
    const text = `Line\u2028separated "quoted" \\ back ${pages}`;
    const extraction = extractionOf([tweet({ id: String(pages), text })]);
    await current().store.ledger.finish(claim, { capture, stored }, extraction);
  };
  const make = () =>
    backup({ world: current().store.world, warcs: warcsInDirectory(warcDir), dir: copy });
  const bring = async (): Promise<Store> => {
    const dataDir = `${copy}-restored`;
    const databaseUrl = await other?.createDatabase();
    return await restore({
      from: copy,
      dataDir,
      ...(databaseUrl && { databaseUrl }),
      now: current().now,
      putWarc: intoDirectory(`${copy}-warc`),
    });
  };
  const listed = async (store: Store) => {
    const articles = await store.reader.articles({ limit: 1000 });
    const posts = await store.reader.posts({ limit: 1000 });
    return { articles: articles.items, posts: posts.items };
  };

  test('made while pages are stored is whole as of one moment, and every byte verifies', {
    timeout: 120_000,
  }, async () => {
    let stop = false;
    const writing = (async () => {
      while (!stop) await keep();
    })();
    const manifest = await make();
    stop = true;
    await writing;
    const restored = await bring();
    const warcs = warcsInDirectory(`${copy}-warc`);
    const report = await verifyArchive({ warcs, store: viewOf(restored.db) });
    expect(report.findings.filter((finding) => finding.severity === 'damage')).toEqual([]);
    expect(report.checked.links).toBe(manifest.chain.links);
    const [before, after] = [await listed(current().store), await listed(restored)];
    expect(after.posts.length).toBeGreaterThanOrEqual(5);
    expect(before.posts.slice(-after.posts.length)).toEqual(after.posts);
    expect((await restored.reader.posts({ q: 'separated' })).items).toHaveLength(
      after.posts.length,
    );
    const [answer] = await restored.ledger.accept([
      {
        order: { url: 'https://new.example/' },
        url: 'https://new.example/',
        articleId: 'a'.repeat(64),
      },
    ]);
    expect(answer?.status).toBe('accepted');
    await restored.close();
  });

  test('goes only into an empty directory', async () => {
    await make();
    await expect(make()).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('that was not finished, or spoiled anywhere, is refused before anything is taken', async () => {
    await expect(bring()).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const manifest = await make();
    for (const { path } of manifest.files.filter((file) => file.size > 0)) {
      const whole = await readFile(join(copy, path));
      const flipped = Buffer.from(whole);
      flipped[whole.length >> 1] = (flipped[whole.length >> 1] ?? 0) ^ 1;
      await writeFile(join(copy, path), flipped);
      await expect(bring()).rejects.toMatchObject({ code: 'EVIDENCE_DAMAGED' });
      await rm(join(copy, path));
      await expect(bring()).rejects.toMatchObject({ code: 'EVIDENCE_DAMAGED' });
      await writeFile(join(copy, path), whole);
      await appendFile(join(copy, path), '\n');
      await expect(bring()).rejects.toMatchObject({ code: 'EVIDENCE_DAMAGED' });
      await writeFile(join(copy, path), whole);
    }
    const outside = { ...manifest, files: [{ path: '../x', size: 0, sha256: '' }] };
    await writeFile(join(copy, 'manifest.json'), JSON.stringify(outside));
    await expect(bring()).rejects.toMatchObject({ code: 'EVIDENCE_DAMAGED' });
    expect(await readdir(dir)).not.toContain(`copy-${copies}-restored`);
  });

  test('never goes over a store that is there', async () => {
    await make();
    const { databaseUrl } = current();
    const dataDir = `${copy}-taken`;
    if (!databaseUrl) await preparePGlite(dataDir);
    const onto = restore({
      from: copy,
      dataDir,
      ...(databaseUrl && { databaseUrl }),
      putWarc: () => Promise.reject(new Error('must not get here')),
    });
    await expect(onto).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});
