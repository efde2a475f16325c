/** The archive on a real Ceph gateway: what it promises on files it keeps here, and `verify` and exports read it in place. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StoredBody } from '../../src/capture.ts';
import type { Archive } from '../../src/ledger.ts';
import { createEraser } from '../../src/store/archive/erase.ts';
import { openArchive } from '../../src/store/archive/index.ts';
import { remove } from '../../src/store/index.ts';
import { verifyArchive } from '../../src/store/verify.ts';
import { viewOf } from '../../src/store/verify-store.ts';
import { verifyWacz } from '../../src/store/verify-wacz.ts';
import { warcsInBucket } from '../../src/store/verify-warcs.ts';
import { writeWacz } from '../../src/store/wacz.ts';
import { snapshotOf } from '../../src/store/wacz-snapshot.ts';
import { damagesOf, type Made, make } from '../store/verify-made.ts';
import { type Ceph, startCeph } from '../support/ceph.ts';
import { describeWith } from '../support/services.ts';
import { gzipped, madeCapture, madeExchange } from './made-capture.ts';

const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
const damaged = { code: 'EVIDENCE_DAMAGED' };

describeWith(['ceph'], 'the archive on S3', () => {
  let ceph: Ceph;
  let client: S3Client;
  let archive: Archive;
  const kept = new Map<string, StoredBody>();

  const urlOf = (prefix: string): string =>
    `s3://${ceph.bucket}/${prefix}?region=${ceph.region}&endpoint=${encodeURIComponent(ceph.endpoint)}`;

  beforeAll(async () => {
    ceph = await startCeph();
    process.env['AWS_ACCESS_KEY_ID'] = ceph.accessKey;
    process.env['AWS_SECRET_ACCESS_KEY'] = ceph.secretKey;
    client = new S3Client({ endpoint: ceph.endpoint, region: ceph.region, forcePathStyle: true });
    archive = await openArchive({
      url: urlOf('archive'),
      findBody: (sha256) => Promise.resolve(kept.get(sha256) ?? null),
      bodyOfCapture: (id) => Promise.resolve(kept.get(id) ?? null),
    });
  });
  afterAll(async () => {
    await archive.close();
    client.destroy();
    await ceph.stop();
  });

  test('a capture is one object, read back as it was, by its place alone', async () => {
    const page = gzipped('<p>made up, ünïcode</p>');
    const stored = await archive.write(page);
    expect(stored).toMatchObject({
      sha256: sha(page.body ?? new Uint8Array()),
      rawSha256: sha(page.hops[0]?.rawBody ?? new Uint8Array()),
      revisit: false,
    });
    expect(stored.location).toMatch(/^warc\/\d{4}-\d\d-\d\d\/embedkeep-[0-9a-f-]+\.warc\.gz$/);
    expect(text(await archive.read(stored))).toBe('<p>made up, ünïcode</p>');
  });

  test('many at a time do not mix', async () => {
    const texts = Array.from({ length: 20 }, (_, i) => `<p>page ${i}</p>`);
    const stored = await Promise.all(texts.map((body) => archive.write(madeCapture(body))));
    const read = await Promise.all(stored.map((place) => archive.read(place)));
    expect(read.map(text)).toEqual(texts);
    expect(new Set(stored.map(({ location }) => location)).size).toBe(20);
  });

  test('a body kept before becomes a revisit, a 304 too, and both read back', async () => {
    const first = await archive.write(gzipped('<p>same</p>'));
    kept.set(first.sha256, first).set('c1', first);
    const second = await archive.write(gzipped('<p>same</p>'));
    const hop = madeExchange({ status: 304, statusText: 'Not Modified', rawBody: Buffer.alloc(0) });
    const third = await archive.write(
      madeCapture('', { hops: [hop], body: null, revisitOf: 'c1' }),
    );
    expect([first.revisit, second.revisit, third.revisit]).toEqual([false, true, true]);
    expect(text(await archive.read(second))).toBe('<p>same</p>');
    expect(text(await archive.read(third))).toBe('<p>same</p>');
  });

  test('an object that was changed or is gone is never served as good, and its body is kept again', async () => {
    const first = await archive.write(madeCapture('<p>evidence</p>'));
    kept.set(first.sha256, first);
    const Key = `archive/${first.location}`;
    await client.send(
      new PutObjectCommand({ Bucket: ceph.bucket, Key, Body: Buffer.alloc(2000, 'x') }),
    );
    await expect(archive.read(first)).rejects.toMatchObject(damaged);
    const second = await archive.write(madeCapture('<p>evidence</p>'));
    expect(second.revisit).toBe(false);
    await client.send(new DeleteObjectCommand({ Bucket: ceph.bucket, Key }));
    await expect(archive.read(first)).rejects.toMatchObject(damaged);
    expect(text(await archive.read(second))).toBe('<p>evidence</p>');
  });

  test('a place that does not fit the bytes is refused', async () => {
    const one = await archive.write(madeCapture('<p>one</p>'));
    const other = await archive.write(madeCapture('<p>other</p>'));
    const places = [
      { ...one, location: other.location },
      { ...one, sha256: other.sha256 },
      { ...one, offset: one.offset + 1 },
      { ...one, offset: 10 ** 9 },
      { ...one, length: one.length - 9 },
    ];
    for (const place of places) {
      await expect(archive.read(place)).rejects.toMatchObject(damaged);
    }
  });

  test('verify and export read the bucket in place; damage there shows', async () => {
    const url = urlOf('whole');
    const made: Made = await make(url);
    const warcs = await warcsInBucket(url);
    const dir = await mkdtemp(join(tmpdir(), 'embedkeep-s3-'));
    const store = viewOf(made.store.db);
    try {
      const report = await verifyArchive({ warcs, store });
      expect(damagesOf(report)).toEqual([]);
      expect(report).toMatchObject({ notes: 0, checked: { files: 4, captures: 4, records: 14 } });

      const path = join(dir, 'bucket.wacz');
      await writeWacz(path, { warcs, snapshot: await snapshotOf(made.store.db) });
      const exported = await verifyWacz(path);
      expect(damagesOf(exported)).toEqual([]);
      expect(exported.checked).toMatchObject({ files: 1, captures: 4, records: 11 });

      const [first] = await names(warcs.list());
      await client.send(new DeleteObjectCommand({ Bucket: ceph.bucket, Key: `whole/${first}` }));
      expect(damagesOf(await verifyArchive({ warcs, store })).join('\n')).toContain(
        'RECORD_MISSING',
      );
    } finally {
      warcs.close();
      await made.remove();
      await rm(dir, { recursive: true });
    }
  });

  test('a takedown writes a tombstone over the body, which verify knows from damage', async () => {
    const url = urlOf('removed');
    const made: Made = await make(url);
    const warcs = await warcsInBucket(url);
    const erase = createEraser(url, () => new Date());
    try {
      const target = { platform: 'x', postId: '1500000000000000003' };
      const { captures } = await remove({ target, reason: 'r' }, { ...made.store.world, erase });
      const [id = ''] = captures;
      const place = (await made.store.reader.capture(id))?.stored;
      const bytes = await warcs.use(place?.location ?? '', (file) => file.read(0, file.size));
      expect(gunzipSync(bytes ?? Buffer.alloc(0)).toString('latin1')).not.toContain(
        'long and long',
      );
      const report = await verifyArchive({ warcs, store: viewOf(made.store.db) });
      expect(damagesOf(report)).toEqual([]);
      expect(report.findings.map(({ code }) => code)).toContain('REMOVED');
    } finally {
      warcs.close();
      await made.remove();
    }
  });

  test('what is captured while verify runs is neither missing nor forged', async () => {
    const url = urlOf('busy');
    const made: Made = await make(url);
    const warcs = await warcsInBucket(url);
    let isOver = false;
    const writing = (async () => {
      while (!isOver) await made.ingestMore();
    })();
    try {
      for (let i = 0; i < 5; i += 1) {
        const report = await verifyArchive({ warcs, store: viewOf(made.store.db) });
        expect(damagesOf(report)).toEqual([]);
      }
    } finally {
      isOver = true;
      await writing;
      warcs.close();
      await made.remove();
    }
  });

  test('a gateway that is gone is STORE_UNAVAILABLE, for writing and for reading', async () => {
    const stored = await archive.write(madeCapture('<p>before</p>'));
    const nowhere = await openArchive({
      url: `s3://${ceph.bucket}/archive?region=default&endpoint=http://127.0.0.1:9`,
    });
    const unavailable = { code: 'STORE_UNAVAILABLE' };
    await expect(nowhere.write(madeCapture('<p>x</p>'))).rejects.toMatchObject(unavailable);
    await expect(nowhere.read(stored)).rejects.toMatchObject(unavailable);
    await nowhere.close();
  });
});

async function names(listed: AsyncIterable<{ name: string }>): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of listed) found.push(name);
  return found;
}
