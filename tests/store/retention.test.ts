/** Retention: what has expired goes with its words, by the rule that is written down; a hold beats every rule. */
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Embed } from '../../src/embed.ts';
import type { Archive } from '../../src/ledger.ts';
import { parseRetention } from '../../src/retention-rules.ts';
import { createEraser } from '../../src/store/archive/erase.ts';
import { openArchive } from '../../src/store/archive/index.ts';
import {
  finishRemovals,
  hold,
  openStore,
  type Retained,
  release,
  remove,
  retain,
} from '../../src/store/index.ts';
import { verifyArchive } from '../../src/store/verify.ts';
import { viewOf } from '../../src/store/verify-store.ts';
import { warcsInDirectory } from '../../src/store/verify-warcs.ts';
import { storedBodies } from '../../workers/stored-bodies.ts';
import { preparePGlite } from '../support/pglite-template.ts';
import { describeStores, extractionOf, HOUR, keptOf, orderAndClaim, tweet } from './stores.ts';

const DAY = 24 * HOUR;

describeStores('retention', (current) => {
  let dir: string;
  let archive: Archive;
  let round = 0;
  beforeEach(async () => {
    round += 1;
    dir = await mkdtemp(join(tmpdir(), 'embedkeep-retention-'));
    archive = await openArchive({
      url: pathToFileURL(dir).href,
      ...storedBodies(current().store),
    });
  });
  afterEach(async () => {
    await archive.close();
    await rm(dir, { recursive: true, force: true });
  });

  const world = () => ({
    ...current().store.world,
    erase: createEraser(pathToFileURL(dir).href, current().now),
  });
  const claimed = (path: string, tags: readonly string[] = []) =>
    orderAndClaim(current(), {
      url: `https://retention.example/${round}/${path}`,
      // A tag of its own keeps the tests out of each other's rules.
      tags: tags.map((tag) => `${tag}${round}`),
      force: true,
    });
  const write = async (url: string, words: string) => {
    const { capture } = keptOf(url, current().now().toISOString(), [['Content-Type', 'text/html']]);
    const body = Buffer.from(`<p>${words}${' '.repeat(300)}`);
    const hops = capture.hops.map((hop) => ({ ...hop, rawBody: body }));
    const page = { ...capture, body, hops };
    return { capture: page, stored: await archive.write(page) };
  };
  const keep = async (path: string, { text, tags }: { text: string; tags: string[] }) => {
    const { claim } = await claimed(path, tags);
    const kept = await write(claim.run.url, text);
    const embeds: Embed[] = [tweet({ id: `${round}${path}`, text })];
    const { captureId } = await current().store.ledger.finish(claim, kept, extractionOf(embeds));
    return { captureId, articleId: claim.run.articleId, stored: kept.stored };
  };
  /** `short` and its like are of this round. */
  const sweep = async (rules: string, dryRun = false): Promise<Retained[]> => {
    const mine = parseRetention(rules.replaceAll(/tag:(\w+)/g, `tag:$1${round}`));
    const told: Retained[] = [];
    for await (const one of retain({ rules: mine, dryRun }, world())) told.push(one);
    return told;
  };
  const removed = async (captureId: string) =>
    (await current().store.reader.capture(captureId))?.expiredBy ?? null;
  const everywhere = async (): Promise<string> => {
    const texts: string[] = [];
    for (const name of await readdir(dir)) {
      expect(name).toMatch(/\.warc\.gz(\.owner)?$/);
      if (name.endsWith('.gz')) texts.push(gunzipSync(await readFile(join(dir, name))).toString());
    }
    const folder = current().store.world.journal?.checkpoint().folder;
    for (const name of folder ? await readdir(folder) : []) {
      texts.push(await readFile(join(folder ?? '', name), 'utf8'));
    }
    for (const table of ['articles', 'captures', 'posts', 'sightings', 'post_versions', 'events']) {
      const { rows } = await sql<{ row: string }>`
        select t::text as row from ${sql.table(`embedkeep.${table}`)} t`.execute(
        current().store.db,
      );
      texts.push(...rows.map((one) => one.row));
    }
    return texts.join('\n');
  };
  const verified = async () => {
    const store = viewOf(current().store.db);
    const { findings } = await verifyArchive({ warcs: warcsInDirectory(dir), store });
    return findings.filter(({ what }) => !what.includes('no sound record'));
  };

  test('takes bytes and words of what is old, keeps the last one, and says by which rule', async () => {
    const old = await keep('a', { text: 'Perishable words', tags: ['short'] });
    current().pass(2 * DAY);
    const last = await keep('a', { text: 'The newest words', tags: ['short'] });
    current().pass(40 * DAY);
    const rule = `tag:short${round} 30d`;
    const plan = await sweep('tag:short 30d', true);
    expect(plan).toMatchObject([{ captureId: old.captureId, rule, outcome: 'would expire' }]);
    expect(await everywhere()).toContain('Perishable');
    expect(await sweep('tag:short 30d')).toMatchObject([{ outcome: 'expired', holds: [] }]);

    const left = await everywhere();
    expect(left).not.toContain('Perishable');
    expect(left).toContain('The newest words');
    expect([await removed(old.captureId), await removed(last.captureId)]).toEqual([rule, null]);
    const detail = await current().store.reader.post('x', `${round}a`);
    expect(detail?.post).toMatchObject({ text: 'The newest words', articles: 1 });
    expect(detail?.sightings.map((one) => one.embed.text)).toEqual(['The newest words', null]);
    const event = await current()
      .store.db.selectFrom('events')
      .select('body')
      .where('capture_id', '=', old.captureId)
      .where('kind', '=', 'expired')
      .executeTakeFirst();
    expect(JSON.parse(event?.body ?? '')).toMatchObject({ kind: 'expired', detail: { rule } });
    const findings = await verified();
    expect(findings.filter((one) => one.severity === 'damage')).toEqual([]);
    expect(JSON.stringify(findings)).toContain(`fell to the retention rule \`${rule}\``);
    expect(await sweep('tag:short 30d')).toEqual([]);
  });

  test('takes what a page showed of others, though its bytes went with a post that was taken down', async () => {
    const { claim } = await claimed('neighbours', ['short']);
    const page = await write(claim.run.url, 'The page of two');
    const embeds = [
      tweet({ id: `${round}81`, text: 'Taken down' }),
      tweet({ id: `${round}82`, text: 'A neighbour of it' }),
    ];
    const { captureId } = await current().store.ledger.finish(claim, page, extractionOf(embeds));
    await remove({ target: { platform: 'x', postId: `${round}81` }, reason: 'r' }, world());
    current().pass(2 * DAY);
    const last = await keep('neighbours', { text: 'The newest words', tags: ['short'] });
    current().pass(40 * DAY);
    expect(await everywhere()).toContain('A neighbour of it');
    expect(await sweep('tag:short 30d')).toMatchObject([{ captureId, outcome: 'expired' }]);
    const left = await everywhere();
    expect(left).not.toContain('A neighbour of it');
    expect(left).toContain('The newest words');
    // It fell to the takedown first, and that is what its tombstone says.
    expect([await removed(captureId), await removed(last.captureId)]).toEqual([null, null]);
    expect(await sweep('tag:short 30d')).toEqual([]);
    expect((await verified()).filter((one) => one.severity === 'damage')).toEqual([]);
  });

  test('gives the last one up only where the rule says so', async () => {
    const { captureId } = await keep('b', { text: 'The only words', tags: ['short'] });
    current().pass(40 * DAY);
    expect(await sweep('tag:short 30d')).toEqual([]);
    expect(await sweep('tag:short 30d keep 0')).toMatchObject([{ captureId }]);
    expect(await everywhere()).not.toContain('The only words');
  });

  test('takes nothing that a hold names, of any kind, until it is lifted', async () => {
    const { captureId, articleId } = await keep('c', {
      text: 'Held words',
      tags: ['short', 'case'],
    });
    current().pass(40 * DAY);
    const targets = [
      { kind: 'capture', target: captureId },
      { kind: 'article', target: articleId },
      { kind: 'tag', target: `case${round}` },
      { kind: 'post', target: `x/${round}c` },
    ] as const;
    for (const held of targets) {
      await hold({ ...held, reason: 'case 12' }, world());
      const told = await sweep('tag:short 30d keep 0');
      expect(told).toMatchObject([{ captureId, outcome: 'held', holds: [held] }]);
      expect(await everywhere()).toContain('Held words');
      await release(held, world());
    }
    expect(await sweep('tag:short 30d keep 0')).toMatchObject([{ outcome: 'expired' }]);
  });

  test('takes bytes that several captures rest on only when the time of each has come', async () => {
    const old = await keep('d', { text: 'Shared words', tags: ['short'] });
    const other = await keep('e', { text: 'Shared words', tags: ['long'] });
    expect(other.stored.revisit).toBe(true);
    current().pass(40 * DAY);
    expect(await sweep('tag:short 30d keep 0; tag:long 60d keep 0')).toEqual([]);
    expect(Buffer.from(await archive.read(other.stored)).toString()).toContain('Shared words');
    current().pass(30 * DAY);
    const told = await sweep('tag:short 30d keep 0; tag:long 60d keep 0');
    expect(told.map((one) => one.captureId).toSorted()).toEqual(
      [old.captureId, other.captureId].toSorted(),
    );
    expect(await everywhere()).not.toContain('Shared words');
    expect((await verified()).filter((one) => one.severity === 'damage')).toEqual([]);
  });

  test('a capture that was about to rest on bytes that expire is tried again and keeps them whole', async () => {
    await keep('f', { text: 'Nearly lost', tags: ['short'] });
    current().pass(40 * DAY);
    const { claim } = await claimed('g');
    const kept = await write(claim.run.url, 'Nearly lost');
    expect(kept.stored.revisit).toBe(true);
    expect(await sweep('tag:short 30d keep 0')).toHaveLength(1);
    const { ledger } = current().store;
    await expect(ledger.finish(claim, kept, extractionOf([]))).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
    const again = await write(claim.run.url, 'Nearly lost');
    expect(again.stored.revisit).toBe(false);
    await ledger.finish(claim, again, extractionOf([]));
    expect(Buffer.from(await archive.read(again.stored)).toString()).toContain('Nearly lost');
  });

  test('a page whose last bytes are gone is not asked whether it has changed', async () => {
    const { claim } = await claimed('h', ['short']);
    const kept = keptOf(claim.run.url, current().now().toISOString(), [['ETag', '"1"']]);
    const stored = await archive.write(kept.capture);
    await current().store.ledger.finish(claim, { ...kept, stored }, extractionOf([]));
    const validators = async () => {
      current().pass(2 * DAY);
      const url = claim.run.url;
      const { claim: next } = await orderAndClaim(current(), { url });
      await current().store.ledger.fail(
        next,
        { code: 'GONE', message: 'gone', retry: false, detail: {} },
        undefined,
      );
      return next.validators;
    };
    expect(await validators()).toMatchObject({ etag: '"1"' });
    current().pass(40 * DAY);
    expect(await sweep('tag:short 30d keep 0')).toHaveLength(1);
    expect(await validators()).toBeNull();
  });

  describe('interrupted', () => {
    test('before the bytes were gone is finished later', async () => {
      await keep('i', { text: 'Interrupted words', tags: ['short'] });
      current().pass(40 * DAY);
      const broken = { ...world(), erase: () => Promise.reject(new Error('power')) };
      const rules = parseRetention(`tag:short${round} 30d keep 0`);
      const all = async () => {
        for await (const _ of retain({ rules }, broken));
      };
      await expect(all()).rejects.toThrow('power');
      expect(await everywhere()).toContain('Interrupted');
      expect(await finishRemovals(world())).toBeGreaterThan(0);
      expect(await everywhere()).not.toContain('Interrupted');
      expect(await finishRemovals(world())).toBe(0);
    });

    test('by a caller who has seen enough has done whole groups, and the next goes on', async () => {
      for (const path of ['j', 'k', 'l'])
        await keep(path, { text: `Words of ${path}!`, tags: ['short'] });
      current().pass(40 * DAY);
      const rules = parseRetention(`tag:short${round} 30d keep 0`);
      for await (const _ of retain({ rules }, world())) break;
      const left = await everywhere();
      expect(['j', 'k', 'l'].filter((path) => left.includes(`Words of ${path}!`))).toHaveLength(2);
      expect(await sweep('tag:short 30d keep 0')).toHaveLength(2);
    });
  });

  test('is done again by a rebuild', { timeout: 120_000 }, async () => {
    const { store, now } = current();
    const folder = store.world.journal?.checkpoint().folder;
    if (!folder) return;
    const dataDir = join(dir, 'again');
    await preparePGlite(dataDir);
    await cp(folder, join(dataDir, 'journal'), { recursive: true });
    const rebuilt = await openStore({ dataDir, now });
    const rows = (db: typeof store.db) =>
      db
        .selectFrom('captures')
        .select(['id', 'removed_at', 'expired_by'])
        .where('expired_by', 'is not', null)
        .orderBy('id')
        .execute();
    const expected = await rows(store.db);
    expect(expected.length).toBeGreaterThan(5);
    expect(await rows(rebuilt.db)).toEqual(expected);
    expect(await viewOf(rebuilt.db).head()).toEqual(await viewOf(store.db).head());
    await rebuilt.close();
    await rm(dataDir, { recursive: true });
  });
});
