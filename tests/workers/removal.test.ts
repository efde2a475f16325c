/** A takedown killed at each of its steps is completed by the next start: no word anywhere, and all that is left verifies. */
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { expect, test, vi } from 'vitest';
import { checkOrders } from '../../src/article-url.ts';
import { openArchive } from '../../src/store/archive/index.ts';
import { openStore } from '../../src/store/index.ts';
import { verifyTarget } from '../../workers/offline.ts';
import { extractionOf, keptOf, tweet } from '../store/made.ts';
import { launch } from '../support/embedkeep.ts';
import { preparePGlite } from '../support/pglite-template.ts';

vi.setConfig({ testTimeout: 180_000 });

const STEPS = ['erase', 'rewrite', 'mark', 'none'];

/** A capture a step, each with words of its own. */
async function fill(dataDir: string): Promise<string[]> {
  await preparePGlite(dataDir);
  const { ledger, close } = await openStore({ dataDir });
  const archive = await openArchive({ url: pathToFileURL(join(dataDir, 'warc')).href });
  const urls = STEPS.map((step) => `https://removal.example/${step}`);
  const answers = await ledger.accept(checkOrders(urls));
  const captures: string[] = [];
  for (const [index, step] of STEPS.entries()) {
    const claim = await ledger.claim(answers[index]?.runId ?? '', new Date());
    if (!claim) throw new Error('not claimed');
    const { capture } = keptOf(claim.run.url, new Date().toISOString());
    const body = Buffer.from(`<p>Words of ${step}!${' '.repeat(300)}`);
    const page = { ...capture, body, hops: capture.hops.map((hop) => ({ ...hop, rawBody: body })) };
    const kept = { capture: page, stored: await archive.write(page) };
    const embeds = [tweet({ id: `77${index}`, text: `Words of ${step}!` })];
    captures.push((await ledger.finish(claim, kept, extractionOf(embeds))).captureId);
  }
  await archive.close();
  await close();
  return captures;
}

async function everywhere(dataDir: string): Promise<string> {
  const texts: string[] = [];
  for (const folder of ['warc', 'journal']) {
    for (const name of await readdir(join(dataDir, folder))) {
      expect(name).toMatch(/\.warc\.gz$|\.warc\.gz\.owner$|^\d{6}\.jsonl$/);
      const bytes = await readFile(join(dataDir, folder, name));
      texts.push(name.endsWith('.gz') ? gunzipSync(bytes).toString() : bytes.toString());
    }
  }
  const store = await openStore({ dataDir });
  for (const table of ['sightings', 'posts', 'captures'] as const) {
    texts.push(JSON.stringify(await store.db.selectFrom(table).selectAll().execute()));
  }
  await store.close();
  return texts.join('\n');
}

test('a takedown that is killed anywhere is finished by the next start', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'embedkeep-removal-'));
  const captures = await fill(dataDir);
  expect(await everywhere(dataDir)).toContain('Words of erase!');
  for (const [index, step] of STEPS.entries()) {
    const child = launch('tests/workers/dying-remover.ts', {
      DATA_DIR: dataDir,
      STEP: step,
      CAPTURE: captures[index] ?? '',
    });
    let said = '';
    child.stdout?.on('data', (chunk) => {
      said += chunk;
    });
    const [code, signal] = await once(child, 'exit');
    expect([code, signal]).toEqual(step === 'none' ? [0, null] : [null, 'SIGKILL']);
    if (index > 0) expect(said).toContain('a removal that was interrupted is finished');
  }
  const left = await everywhere(dataDir);
  for (const step of STEPS) expect(left).not.toContain(`Words of ${step}!`);
  const report = await verifyTarget(dataDir);
  expect(report.findings.filter((one) => one.severity === 'damage')).toEqual([]);
  expect(report.findings.filter((one) => one.what.includes('was taken down'))).toHaveLength(4);
  await rm(dataDir, { recursive: true, force: true });
});
