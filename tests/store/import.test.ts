/** An export brought into another store: equal where it was whole, nothing at all where it was not sound. */
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { articleId } from '../../src/article-url.ts';
import type { EmbedkeepError } from '../../src/errors.ts';
import { jsonlOf } from '../../src/export-rows.ts';
import { parseRetention } from '../../src/retention-rules.ts';
import { createEraser } from '../../src/store/archive/erase.ts';
import { openArchive, openRepository } from '../../src/store/archive/index.ts';
import {
  createWebhookBook,
  finishRemovals,
  hold,
  importFile,
  openStore,
  rebuildStore,
  remove,
  retain,
  type Store,
} from '../../src/store/index.ts';
import { verifyArchive } from '../../src/store/verify.ts';
import { viewOf } from '../../src/store/verify-store.ts';
import { verifyWacz } from '../../src/store/verify-wacz.ts';
import { warcsInDirectory } from '../../src/store/verify-warcs.ts';
import { writeWacz } from '../../src/store/wacz.ts';
import { snapshotOf } from '../../src/store/wacz-snapshot.ts';
import { launch } from '../support/embedkeep.ts';
import { preparePGlite } from '../support/pglite-template.ts';
import { type Postgres, startPostgres } from '../support/services.ts';
import { asReadBefore, extractionOf } from './made.ts';
import { linesOfVersion1, waczOfVersion2 } from './older-exports.ts';
import { describeStores, fromJournal, order, tweet } from './stores.ts';
import { damagesOf, ingest, type Made, make, pageAt, warcNames } from './verify-made.ts';
import { reseal, unzip, zip } from './wacz-made.ts';

const eraser = (url: string) => createEraser(url, () => new Date());

interface Place {
  readonly warcDir: string;
  readonly dataDir: string;
  readonly url: string;
  readonly databaseUrl: string | undefined;
}

interface Target extends Place {
  readonly store: Store;
  take(file: string): ReturnType<typeof importFile>;
  verify(): Promise<string[]>;
  close(): Promise<void>;
}

