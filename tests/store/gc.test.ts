/** Bodies without a capture: listed at once, erased after a week, and never one that something rests on. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StoredBody } from '../../src/capture.ts';
import type { Archive } from '../../src/ledger.ts';
import { createEraser } from '../../src/store/archive/erase.ts';
import { openArchive } from '../../src/store/archive/index.ts';
import { collectGarbage } from '../../src/store/index.ts';
import { verifyArchive } from '../../src/store/verify.ts';
import { viewOf } from '../../src/store/verify-store.ts';
import { warcsInDirectory } from '../../src/store/verify-warcs.ts';
import { describeStores, extractionOf, HOUR, keptOf, orderAndClaim } from './stores.ts';

describeStores('garbage', (current) => {
  let dir: string;
  let archive: Archive;
  let shared: StoredBody | null = null;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'embedkeep-gc-'));
    const url = pathToFileURL(dir).href;
    const findBody = (sha256: string) => Promise.resolve(shared?.sha256 === sha256 ? shared : null);
    archive = await openArchive({ url, findBody });
  });
  afterAll(async () => {
    await archive.close();
    await rm(dir, { recursive: true, force: true });
  });
  const write = (url: string, words: string) => {
    const { capture } = keptOf(url, current().now().toISOString(), [['Content-Type', 'text/html']]);
    const body = Buffer.from(`<p>${words}${' '.repeat(300)}`);
    const hops = capture.hops.map((hop) => ({ ...hop, rawBody: body }));
    const page = { ...capture, body, hops };
    return archive.write(page).then((stored) => ({ capture: page, stored }));
  };
  const keep = async (url: string, words: string) => {
    const { claim } = await orderAndClaim(current(), url);
    const kept = await write(url, words);
    await current().store.ledger.finish(claim, kept, extractionOf([]));
    return kept;
  };
  const collect = (isDryRun: boolean) =>
    collectGarbage({
      warcs: warcsInDirectory(dir),
      view: viewOf(current().store.db),
      now: current().now,
      erase: isDryRun ? null : createEraser(pathToFileURL(dir).href, current().now),
    });
  const bytes = async () => {
    const names = (await readdir(dir)).filter((name) => name.endsWith('.gz'));
    const texts = names.map(async (name) => gunzipSync(await readFile(join(dir, name))).toString());
    return (await Promise.all(texts)).join();
  };

  test('waits a week, spares what a revisit rests on, and leaves an archive that verifies', async () => {
    await keep('https://gc.example/kept', 'KEPT');
    await write('https://gc.example/lost', 'ORPHANED');
    shared = (await write('https://gc.example/first-try', 'SHARED')).stored;
    const again = await keep('https://gc.example/second-try', 'SHARED');
    expect(again.stored.revisit).toBe(true);
    const lost = { url: 'https://gc.example/lost', isOldEnough: false, isErased: false };
    expect(await collect(false)).toMatchObject([lost]);
    current().pass(7 * 24 * HOUR + 1000);
    expect(await collect(true)).toMatchObject([{ ...lost, isOldEnough: true }]);
    expect(await bytes()).toContain('ORPHANED');
    expect(await collect(false)).toMatchObject([{ ...lost, isOldEnough: true, isErased: true }]);
    const left = await bytes();
    expect(left).not.toContain('ORPHANED');
    expect(left).toContain('KEPT');
    expect(left).toContain('SHARED');
    expect(await collect(false)).toEqual([]);
    const view = viewOf(current().store.db);
    const report = await verifyArchive({ warcs: warcsInDirectory(dir), store: view });
    expect(report.findings.filter((finding) => finding.severity === 'damage')).toEqual([]);
  });
});
