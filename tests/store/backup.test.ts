/** Backup while writing, restored into an empty place: the same store, every byte; a spoiled backup is refused. */
import { createHash } from 'node:crypto';
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Archive } from '../../src/ledger.ts';
import { openArchive } from '../../src/store/archive/index.ts';
import { digestOf, readManifest, rendered } from '../../src/store/backup.ts';
import { backup, intoDirectory, restore, type Store } from '../../src/store/index.ts';
import { verifyArchive } from '../../src/store/verify.ts';
import { verifyBackup } from '../../src/store/verify-backup.ts';
import { viewOf } from '../../src/store/verify-store.ts';
import { warcsInDirectory } from '../../src/store/verify-warcs.ts';
import { preparePGlite } from '../support/pglite-template.ts';
import { type Postgres, startPostgres } from '../support/services.ts';
import { describeStores, extractionOf, keptOf, orderAndClaim, tweet } from './stores.ts';
import { damagesOf } from './verify-made.ts';

/** Files whose lines the event chain speaks of. */
const isTold = (path: string) => /journal|captures|sightings|events|chain_links/.test(path);
/** In tables the order of rows means nothing; in the chain and the journal it is the order of what happened. */
const IN_ORDER = /journal|events|chain_links/;

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

  test('is verified where it lies; whatever is flipped, cut, dropped, swapped, added or made to fit shows', async () => {
    const { files } = await make();
    const damages = async () => damagesOf(await verifyBackup(copy));
    expect(await damages()).toEqual([]);
    const paths = [
      ...files.filter(({ size }) => size > 0).map(({ path }) => path),
      'manifest.json',
    ];
    for (const [index, path] of paths.entries()) {
      const file = join(copy, path);
      const bytes = await readFile(file);
      for (const part of [0, 0.3, 0.7, 0.999]) {
        const flipped = Buffer.from(bytes);
        const at = Math.floor(bytes.length * part);
        flipped[at] = (flipped[at] ?? 0) ^ 1;
        await writeFile(file, flipped);
        expect(await damages(), `${path} flipped at ${at}`).not.toEqual([]);
      }
      await writeFile(file, bytes.subarray(0, -1));
      expect(await damages(), `${path} cut`).not.toEqual([]);
      const other = await readFile(join(copy, paths.at(index - 1) ?? ''));
      await writeFile(file, other);
      expect(await damages(), `${path} swapped`).not.toEqual([]);
      await writeFile(file, bytes);
      if (path === 'manifest.json') continue;
      await rm(file);
      expect(await damages(), `${path} dropped`).not.toEqual([]);
      await writeFile(file, bytes);
    }
    const manifest = join(copy, 'manifest.json');
    const told = await readFile(manifest, 'utf8');
    await writeFile(manifest, told.replace(/"madeAt": "20../, '"madeAt": "2001'));
    expect((await damages()).join()).toContain('does not match its own digest');
    await writeFile(manifest, told);
    await writeFile(join(copy, 'more'), 'x');
    expect((await damages()).join()).toContain('FILE_UNEXPECTED');
    await rm(join(copy, 'more'));
    expect(await damages()).toEqual([]);
  }, 120_000);

  test('made to fit its manifest again after lines were dropped or swapped is told by chain and records', async () => {
    const { files } = await make();
    for (const path of files.map((file) => file.path).filter(isTold)) {
      const before = await readFile(join(copy, path), 'utf8');
      const lines = before.trimEnd().split('\n');
      for (const changed of [
        lines.slice(1),
        lines.slice(0, -1),
        lines.with(0, lines[1] ?? '').with(1, lines[0] ?? ''),
      ]) {
        await reseal(path, `${changed.join('\n')}\n`);
        const isSwapOfRows = changed.length === lines.length && !IN_ORDER.test(path);
        const found = damagesOf(await verifyBackup(copy));
        if (!isSwapOfRows) expect(found, path).not.toEqual([]);
      }
      await reseal(path, before);
      expect(damagesOf(await verifyBackup(copy))).toEqual([]);
    }
  }, 120_000);

  /** As someone would who knows the format. */
  async function reseal(path: string, text: string): Promise<void> {
    await writeFile(join(copy, path), text);
    const manifest = await readManifest(copy);
    const sha256 = createHash('sha256').update(text).digest('hex');
    const size = Buffer.byteLength(text);
    const files = manifest.files.map((file) =>
      file.path === path ? { path, size, sha256 } : file,
    );
    const fitting = { ...manifest, files };
    await writeFile(
      join(copy, 'manifest.json'),
      rendered({ ...fitting, digest: digestOf(fitting) }),
    );
  }

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
