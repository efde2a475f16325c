/** Takedowns and legal holds: words and bytes go everywhere they lie, digests and a tombstone stay, `verify` says so. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Embed } from '../../src/embed.ts';
import type { Archive } from '../../src/ledger.ts';
import { createEraser } from '../../src/store/archive/erase.ts';
import { openArchive } from '../../src/store/archive/index.ts';
import {
  eraseMarked,
  hold,
  listHolds,
  openStore,
  release,
  remove,
  reparse,
} from '../../src/store/index.ts';
import { verifyArchive } from '../../src/store/verify.ts';
import { viewOf } from '../../src/store/verify-store.ts';
import { warcsInDirectory } from '../../src/store/verify-warcs.ts';
import { asReadBefore } from './made.ts';
import { describeStores, extractionOf, HOUR, keptOf, orderAndClaim, tweet } from './stores.ts';

describeStores('a takedown', (current) => {
  let dir: string;
  let archive: Archive;
  let pages = 0;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'embedkeep-remove-'));
    archive = await openArchive({ url: pathToFileURL(dir).href });
  });
  afterEach(async () => {
    await archive.close();
    await rm(dir, { recursive: true, force: true });
  });

  const world = () => ({
    ...current().store.world,
    erase: createEraser(pathToFileURL(dir).href, current().now),
  });
  /** An article whose bytes hold the posts' words; the same words give the same bytes. */
  const keep = async (embeds: readonly Embed[], tags: string[] = []) => {
    pages += 1;
    const url = `https://removal.example/${pages}`;
    const { claim } = await orderAndClaim(current(), { url, tags });
    const { capture } = keptOf(url, current().now().toISOString(), [['Content-Type', 'text/html']]);
    const body = Buffer.from(`<p>${embeds.map((one) => one.text).join('<p>')}${' '.repeat(300)}`);
    const hops = capture.hops.map((hop) => ({ ...hop, rawBody: body }));
    const page = { ...capture, body, hops };
    const stored = await archive.write(page);
    const kept = { capture: page, stored };
    const counts = await current().store.ledger.finish(claim, kept, extractionOf(embeds));
    // As the worker does.
    await eraseMarked(world(), counts.withheld ?? []);
    return { url, ...counts };
  };
  const everywhere = async (): Promise<string> => {
    const { store } = current();
    const texts: string[] = [];
    for (const name of await readdir(dir)) {
      if (name.endsWith('.gz')) texts.push(gunzipSync(await readFile(join(dir, name))).toString());
    }
    const folder = store.world.journal?.checkpoint().folder;
    for (const name of folder ? await readdir(folder) : []) {
      texts.push(await readFile(join(folder ?? '', name), 'utf8'));
    }
    for (const table of ['articles', 'captures', 'posts', 'sightings', 'post_versions', 'events']) {
      const { rows } = await sql<{ row: string }>`
        select t::text as row from ${sql.table(`embedkeep.${table}`)} t`.execute(store.db);
      texts.push(...rows.map((one) => one.row));
    }
    return texts.join('\n');
  };
  const verified = async () => {
    const store = viewOf(current().store.db);
    const report = await verifyArchive({ warcs: warcsInDirectory(dir), store });
    const mine = report.findings.filter(({ what }) => !what.includes('no sound record'));
    return mine.filter((one) => !one.what.includes('is nowhere in the archive'));
  };

  test('of a post takes its words out of pages, tables, search and journal, and leaves its neighbours', async () => {
    const id = '9001';
    const words = 'Unutterable';
    const embed = tweet({ id, text: `${words} one`, name: `Name ${words}`, handle: `h_${words}` });
    await keep([embed]);
    current().pass(HOUR);
    const { captureId } = await keep([{ ...embed, text: `${words} two` }, tweet({ id: '9002' })]);
    expect(await everywhere()).toContain(words);
    const target = { platform: 'x', postId: id };
    const plan = await remove({ target, reason: 'court order 7', dryRun: true }, world());
    expect(plan).toMatchObject({ sightings: 2, isDryRun: true });
    expect(await everywhere()).toContain(words);
    const removal = await remove({ target, reason: 'court order 7' }, world());
    expect(removal.captures).toContain(captureId);
    const left = await everywhere();
    expect(left.toLowerCase()).not.toContain(words.toLowerCase());
    expect(left).toContain('court order 7');
    const { reader } = current().store;
    expect((await reader.posts({ q: words })).items).toEqual([]);
    expect((await reader.post('x', id))?.post).toMatchObject({
      text: null,
      media: [],
      articles: 2,
    });
    expect((await reader.post('x', '9002'))?.post.text).toBe('The harbour is open again');
    expect((await reader.capture(captureId))?.removedAt).toBe(current().now().toISOString());
    const findings = await verified();
    expect(findings.filter((one) => one.severity === 'damage')).toEqual([]);
    expect(findings.filter((one) => one.code === 'REMOVED').length).toBeGreaterThanOrEqual(3);
  });

  test('of a comment leaves its thread and the comments beside it', async () => {
    const about = { platform: 'reddit', id: '1e9iyof' };
    const comment = tweet({ ...about, commentId: 'leevgp2', text: 'Unspeakable', handle: 'one' });
    await keep([
      tweet({ ...about, text: 'The thread' }),
      comment,
      tweet({ ...about, commentId: 'leewq7k', text: 'The neighbour', handle: 'two' }),
    ]);
    await keep([asReadBefore(comment)]);
    const target = { platform: 'reddit', postId: '1e9iyof/leevgp2' };
    expect(await remove({ target, reason: 'r' }, world())).toMatchObject({ sightings: 2 });
    expect(await everywhere()).not.toContain('Unspeakable');
    const { reader } = current().store;
    const gone = await reader.post('reddit', '1e9iyof/leevgp2');
    const name = { postId: '1e9iyof', commentId: 'leevgp2', text: null };
    expect(gone?.sightings.map(({ embed }) => embed)).toMatchObject([name, name]);
    expect((await reader.post('reddit', '1e9iyof'))?.post.text).toBe('The thread');
    expect((await reader.post('reddit', '1e9iyof/leewq7k'))?.post.text).toBe('The neighbour');
  });

  test('lasts: when the post is seen again it is counted, not shown', async () => {
    await keep([tweet({ id: '9100', text: 'Gone for good' })]);
    await remove({ target: { platform: 'x', postId: '9100' }, reason: 'r' }, world());
    await keep([tweet({ id: '9100', text: 'Back again' })]);
    const detail = await current().store.reader.post('x', '9100');
    expect(detail?.post).toMatchObject({ text: null, articles: 2 });
    expect(detail?.sightings.map((one) => one.embed.text)).toEqual([null, null]);
  });

  test('lasts: words seen again reach neither tables nor journal, and the bytes of their page go too', async () => {
    const embed = tweet({ id: '9150', text: 'Never to be told' });
    await keep([embed]);
    await remove({ target: { platform: 'x', postId: '9150' }, reason: 'r' }, world());
    current().pass(HOUR);
    const neighbour = tweet({ id: '9151', text: 'A neighbour' });
    const again = await keep([embed, neighbour]);
    expect(again.withheld).toEqual([again.captureId]);
    expect((await current().store.reader.capture(again.captureId))?.removedAt).not.toBeNull();
    // Without its id, as a page shows it that has lost the link.
    const bare = await keep([{ ...embed, postId: null, url: null }]);
    expect(bare.withheld).toEqual([bare.captureId]);
    expect(await everywhere()).not.toContain('Never to be told');
    const detail = await current().store.reader.post('x', '9150');
    expect(detail?.post.articles).toBe(3);
    expect((await current().store.reader.post('x', '9151'))?.post.text).toBe('A neighbour');
    // The same words under another id are another post.
    const other = await keep([{ ...embed, postId: '9152' }]);
    expect(other.withheld).toBeUndefined();
    expect((await current().store.reader.post('x', '9152'))?.post.text).toBe('Never to be told');
    const damages = (await verified()).filter((finding) => finding.severity === 'damage');
    expect(damages).toEqual([]);
  });

  test('lasts: a post known by its words alone is recognised when its id appears', async () => {
    const bare = { ...tweet({ id: null, text: 'Only words so far' }), url: null };
    await keep([bare]);
    const { items } = await current().store.reader.posts({ q: 'Only words so far' });
    const postId = items[0]?.postId ?? '';
    await remove({ target: { platform: 'x', postId }, reason: 'r' }, world());
    const named = await keep([{ ...bare, postId: '9160' }]);
    expect(named.withheld).toEqual([named.captureId]);
    expect(await everywhere()).not.toContain('Only words so far');
    expect((await current().store.reader.post('x', postId))?.post.articles).toBe(2);
  });

  test('lasts, but a legal hold keeps the bytes of a page that shows the post again', async () => {
    const embed = tweet({ id: '9170', text: 'Kept as evidence' });
    await keep([embed]);
    await remove({ target: { platform: 'x', postId: '9170' }, reason: 'r' }, world());
    await hold({ kind: 'tag', target: 'case-9', reason: 'case 9' }, world());
    const held = await keep([embed], ['case-9']);
    expect(held.withheld).toBeUndefined();
    expect((await current().store.reader.capture(held.captureId))?.removedAt ?? null).toBeNull();
    expect((await current().store.reader.post('x', '9170'))?.post.text).toBeNull();
    await release({ kind: 'tag', target: 'case-9' }, world());
    await remove({ target: { platform: 'x', postId: '9170' }, reason: 'r' }, world());
    expect(await everywhere()).not.toContain('Kept as evidence');
  });

  test('lasts: a page that a newer parser finds the post in loses its bytes as well', async () => {
    const embed = tweet({ id: '9180', text: 'Found by a newer parser' });
    await keep([embed]);
    const url = 'https://removal.example/unread';
    const { claim } = await orderAndClaim(current(), { url });
    const { capture } = keptOf(url, current().now().toISOString());
    const body = Buffer.from(`<p>News: Found by a newer parser${' '.repeat(300)}`);
    const page = { ...capture, body, hops: capture.hops.map((hop) => ({ ...hop, rawBody: body })) };
    const kept = { capture: page, stored: await archive.write(page) };
    const missed = await current().store.ledger.finish(claim, kept, extractionOf([]));
    await remove({ target: { platform: 'x', postId: '9180' }, reason: 'r' }, world());
    expect(await everywhere()).toContain('Found by a newer parser');
    const extract = () => Promise.resolve(extractionOf([embed], '2'));
    const again = { ...world(), archive, extract, parser: '2' };
    const host = 'removal.example';
    for await (const one of reparse({ host, since: page.fetchedAt }, again)) {
      if (one.captureId === missed.captureId) expect(one.failure).toBeNull();
    }
    expect(await everywhere()).not.toContain('Found by a newer parser');
    expect((await current().store.reader.capture(missed.captureId))?.removedAt).not.toBeNull();
  });

  test('of a second post takes its words too, though the bytes of its page are gone already', async () => {
    const { captureId } = await keep([
      tweet({ id: '9190', text: 'The first to go' }),
      tweet({ id: '9191', text: 'The second to go' }),
    ]);
    await remove({ target: { platform: 'x', postId: '9190' }, reason: 'r' }, world());
    await remove({ target: { platform: 'x', postId: '9191' }, reason: 'r' }, world());
    const words = await everywhere();
    expect(words).not.toContain('The first to go');
    expect(words).not.toContain('The second to go');
    const row = await current()
      .store.db.selectFrom('captures')
      .select('erased_at')
      .where('id', '=', captureId)
      .executeTakeFirst();
    expect(row?.erased_at).not.toBeNull();
  });

  test('of a capture takes every capture of the same bytes along, and is done once', async () => {
    const embeds = [tweet({ id: '9200', text: 'Only here' })];
    const one = await keep(embeds);
    const twin = await keep(embeds);
    const target = { captureId: one.captureId };
    const removal = await remove({ target, reason: 'r' }, world());
    expect(removal.captures).toEqual([one.captureId, twin.captureId]);
    expect(await everywhere()).not.toContain('Only here');
    await remove({ target, reason: 'r' }, world());
    const damages = (await verified()).filter((finding) => finding.severity === 'damage');
    expect(damages).toEqual([]);
  });

  test('is refused by a hold on the capture, its article, its tag or a post in it, until it is released', async () => {
    const { captureId } = await keep([tweet({ id: '9300', text: 'Held' })], ['trial']);
    const capture = await current().store.reader.capture(captureId);
    const targets = [
      { kind: 'capture', target: captureId },
      { kind: 'article', target: capture?.articleId ?? '' },
      { kind: 'tag', target: 'trial' },
      { kind: 'post', target: 'x/9300' },
    ] as const;
    for (const held of targets) {
      await hold({ ...held, reason: 'case 12' }, world());
      await hold({ ...held, reason: 'twice is once' }, world());
      const refused = { code: 'LEGAL_HOLD', detail: { holds: [held] } };
      await expect(remove({ target: { captureId }, reason: 'r' }, world())).rejects.toMatchObject(
        refused,
      );
      await release(held, world());
      await expect(release(held, world())).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
    expect(await everywhere()).toContain('Held');
    expect((await listHolds(world())).filter((one) => one.releasedAt === null)).toEqual([]);
    await remove({ target: { captureId }, reason: 'r' }, world());
    expect(await everywhere()).not.toContain('Held');
  });

  test('interrupted before the bytes were erased is finished by the next one', async () => {
    const { captureId } = await keep([tweet({ id: '9400', text: 'Interrupted' })]);
    const broken = { ...world(), erase: () => Promise.reject(new Error('power')) };
    const target = { captureId };
    await expect(remove({ target, reason: 'r' }, broken)).rejects.toThrow('power');
    const other = await keep([tweet({ id: '9401', text: 'Another' })]);
    await remove({ target: { captureId: other.captureId }, reason: 'r' }, world());
    expect(await everywhere()).not.toContain('Interrupted');
  });

  test('of what is not there says so', async () => {
    const missing = remove({ target: { platform: 'x', postId: '404' }, reason: 'r' }, world());
    await expect(missing).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('is done again by a rebuild', { timeout: 120_000 }, async () => {
    const folder = current().store.world.journal?.checkpoint().folder;
    if (!folder) return;
    const { cp } = await import('node:fs/promises');
    const dataDir = join(dir, 'again');
    await cp(folder, join(dataDir, 'journal'), { recursive: true });
    const rebuilt = await openStore({ dataDir, now: current().now });
    expect((await rebuilt.reader.post('x', '9001'))?.post).toMatchObject({ text: null });
    const { head, removed } = {
      head: await viewOf(rebuilt.db).head(),
      removed: await rebuilt.db
        .selectFrom('captures')
        .select('id')
        .where('removed_at', 'is not', null)
        .execute(),
    };
    expect(head).toEqual(await viewOf(current().store.db).head());
    expect(removed.length).toBeGreaterThan(3);
    await rebuilt.close();
  });
});