describeStores('an import', (current) => {
  let made: Made;
  let dir: string;
  let whole: string;
  let postgres: Postgres | null = null;
  let targets = 0;
  let same: Target;
  let bare: Target;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'embedkeep-import-'));
    if (current().databaseUrl) postgres = await startPostgres();
    made = await make();
    await fillMore(made);
    whole = await exported(made.store, made.warcDir);
    same = await target();
    bare = await target();
  }, 240_000);
  afterAll(async () => {
    if (current().databaseUrl) await same.close();
    await bare.close();
    await made.remove();
    await postgres?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  /** What else a store may hold: an order not done, a hold, a post first seen without its id, a takedown. */
  async function fillMore({ store, url }: Made): Promise<void> {
    const archive = await openArchive({ url });
    // More links than are imported at once, before those that bring bytes.
    for (let n = 0; n < 110; n += 1) await order(store, `https://later.example/${n}`);
    const idless = tweet({ id: null, handle: 'late', text: 'Known later' });
    await ingest({ store, archive }, pageAt('https://news.example/a', '<p>a</p>'), [idless]);
    const known = tweet({ id: '1500000000000000042', handle: 'late', text: 'Known later' });
    const comment = tweet({ platform: 'reddit', id: '1e9iyof', commentId: 'leevgp2' });
    const page = pageAt('https://news.example/b', '<p>b</p>');
    await ingest({ store, archive }, page, [known, asReadBefore(comment)]);
    const taken = pageAt('https://news.example/taken', `<p>${'to be taken down '.repeat(50)}</p>`);
    await ingest({ store, archive }, taken, [
      tweet({ id: '1500000000000000077', text: 'Forget me' }),
    ]);
    const old = pageAt('https://news.example/old', `<p>${'too old to keep '.repeat(50)}</p>`);
    const tags = ['old'];
    await ingest({ store, archive, tags }, old, [
      tweet({ id: '1500000000000000078', text: 'Outlived' }),
    ]);
    await archive.close();
    const rules = parseRetention('tag:old 1h keep 0');
    const outcomes: string[] = [];
    for await (const one of retain({ rules }, { ...store.world, erase: eraser(url) })) {
      outcomes.push(one.outcome);
    }
    expect(outcomes).toEqual(['expired']);
    await store.plans.add({ tag: 'old', spec: 'daily' });
    await createWebhookBook(store.world).add({ url: 'https://receiver.example/hook' });
    await order(store, { url: 'https://news.example/open', tags: ['later'], reference: 'r1' });
    await hold({ kind: 'tag', target: 'later', reason: 'case 1' }, store.world);
    const target = { platform: 'x', postId: '1500000000000000077' };
    await remove({ target, reason: 'order 9' }, { ...store.world, erase: eraser(url) });
  }

  async function exported(store: Store, warcDir: string, name = 'whole'): Promise<string> {
    const path = join(dir, `${name}.wacz`);
    await writeWacz(path, {
      warcs: warcsInDirectory(warcDir),
      snapshot: await snapshotOf(store.db),
    });
    return path;
  }

  async function target(): Promise<Target> {
    targets += 1;
    const dataDir = join(dir, `target-${targets}`);
    const warcDir = join(dataDir, 'warc');
    const url = pathToFileURL(warcDir).href;
    const databaseUrl = await postgres?.createDatabase();
    if (!databaseUrl) await preparePGlite(dataDir);
    return await reopened({ dataDir, warcDir, url, databaseUrl });
  }

  async function reopened(place: Place): Promise<Target> {
    const { dataDir, warcDir, url, databaseUrl } = place;
    const store = await openStore({ dataDir, databaseUrl });
    return {
      ...{ store, warcDir, dataDir, url, databaseUrl },
      async take(file) {
        const repository = await openRepository({ url });
        try {
          return await importFile(file, { ...store.world, repository, erase: eraser(url) });
        } finally {
          await repository.close();
        }
      },
      async verify() {
        const journal = databaseUrl ? {} : { journal: join(dataDir, 'journal') };
        const warcs = warcsInDirectory(warcDir);
        return damagesOf(await verifyArchive({ warcs, store: viewOf(store.db), ...journal }));
      },
      close: () => store.close(),
    };
  }

  /** Every row, but for where its bytes lie now. */
  async function contentOf({ db }: Store): Promise<Record<string, unknown[]>> {
    const all: Record<string, unknown[]> = {};
    const tables = {
      articles: 'to_jsonb(t)',
      runs: `to_jsonb(t) - 'token'`,
      captures: `to_jsonb(t) - '{erased_at,location,blob_offset,body_location,body_offset,body_length}'::text[]`,
      posts: 'to_jsonb(t)',
      sightings: `to_jsonb(t) - 'id'`,
      post_versions: `to_jsonb(t) - 'id'`,
      holds: `to_jsonb(t) - 'id'`,
      chain_links: 'to_jsonb(t)',
      // A removal names its post, and was not filed under it.
      events: `case when kind = 'removed' then to_jsonb(t) - 'post_id' else to_jsonb(t) end`,
      chain_head: 'to_jsonb(t)',
    };
    for (const [table, shown] of Object.entries(tables)) {
      const { rows } = await sql<{ row: unknown }>`
        select ${sql.raw(shown)} as row from ${sql.id('embedkeep', table)} t order by (${sql.raw(shown)})::text`.execute(
        db,
      );
      all[table] = rows.map(({ row }) => row);
    }
    return all;
  }

  const jsonl = async (store: Store): Promise<string> => {
    let text = '';
    for await (const line of jsonlOf(store.reader.exportPosts({}))) text += line;
    return text;
  };

  test('of a whole WACZ into an empty store gives the same store, row for row, whose bytes and chain verify', async () => {
    const one = same;
    const torn = { append: () => Promise.reject(new Error('the disk went')) };
    const world = { ...one.store.world, repository: torn, erase: eraser(one.url) };
    const attempt = importFile(whole, world);
    await expect(attempt).rejects.toThrow('the disk went');
    expect((await viewOf(one.store.db).head()).links).toBe(0);
    const answer = await one.take(whole);
    expect(answer).toMatchObject({ format: 'wacz', kind: 'whole', captures: 8, known: 0 });
    expect(await contentOf(one.store)).toEqual(await contentOf(made.store));
    expect(await one.verify()).toEqual([]);
    expect(await jsonl(one.store)).toBe(await jsonl(made.store));

    // What is of the process and not of the evidence stays behind: settings, secrets, answers held for a repeated request.
    for (const [table, count] of [
      ['plans', 1],
      ['webhook_endpoints', 1],
    ] as const) {
      expect(await made.store.db.selectFrom(table).selectAll().execute()).toHaveLength(count);
      expect(await one.store.db.selectFrom(table).selectAll().execute()).toEqual([]);
    }

    const again = await exported(one.store, one.warcDir, 'again');
    expect(damagesOf(await verifyWacz(again))).toEqual([]);
    // A revisit's body is read although its record names a file of the old archive.
    const archive = await openArchive({ url: one.url });
    for (const { id, removed_at } of await one.store.db
      .selectFrom('captures')
      .selectAll()
      .execute()) {
      const stored = (await one.store.reader.capture(id))?.stored;
      if (stored && removed_at === null)
        expect((await archive.read(stored)).length).toBe(stored.size);
    }
    await archive.close();
  }, 120_000);

  test('into an empty store shows where the body of a revisit is said to lie elsewhere', async () => {
    const { db } = same.store;
    const place = sql`body_location is not null`;
    const { rows: before } = await sql`select id, body_location, body_offset, body_length
      from embedkeep.captures where ${place}`.execute(db);
    expect(before).not.toEqual([]);
    for (const change of [
      sql`body_location = body_location || 'x'`,
      sql`body_offset = body_offset + 1`,
      sql`body_length = body_length + 1`,
    ]) {
      await sql`update embedkeep.captures set ${change} where ${place}`.execute(db);
      expect((await same.verify()).join()).toContain('takes another record for its body');
      for (const row of before as Record<string, string>[]) {
        await sql`update embedkeep.captures set body_location = ${row['body_location']},
          body_offset = ${row['body_offset']}, body_length = ${row['body_length']}
          where id = ${row['id']}`.execute(db);
      }
    }
    expect(await same.verify()).toEqual([]);
  });

  test('killed while bytes are copied, and between two links, goes on where it was: nothing twice, nothing missing', async () => {
    let one = await target();
    const { dataDir, databaseUrl } = one;
    await one.close();
    // A batch is a hundred links: of the second, thirty are in the journal and none in the database.
    const steps = databaseUrl
      ? ([
          ['bytes', 3, 0],
          ['bytes', 6, 100],
        ] as const)
      : ([['link', 130, 100]] as const);
    for (const [step, at, links] of steps) {
      const child = launch('tests/store/dying-importer.ts', {
        ...{ FILE: whole, DATA_DIR: dataDir, STEP: step, AT: String(at) },
        ...(databaseUrl && { DATABASE_URL: databaseUrl }),
      });
      expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
      one = await reopened(one);
      expect((await viewOf(one.store.db).head()).links).toBeGreaterThanOrEqual(links);
      await one.close();
    }
    one = await reopened(one);
    expect(await one.take(whole)).toMatchObject({ kind: 'whole' });
    expect(await contentOf(one.store)).toEqual(await contentOf(made.store));
    expect(await one.verify()).toEqual([]);
    await one.close();
  }, 120_000);

  test('again changes nothing; a later export of the same store goes on where the chain ends', async () => {
    const one = same;
    const before = await contentOf(one.store);
    const again = await one.take(whole);
    expect(again).toMatchObject({ kind: 'whole', captures: 0, sightings: 0, known: 8 });
    expect(await contentOf(one.store)).toEqual(before);
    await made.ingestMore();
    const later = await exported(made.store, made.warcDir, 'later');
    expect(await one.take(later)).toMatchObject({ kind: 'whole', captures: 1, known: 8 });
    expect(await contentOf(one.store)).toEqual(await contentOf(made.store));
    expect(await one.verify()).toEqual([]);
  }, 120_000);

  test('of a later export is refused where it says more of what is here, which stays as it is', async () => {
    if (current().databaseUrl) return;
    const one = await target();
    await one.take(whole);
    const before = await contentOf(one.store);
    const source = await target();
    await source.take(whole);
    const erase = eraser(source.url);
    const post = { platform: 'x', postId: '1500000000000000002' };
    await remove({ target: post, reason: 'order 11' }, { ...source.store.world, erase });
    const later = await exported(source.store, source.warcDir, 'takendown');
    await expect(one.take(later)).rejects.toMatchObject({
      ...{ code: 'CONFLICT', detail: { table: 'captures' } },
      message: expect.stringContaining('import it into an empty store'),
    });
    expect(await contentOf(one.store)).toEqual(before);
    await one.close();
    await source.close();
  }, 120_000);

  /** Everything that a store keeps words in. */
  async function wordsIn(one: Target): Promise<string> {
    const texts = [JSON.stringify(await contentOf(one.store))];
    for (const name of await warcNames(one.warcDir)) {
      texts.push(gunzipSync(await readFile(join(one.warcDir, name))).toString());
    }
    const folder = one.store.world.journal?.checkpoint().folder;
    for (const name of folder ? await readdir(folder) : []) {
      texts.push(await readFile(join(folder ?? '', name), 'utf8'));
    }
    return texts.join('\n');
  }

  /** Takes down one post by its id, and one that was known by its words alone. */
  async function takeDown({ store, url }: Target): Promise<void> {
    const archive = await openArchive({ url });
    const page = pageAt('https://other.example/', `<p>${'another page '.repeat(50)}</p>`);
    await ingest({ store, archive }, page, [
      tweet({ id: '1500000000000000001' }),
      tweet({ id: null, handle: 'late', text: 'Known later' }),
    ]);
    await archive.close();
    for (const { platform, post_id: postId } of await store.db
      .selectFrom('posts')
      .select(['platform', 'post_id'])
      .execute()) {
      const target = { platform, postId };
      await remove({ target, reason: 'order 12' }, { ...store.world, erase: eraser(url) });
    }
  }

  test.each(['wacz', 'jsonl'])(
    'of a %s brings back no word of what was taken down here; a legal hold keeps a page',
    async (format) => {
      if (format === 'jsonl' && current().databaseUrl) return;
      const one = await target();
      await takeDown(one);
      const held = articleId('https://news.example/b');
      await hold({ kind: 'article', target: held, reason: 'case 2' }, one.store.world);
      const lines = join(dir, 'standing.jsonl');
      await writeFile(lines, await jsonl(made.store));
      const answer = await one.take(format === 'wacz' ? whole : lines);
      expect(answer).toMatchObject({ kind: 'joined', withheld: 4 });
      const words = await wordsIn(one);
      const again = '<p>The harbour is open again</p>';
      for (const gone of ['The harbour is shut', 'Known later', '<p>a</p>', again]) {
        expect(words).not.toContain(gone);
      }
      expect(words).toContain('A second one');
      if (format === 'wacz') expect(words).toContain('<p>b</p>');
      const harbour = await one.store.reader.post('x', '1500000000000000001');
      expect(harbour?.post).toMatchObject({ text: null, articles: 2 });
      const kept = await one.store.db.selectFrom('captures').selectAll().execute();
      const gone = kept.filter((row) => row.removed_at !== null && row.expired_by === null);
      // Of the export: two of the harbour, one of /a, one that was taken down there; and the page that was here.
      expect(gone).toHaveLength(format === 'wacz' ? 5 : 4);
      expect(gone.filter((row) => row.article_id === held)).toEqual([]);
      expect(await one.verify()).toEqual([]);
      expect(await one.take(format === 'wacz' ? whole : lines)).toMatchObject({ sightings: 0 });
      expect(await wordsIn(one)).not.toContain('Known later');
      const { runs: _, ...before } = await contentOf(one.store);
      await one.close();
      if (current().databaseUrl) return;
      const rebuilt = await fromJournal(one.dataDir, () => new Date());
      // That the bytes are gone is found out again.
      await finishRemovals({ ...rebuilt.world, erase: eraser(one.url) });
      expect(await contentOf(rebuilt)).toMatchObject(before);
      await rebuilt.close();
    },
    120_000,
  );

  /** Each with the entry and the finding that tells why. */
  async function refusesZips(one: Target, path: string): Promise<void> {
    const entries = await unzip(whole);
    const lines = (name: string) => entries.get(`records/${name}.jsonl`)?.toString() ?? '';
    const records = (name: string, change: (text: string) => string) =>
      reseal(new Map(entries).set(`records/${name}.jsonl`, Buffer.from(change(lines(name)))));
    const refused = async (
      made: Iterable<[string, Buffer]>,
      told: string,
      more?: Parameters<typeof zip>[2],
    ) => {
      await zip(path, made, more);
      const error = await one.take(path).then(
        () => null,
        (thrown: EmbedkeepError) => thrown,
      );
      expect(error?.code, told).toBe('IMPORT_REFUSED');
      expect(JSON.stringify([error?.message, error?.detail])).toContain(told);
    };
    const renamed = async (name: string) => {
      const neutral = 'q'.repeat(name.length);
      await zip(path, [...entries, [neutral, Buffer.from('x')]]);
      const bytes = await readFile(path);
      await writeFile(path, bytes.toString('latin1').replaceAll(neutral, name), 'latin1');
      await expect(one.take(path)).rejects.toMatchObject({ code: 'IMPORT_REFUSED' });
    };
    for (const name of ['../escape', '/etc/passwd', 'C:/x']) await renamed(name);
    const [first = ['', Buffer.alloc(0)]] = entries;
    await refused([...entries, first as [string, Buffer]], 'is there twice');
    const link = { mode: 0o12_0777, compress: false };
    await refused(entries, 'is not a regular file', (file) =>
      file.addBuffer(Buffer.from('/etc'), 'l', link),
    );
    const bomb = { mode: 0o10_0644, compress: true };
    await refused(entries, 'is compressed', (file) =>
      file.addBuffer(Buffer.alloc(50_000_000), 'b', bomb),
    );
    const big = new Map(entries).set('archive/big.warc.gz', gzipSync(Buffer.alloc(50_000_000)));
    await refused(reseal(big), 'is not in the manifest');
    await refused(
      records('sightings', (t) => t.replace('The harbour is open', 'The harbour is shut')),
      'SIGHTING_MISMATCH',
    );
    await refused(
      records('events', (t) => t.split('\n').toSpliced(2, 1).join('\n')),
      'CHAIN_BROKEN',
    );
    await refused(
      records('captures', (t) =>
        t.replace(/"sha256":"[0-9a-f]{64}"/, `"sha256":"${'a'.repeat(64)}"`),
      ),
      'EVENT_MISMATCH',
    );
    // What follows from an address does.
    await refused(
      records('runs', (t) => t.replace(/"host":"[^"]+"/g, '"host":"else.example"')),
      'ARTICLE_MISMATCH',
    );
    await refused(
      records('posts', (t) => t.replace(/"postId":"\d+"/, '"postId":"9"')),
      'was seen and is not there',
    );
    await refused(
      records('runs', (t) => t.replaceAll('"attempts":1', '"attempts":2')),
      'RUN_MISMATCH',
    );
    await refusesParts(path, refused);
    await expect(one.take(path)).rejects.toMatchObject({ code: 'SCHEMA_NEWER' });
  }

  /** A part of a store has no chain: what its records say is held against itself and the tables. Leaves one of the future behind. */
  async function refusesParts(
    path: string,
    refused: (made: Iterable<[string, Buffer]>, told: string) => Promise<void>,
  ): Promise<void> {
    const part = join(dir, 'all-captures.wacz');
    const rows = await made.store.db.selectFrom('captures').select('id').execute();
    const snapshot = await snapshotOf(made.store.db, new Set(rows.map(({ id }) => id)));
    await writeWacz(part, { warcs: warcsInDirectory(made.warcDir), snapshot });
    const entries = await unzip(part);
    const records = (name: string, change: (text: string) => string) => {
      const file = `records/${name}.jsonl`;
      const changed = change(entries.get(file)?.toString() ?? '');
      return reseal(new Map(entries).set(file, Buffer.from(changed)));
    };
    await refused(
      records('runs', (t) => t.replace(/"host":"[^"]+"/g, '"host":"else.example"')),
      'not that of its address',
    );
    await refused(
      records('runs', (t) => t.replaceAll('"attempts":1', '"attempts":"many"')),
      'invalid input',
    );
    for (const [file, told] of [
      ['runs', '"attempts":1'],
      ['runs', /"accepted_at":"[^"]+"/g],
      ['captures', /"new_posts":\d+/g],
    ] as const) {
      const name = /\w+/.exec(String(told).replace('"', ''))?.[0];
      await refused(
        records(file, (t) => t.replaceAll(told, `"${name}":null`)),
        `has no ${name}`,
      );
    }
    await refused(
      records('runs', (t) => t.replace('"state":"done"', '"state":"undecided"')),
      'runs_state_check',
    );
    await zip(
      path,
      records('runs', (t) => t.replaceAll('"attempts":', '"from_the_future":1,"attempts":')),
    );
  }

  test('is in the journal: a database made anew from it is the same, and a takedown takes the words out of it', async () => {
    if (current().databaseUrl) return;
    const one = same;
    const before = await contentOf(one.store);
    await one.store.close();
    const rebuilt = await rebuildStore({ dataDir: one.dataDir });
    expect(await contentOf(rebuilt)).toEqual(before);
    const journal = () => readFile(join(one.dataDir, 'journal', '000001.jsonl'), 'utf8');
    expect(await journal()).toContain('Known later');
    const post = { platform: 'x', postId: '1500000000000000042' };
    await remove(
      { target: post, reason: 'order 10' },
      { ...rebuilt.world, erase: eraser(one.url) },
    );
    expect(await journal()).not.toContain('Known later');
    expect(await jsonl(rebuilt)).not.toContain('Known later');
    // What comes next gets the next numbers.
    await order(rebuilt, 'https://next.example/');
    await rebuilt.close();
  }, 120_000);

  test('into a store with other things joins what is not there and tells it in the chain; the rest stays', async () => {
    const one = await target();
    await order(one.store, 'https://other.example/');
    // The export as version 2 wrote it: its posts say a comment's two ids in one.
    const older = join(dir, 'older.wacz');
    await zip(older, waczOfVersion2(await unzip(whole)));
    expect(await one.take(older)).toMatchObject({ kind: 'joined', captures: 8, known: 0 });
    expect(await one.verify()).toEqual([]);
    expect(await one.take(whole)).toMatchObject({ captures: 0, sightings: 0, known: 8 });
    expect((await contentOf(one.store))['posts']).toHaveLength(7);
    const detail = await one.store.reader.post('x', '1500000000000000001');
    expect(detail?.sightings).toHaveLength(2);
    const comment = await one.store.reader.post('reddit', '1e9iyof/leevgp2');
    const ids = { postId: '1e9iyof', commentId: 'leevgp2' };
    expect(comment).toMatchObject({ post: ids, sightings: [{ embed: ids }] });
    expect(damagesOf(await verifyWacz(await exported(one.store, one.warcDir, 'joined')))).toEqual(
      [],
    );

    const other = await one.store.db
      .selectFrom('captures')
      .select('id')
      .limit(1)
      .executeTakeFirstOrThrow();
    await one.store.db
      .updateTable('captures')
      .set({ sha256: 'f'.repeat(64) })
      .where('id', '=', other.id)
      .execute();
    await expect(one.take(whole)).rejects.toMatchObject({ code: 'CONFLICT' });
    await one.close();
  }, 120_000);

  test('that is damaged, forged or none is refused with a stable code and leaves nothing', async () => {
    const one = bare;
    const bytes = await readFile(whole);
    const path = join(dir, 'bad');
    const refused = async (content: Buffer | string, code: string) => {
      await writeFile(path, content);
      await expect(one.take(path)).rejects.toMatchObject({ code });
    };
    const flipped = Buffer.from(bytes);
    flipped[900] = (flipped[900] ?? 0) ^ 1;
    await refused(flipped, 'IMPORT_REFUSED');
    await refused(bytes.subarray(0, -30), 'IMPORT_REFUSED');
    await refused('PAR1', 'PAYLOAD_INVALID');
    await refused('', 'PAYLOAD_INVALID');
    const lines = await jsonl(made.store);
    await refused(`${lines}{"v":2}\n`, 'IMPORT_REFUSED');
    await refused(lines.replace('"v":2', '"v":3'), 'SCHEMA_NEWER');
    await refused(lines.replace(/"articleUrl":"https:/, '"articleUrl":"ftp:'), 'IMPORT_REFUSED');
    await refused(`${lines}{"a":${'['.repeat(200_000)}`, 'IMPORT_REFUSED');
    await refusesZips(one, path);
    await expect(one.take(join(dir, 'nowhere'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await viewOf(one.store.db).head()).links).toBe(0);
    expect((await one.store.db.selectFrom('articles').selectAll().execute()).length).toBe(0);
  }, 120_000);

  test('of an export of a working store has what was there when it began: what ended meanwhile is open, what was seen meanwhile is not', async () => {
    const source = await target();
    const { store, url } = source;
    const archive = await openArchive({ url });
    const at = 'https://busy.example/';
    const seen = (page: string, text: string, id = '15') =>
      ingest({ store, archive }, pageAt(at + page, `<p>${text}</p>`), [tweet({ id, text })]);
    await seen('a', 'As it was');
    await order(store, `${at}open`);
    const snapshot = await snapshotOf(store.db);
    await seen('b', 'As it is now');
    await seen('a', 'Another one', '16');
    const [run] = await store.db
      .selectFrom('runs')
      .selectAll()
      .where('state', '=', 'accepted')
      .execute();
    const claim = await store.ledger.claim(run?.id ?? '', new Date());
    if (!claim) throw new Error('not claimed');
    const failure = { code: 'GONE', message: 'gone', retry: false, detail: {} } as const;
    await store.ledger.fail(claim, failure, undefined);
    await archive.close();
    const path = join(dir, 'busy.wacz');
    await writeWacz(path, { warcs: warcsInDirectory(source.warcDir), snapshot });
    expect(damagesOf(await verifyWacz(path))).toEqual([]);
    const one = await target();
    expect(await one.take(path)).toMatchObject({
      kind: 'whole',
      captures: 1,
      sightings: 1,
      posts: 1,
    });
    expect(await one.store.reader.post('x', '15')).toMatchObject({
      post: { text: 'As it was', articles: 1 },
      sightings: [{ embed: { text: 'As it was' } }],
    });
    const rows = await contentOf(one.store);
    const runs = (rows['runs'] ?? []) as { state: string; failure: unknown }[];
    expect(runs.map(({ state, failure }) => ({ state, failure }))).toEqual(
      expect.arrayContaining([
        { state: 'accepted', failure: null },
        { state: 'done', failure: null },
      ]),
    );
    const [capture] = rows['captures'] as { id: string }[];
    expect(rows['articles']).toContainEqual(
      expect.objectContaining({ url: `${at}a`, last_capture_id: capture?.id, failed_run: null }),
    );
    expect(await one.verify()).toEqual([]);
    // A part, joined elsewhere: the post shows what its one sighting there says.
    const part = join(dir, 'part.wacz');
    const wanted = new Set([capture?.id ?? '']);
    await writeWacz(part, {
      warcs: warcsInDirectory(source.warcDir),
      snapshot: await snapshotOf(store.db, wanted),
    });
    const other = await target();
    await order(other.store, 'https://other.example/');
    expect(await other.take(part)).toMatchObject({ kind: 'joined', captures: 1 });
    expect(await other.store.reader.post('x', '15')).toMatchObject({ post: { text: 'As it was' } });
    expect(await other.verify()).toEqual([]);
    for (const each of [source, one, other]) await each.close();
  }, 120_000);

  test('of an export of a working store has a kept page unread that was read meanwhile', async () => {
    const source = await target();
    const { store } = source;
    const archive = await openArchive({ url: source.url });
    const capture = pageAt('https://busy.example/kept', '<p>Too much for the parser</p>');
    await order(store, capture.url);
    const [first] = await store.db.selectFrom('runs').selectAll().execute();
    const claim = await store.ledger.claim(first?.id ?? '', new Date());
    if (!claim) throw new Error('not claimed');
    const stored = await archive.write(capture);
    const failure = { code: 'PARSE_TIMEOUT', message: 'late', retry: false, detail: {} } as const;
    await store.ledger.fail(claim, failure, { capture, stored });
    const snapshot = await snapshotOf(store.db);
    const [again] = await store.ledger.retry({ from: 'bytes' });
    const second = await store.ledger.claim(again?.id ?? '', new Date());
    if (!second) throw new Error('not claimed');
    await store.ledger.finish(second, { capture, stored }, extractionOf([tweet({ id: '15' })]));
    await archive.close();
    const path = join(dir, 'unread.wacz');
    await writeWacz(path, { warcs: warcsInDirectory(source.warcDir), snapshot });
    expect(damagesOf(await verifyWacz(path))).toEqual([]);
    const one = await target();
    expect(await one.take(path)).toMatchObject({ captures: 1, sightings: 0 });
    expect(await one.store.db.selectFrom('captures').select('parser').execute()).toEqual([
      { parser: null },
    ]);
    for (const each of [source, one]) await each.close();
  }, 120_000);

  test('of JSON lines gives equal lines without bytes, also when it is done twice', async () => {
    const one = bare;
    const file = join(dir, 'posts.jsonl');
    // The first version named a comment by one id; lines of both versions stand in this file.
    await writeFile(file, linesOfVersion1(await jsonl(made.store)));
    const answer = await one.take(file);
    expect(answer).toMatchObject({ format: 'jsonl', kind: 'joined' });
    expect(await jsonl(one.store)).toBe(await jsonl(made.store));
    expect(await one.verify()).toEqual([]);
    await writeFile(file, await jsonl(made.store));
    expect(await one.take(file)).toMatchObject({ captures: 0, sightings: 0, posts: 0 });
    const [{ id } = { id: '' }] = await one.store.db.selectFrom('captures').select('id').execute();
    const archive = await openArchive({ url: one.url });
    const stored = (await one.store.reader.capture(id))?.stored;
    if (!stored) throw new Error('not imported');
    await expect(archive.read(stored)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await archive.close();
    expect(damagesOf(await verifyWacz(await exported(one.store, one.warcDir, 'bare')))).toEqual([]);
  }, 120_000);
});
