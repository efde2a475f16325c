/** What operators do, on Postgres and a real S3 gateway end to end: backup, restore, gc, takedown, export and import. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { createEraser } from '../../src/store/archive/erase.ts';
import { openArchive, openRepository } from '../../src/store/archive/index.ts';
import {
  backup,
  collectGarbage,
  importFile,
  openStore,
  remove,
  restore,
  type Store,
} from '../../src/store/index.ts';
import { verifyArchive } from '../../src/store/verify.ts';
import { verifyBackup } from '../../src/store/verify-backup.ts';
import { viewOf } from '../../src/store/verify-store.ts';
import { verifyWacz } from '../../src/store/verify-wacz.ts';
import { warcsInBucket } from '../../src/store/verify-warcs.ts';
import { writeWacz } from '../../src/store/wacz.ts';
import { snapshotOf } from '../../src/store/wacz-snapshot.ts';
import { createLog } from '../../workers/log.ts';
import { startRetention } from '../../workers/retention.ts';
import { emptyWarcTarget } from '../../workers/warcs.ts';
import { type Ceph, startCeph } from '../support/ceph.ts';
import { describeWith, type Postgres, startPostgres } from '../support/services.ts';
import { damagesOf, type Made, make } from './verify-made.ts';

const BIN = join(import.meta.dirname, '../../bin/embedkeep.mjs');

describeWith(['ceph', 'postgres'], 'a store on Postgres and S3', () => {
  let ceph: Ceph;
  let postgres: Postgres;
  let made: Made;
  let dir: string;
  let databaseUrl: string;

  const urlOf = (prefix: string): string =>
    `s3://${ceph.bucket}/${prefix}?region=${ceph.region}&endpoint=${encodeURIComponent(ceph.endpoint)}`;

  beforeAll(async () => {
    [ceph, postgres, dir] = await Promise.all([
      startCeph(),
      startPostgres(),
      mkdtemp(join(tmpdir(), 'embedkeep-s3-upkeep-')),
    ]);
    process.env['AWS_ACCESS_KEY_ID'] = ceph.accessKey;
    process.env['AWS_SECRET_ACCESS_KEY'] = ceph.secretKey;
    databaseUrl = await postgres.createDatabase();
    made = await make(urlOf('one'), databaseUrl);
  }, 120_000);
  afterAll(async () => {
    await made.remove();
    await Promise.all([ceph.stop(), postgres.stop()]);
    await rm(dir, { recursive: true, force: true });
  });

  async function inBucket<T>(
    url: string,
    use: (warcs: Awaited<ReturnType<typeof warcsInBucket>>) => Promise<T>,
  ): Promise<T> {
    const warcs = await warcsInBucket(url);
    try {
      return await use(warcs);
    } finally {
      warcs.close();
    }
  }
  const damages = (store: Store, url: string) =>
    inBucket(url, async (warcs) =>
      damagesOf(await verifyArchive({ warcs, store: viewOf(store.db) })),
    );
  const bytesIn = (url: string) =>
    inBucket(url, async (warcs) => {
      let all = '';
      for await (const { name } of warcs.list()) {
        const bytes = await warcs.use(name, (source) => source.read(0, source.size));
        all += gunzipSync(bytes ?? Buffer.alloc(0)).toString('latin1');
      }
      return all;
    });
  async function readable(store: Store, url: string): Promise<number> {
    const archive = await openArchive({ url });
    const rows = await store.db
      .selectFrom('captures')
      .select('id')
      .where('removed_at', 'is', null)
      .execute();
    for (const { id } of rows) {
      const stored = (await store.reader.capture(id))?.stored;
      if (stored) await archive.read(stored);
    }
    await archive.close();
    return rows.length;
  }

  test('is backed up while it is written to, verified where the backup lies, and restored elsewhere', async () => {
    let isOver = false;
    const writing = (async () => {
      while (!isOver) await made.ingestMore();
    })();
    const copy = join(dir, 'copy');
    await inBucket(made.url, (warcs) => backup({ world: made.store.world, warcs, dir: copy }));
    isOver = true;
    await writing;
    expect(damagesOf(await verifyBackup(copy))).toEqual([]);
    const target = await emptyWarcTarget(urlOf('restored'));
    const empty = await postgres.createDatabase();
    const to = { dataDir: dir, databaseUrl: empty, putWarc: target.put };
    const store = await restore({ from: copy, ...to });
    target.close();
    expect(await damages(store, urlOf('restored'))).toEqual([]);
    expect(await readable(store, urlOf('restored'))).toBeGreaterThan(3);
    await store.close();
    await expect(emptyWarcTarget(urlOf('restored'))).rejects.toMatchObject({ code: 'CONFLICT' });
  }, 120_000);

  test('is exported and imported into another database and bucket, where every body is read', async () => {
    const path = join(dir, 'all.wacz');
    const snapshot = await snapshotOf(made.store.db);
    await inBucket(made.url, (warcs) => writeWacz(path, { warcs, snapshot }));
    expect(damagesOf(await verifyWacz(path))).toEqual([]);
    const url = urlOf('imported');
    const store = await openStore({ dataDir: dir, databaseUrl: await postgres.createDatabase() });
    const repository = await openRepository({ url });
    const answer = await importFile(path, {
      ...store.world,
      repository,
      erase: createEraser(url, store.world.now),
    });
    await repository.close();
    expect(answer.kind).toBe('whole');
    expect(await viewOf(store.db).head()).toEqual(await viewOf(made.store.db).head());
    expect(await damages(store, url)).toEqual([]);
    expect(await readable(store, url)).toBe(answer.captures);
    await store.close();
  }, 120_000);

  test('is exported, verified and imported by the command line as well', async () => {
    const cli = (args: readonly string[], env: Record<string, string>) => {
      const run = spawnSync(process.execPath, [BIN, ...args], {
        env: { ...process.env, ...env, DATA_DIR: join(dir, 'cli'), LOG_LEVEL: 'silent' },
        encoding: 'utf8',
      });
      return { code: run.status, text: run.stdout + run.stderr };
    };
    const path = join(dir, 'by-hand.wacz');
    const from = { DATABASE_URL: databaseUrl, BLOB_URL: made.url };
    const to = { DATABASE_URL: await postgres.createDatabase(), BLOB_URL: urlOf('by-hand') };
    expect(cli(['export', '--wacz', path], from)).toMatchObject({ code: 0 });
    expect(cli(['verify', path], {})).toMatchObject({ code: 0 });
    expect(cli(['import', path], to)).toMatchObject({ code: 0 });
    const whole = cli(['verify'], to);
    expect(whole).toMatchObject({ code: 0 });
    expect(whole.text).toContain('Nothing is damaged');
    expect(whole.text).toMatch(/holds +[\d,]+ captures/);
  }, 120_000);

  test('forgets bytes that nobody claims, and those that are taken down, and nothing else', async () => {
    await made.writeOrphan();
    expect(await bytesIn(made.url)).toContain('<p>lost</p>');
    const later = () => new Date(Date.now() + 8 * 24 * 3_600_000);
    const erase = createEraser(made.url, () => new Date());
    const erased = await inBucket(made.url, (warcs) =>
      collectGarbage({ warcs, view: viewOf(made.store.db), now: later, erase }),
    );
    expect(erased).toMatchObject([{ url: 'https://news.example/lost', isErased: true }]);
    const target = { platform: 'x', postId: '1500000000000000001' };
    expect(await bytesIn(made.url)).toContain('The harbour is open again');
    await remove({ target, reason: 'order 1' }, { ...made.store.world, erase });
    const left = await bytesIn(made.url);
    expect(left).not.toContain('<p>lost</p>');
    expect(left).not.toContain('The harbour is open again');
    expect(left).toContain('Embedkeep-Removed');
    expect(left).toContain('Not found');
    expect(await damages(made.store, made.url)).toEqual([]);
  }, 120_000);

  test('loses what has expired by the clock of a worker, and the next worker finds it done', async () => {
    const { db } = made.store;
    const rules = { RETENTION: 'default 1h keep 0', BLOB_URL: made.url, DATA_DIR: dir };
    const config = readConfig({ ...rules, LOG_LEVEL: 'silent' });
    const parts = { config, store: made.store, log: createLog(config) };
    const pending = async (): Promise<number> => {
      const kept = db.selectFrom('captures').select('id').where('erased_at', 'is', null);
      return (await kept.execute()).length;
    };
    await made.ingestMore();
    expect(await bytesIn(made.url)).toContain('<p>later</p>');
    const clock = startRetention(parts);
    await expect.poll(pending, { timeout: 60_000, interval: 200 }).toBe(0);
    await clock.stop();
    expect(await bytesIn(made.url)).not.toContain('<p>later</p>');
    expect(await damages(made.store, made.url)).toEqual([]);
    // Six hours have not passed.
    await made.ingestMore();
    const next = startRetention(parts);
    await next.stop();
    expect(await pending()).toBe(1);
  }, 120_000);
});
