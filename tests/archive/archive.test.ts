/** The archive on a directory, judged by npm warcio and node:crypto rather than by our own reader. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WARCParser } from 'warcio';
import type { StoredBody } from '../../src/capture.ts';
import type { Archive } from '../../src/ledger.ts';
import { type ArchiveOptions, openArchive } from '../../src/store/archive/index.ts';
import type { Recovered } from '../../src/store/archive/recover.ts';
import { gzipped, madeCapture, madeExchange } from './made-capture.ts';

let dir: string;
let opened: Archive[];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'embedkeep-archive-'));
  opened = [];
});
afterEach(async () => {
  for (const archive of opened) await archive.close();
  await rm(dir, { recursive: true });
});

async function openHere(options: Partial<ArchiveOptions> = {}): Promise<Archive> {
  const archive = await openArchive({ url: pathToFileURL(`${dir}/`).href, ...options });
  opened.push(archive);
  return archive;
}

const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const warcs = async () => (await readdir(dir)).filter((name) => name.endsWith('.warc.gz')).sort();

async function readByWarcio(file: string) {
  const records: { type: string | null | undefined; block: Uint8Array; http: unknown }[] = [];
  for await (const record of new WARCParser(createReadStream(join(dir, file)))) {
    const block = await record.readFully(false);
    records.push({
      type: record.warcType,
      block,
      http: record.httpHeaders?.toString(),
    });
    const stated = record.warcHeader('WARC-Payload-Digest');
    if (stated && record.warcType !== 'revisit') expect(stated).toBe(`sha256:${sha(block)}`);
  }
  return records;
}

/** Members cut by the places the archive answered, block digests recomputed. */
async function recomputeDigests(file: string, place: StoredBody): Promise<string> {
  const bytes = await readFile(join(dir, file));
  const record = gunzipSync(bytes.subarray(place.offset, place.offset + place.length));
  const end = record.indexOf('\r\n\r\n');
  const header = record.subarray(0, end).toString();
  const length = Number(/^Content-Length: (\d+)/m.exec(header)?.[1]);
  const block = record.subarray(end + 4, end + 4 + length);
  expect(header).toContain(`WARC-Block-Digest: sha256:${sha(block)}`);
  expect(record.subarray(end + 4 + length).toString()).toBe('\r\n\r\n');
  return header;
}

describe('writing', () => {
  it('is read whole by npm warcio, and every digest is what node:crypto says', async () => {
    const archive = await openHere();
    const redirect = madeExchange({
      url: 'http://news.example/a',
      status: 301,
      statusText: 'Moved Permanently',
      responseHeaders: [['Location', 'https://news.example/a?x=1']],
      rawBody: Buffer.from('moved'),
      tls: null,
    });
    const page = gzipped('<p>made up, ünïcode</p>');
    const stored = await archive.write({ ...page, hops: [redirect, ...page.hops] });
    await archive.close();

    const [file = ''] = await warcs();
    expect(stored.location).toBe(file);
    const records = await readByWarcio(file);
    expect(records.map((record) => record.type)).toEqual([
      'warcinfo',
      'request',
      'response',
      'request',
      'response',
    ]);
    expect(Buffer.from(records[2]?.block ?? []).toString()).toBe('moved');
    const header = await recomputeDigests(file, stored);
    expect(header).toContain('WARC-IP-Address: 192.0.2.7');
    expect(header).toContain('WARC-Protocol: tls/1.3');
    expect(header).toContain('Embedkeep-Timings: connected=1.5 headers=20.25 done=30');
    expect(stored).toMatchObject({
      sha256: sha(Buffer.from('<p>made up, ünïcode</p>')),
      rawSha256: sha(page.hops[0]?.rawBody ?? Buffer.alloc(0)),
      revisit: false,
    });
  });

  it('keeps header lines in order, with their case, their repetitions and their bytes', async () => {
    const archive = await openHere();
    const stored = await archive.write(madeCapture('x'));
    const bytes = await readFile(join(dir, stored.location));
    const record = gunzipSync(bytes.subarray(stored.offset, stored.offset + stored.length));
    const head = record.subarray(record.indexOf('\r\n\r\n') + 4).toString('latin1');
    expect(head.split('\r\n').slice(0, 5)).toEqual([
      'HTTP/1.1 200 OK',
      'Content-Type: text/html; charset=utf-8',
      'Set-Cookie: a=1',
      'X-Name: J\u00f6rg',
      'set-cookie: b=2',
    ]);
  });

  it('keeps a body that came in chunks so that a reader does not look for chunks', async () => {
    const archive = await openHere();
    const responseHeaders = [['Transfer-Encoding', 'chunked']] as const;
    // Begins with letters that could be a chunk's size.
    const hop = madeExchange({ responseHeaders, rawBody: Buffer.from('fade\r\nout') });
    await archive.write(madeCapture('fade\r\nout', { hops: [hop] }));
    await archive.close();
    const records = await readByWarcio((await warcs())[0] ?? '');
    expect(Buffer.from(records[2]?.block ?? []).toString()).toBe('fade\r\nout');
    expect(records[2]?.http).toContain('x-orig-transfer-encoding: chunked');
  });

  it('cannot be tricked into another header line', async () => {
    const archive = await openHere();
    const stored = await archive.write(
      madeCapture('x', { robotsRule: 'Allow: /\r\nWARC-Type: resource\u0000' }),
    );
    const header = await recomputeDigests(stored.location, stored);
    expect(header.match(/^WARC-Type/gm)).toHaveLength(1);
    expect(header).toContain('Embedkeep-Robots-Rule: Allow: / WARC-Type: resource');
  });

  it('writes what comes at the same time without mixing it, and rotates by size', async () => {
    const archive = await openHere({ rotateBytes: 2000 });
    const texts = Array.from({ length: 40 }, (_, i) => `<p>page ${i}</p>`);
    const stored: StoredBody[] = [];
    for (let i = 0; i < texts.length; i += 4) {
      const four = texts.slice(i, i + 4).map((text) => archive.write(madeCapture(text)));
      stored.push(...(await Promise.all(four)));
    }
    const read = await Promise.all(stored.map((place) => archive.read(place)));
    expect(read.map((body) => Buffer.from(body).toString())).toEqual(texts);
    await archive.close();
    expect((await warcs()).length).toBeGreaterThan(5);
    let responses = 0;
    for (const file of await warcs()) {
      responses += (await readByWarcio(file)).filter(({ type }) => type === 'response').length;
    }
    expect(responses).toBe(40);
    expect((await readdir(dir)).filter((name) => name.endsWith('.owner'))).toEqual([]);
  });
});

describe('bytes kept before', () => {
  it('become a revisit record that reads back through the first one', async () => {
    const kept = new Map<string, StoredBody>();
    const archive = await openHere({
      findBody: (sha256) => Promise.resolve(kept.get(sha256) ?? null),
    });
    const first = await archive.write(gzipped('<p>same</p>'));
    kept.set(first.sha256, first);
    const second = await archive.write(gzipped('<p>same</p>'));
    kept.set(second.sha256, second);
    const third = await archive.write(gzipped('<p>same</p>'));
    expect([first.revisit, second.revisit, third.revisit]).toEqual([false, true, true]);
    expect(Buffer.from(await archive.read(third)).toString()).toBe('<p>same</p>');
    expect(third.length).toBeLessThan(1200);
    const header = await recomputeDigests(third.location, third);
    expect(header).toContain('revisit/identical-payload-digest');
    // Refers to the response itself, not to the revisit between.
    expect(header).toContain(`WARC-Refers-To-File-Offset: ${first.offset}`);
  });

  it('are kept again where they came in another Content-Encoding', async () => {
    const kept = new Map<string, StoredBody>();
    const archive = await openHere({
      findBody: (sha256) => Promise.resolve(kept.get(sha256) ?? null),
    });
    const text = '<p>same</p>'.repeat(50);
    const first = await archive.write(gzipped(text));
    kept.set(first.sha256, first);
    const plain = await archive.write(madeCapture(text));
    expect(plain.sha256).toBe(first.sha256);
    expect(plain.revisit).toBe(false);
    expect(Buffer.from(await archive.read(plain)).toString()).toBe(text);
  });

  it('are kept again where the first copy is damaged', async () => {
    let first: StoredBody | null = null;
    const archive = await openHere({ findBody: () => Promise.resolve(first) });
    first = await archive.write(madeCapture('<p>same</p>'));
    await flip(join(dir, first.location), first.offset + 60);
    const second = await archive.write(madeCapture('<p>same</p>'));
    expect(second.revisit).toBe(false);
    expect(Buffer.from(await archive.read(second)).toString()).toBe('<p>same</p>');
  });

  it('are what a 304 refers to', async () => {
    let first: StoredBody | null = null;
    const archive = await openHere({
      bodyOfCapture: (id) => Promise.resolve(id === 'c1' ? first : null),
    });
    first = await archive.write(gzipped('<p>unchanged</p>'));
    const hop = madeExchange({ status: 304, statusText: 'Not Modified', rawBody: Buffer.alloc(0) });
    const notModified = madeCapture('', { hops: [hop], body: null, revisitOf: 'c1' });
    const second = await archive.write(notModified);
    expect(second).toMatchObject({ revisit: true, sha256: first.sha256, size: first.size });
    expect(Buffer.from(await archive.read(second)).toString()).toBe('<p>unchanged</p>');
    expect(await recomputeDigests(second.location, second)).toContain('server-not-modified');
    await expect(archive.write({ ...notModified, revisitOf: 'c2' })).rejects.toMatchObject({
      code: 'EVIDENCE_DAMAGED',
    });
  });
});

async function flip(path: string, offset: number): Promise<void> {
  const handle = await open(path, 'r+');
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, offset);
  byte[0] = (byte[0] ?? 0) ^ 0x10;
  await handle.write(byte, 0, 1, offset);
  await handle.close();
}

describe('reading', () => {
  it('refuses bytes that are not those that were written', async () => {
    const archive = await openHere();
    const stored = await archive.write(madeCapture('<p>evidence</p>'));
    const other = await archive.write(madeCapture('<p>other</p>'));
    const damaged = { code: 'EVIDENCE_DAMAGED' };
    const swapped = { ...stored, offset: other.offset, length: other.length };
    await expect(archive.read(swapped)).rejects.toMatchObject(damaged);
    await expect(archive.read({ ...stored, sha256: other.sha256 })).rejects.toMatchObject(damaged);
    await expect(archive.read({ ...stored, location: 'gone.warc.gz' })).rejects.toMatchObject(
      damaged,
    );
    await expect(archive.read({ ...stored, location: '../x' })).rejects.toMatchObject(damaged);
    await expect(archive.read({ ...stored, offset: 10 ** 9 })).rejects.toMatchObject(damaged);
    for (const offset of [0, 3, 30, stored.length - 3]) {
      await flip(join(dir, stored.location), stored.offset + offset);
      await expect(archive.read(stored)).rejects.toMatchObject(damaged);
      await flip(join(dir, stored.location), stored.offset + offset);
    }
    expect(Buffer.from(await archive.read(stored)).toString()).toBe('<p>evidence</p>');
  });

  it('gives a cut body back as far as it was decoded', async () => {
    const archive = await openHere();
    const text = '<p>long</p>'.repeat(2000);
    const whole = gzipped(text, 0);
    const rawBody = (whole.hops[0]?.rawBody ?? Buffer.alloc(0)).subarray(0, 9000);
    const body = Buffer.from(text).subarray(0, 8000);
    const hop = madeExchange({ responseHeaders: [['Content-Encoding', 'gzip']], rawBody });
    const stored = await archive.write({ ...whole, hops: [hop], body, truncated: 'disconnect' });
    expect(await archive.read(stored)).toEqual(body);
    expect(await recomputeDigests(stored.location, stored)).toContain('WARC-Truncated: disconnect');
  });
});

describe('after a writer died', () => {
  const deadOwner = JSON.stringify({
    host: 'here',
    pid: 1,
    started: null,
    bootId: 'before the reboot',
    pidSpace: null,
  });

  async function dieWith(change: (path: string, places: StoredBody[]) => Promise<void>) {
    const archive = await openHere();
    const places = [];
    for (const n of [1, 2, 3]) places.push(await archive.write(madeCapture(`<p>${n}</p>`)));
    await archive.close();
    const [file = ''] = await warcs();
    const { hostname } = await import('node:os');
    await writeFile(join(dir, `${file}.owner`), deadOwner.replace('here', hostname()));
    await change(join(dir, file), places);
    const seen: Recovered[] = [];
    const again = await openHere({ onRecovered: (recovered) => seen.push(recovered) });
    return { again, places, seen, file };
  }

  it('cuts off a torn tail and nothing before it, wherever it is torn', async () => {
    for (const lost of [1, 5, 20, 200]) {
      const { again, places, seen, file } = await dieWith(async (path, [, , third]) => {
        await truncate(path, (third?.offset ?? 0) + (third?.length ?? 0) - lost);
      });
      expect(seen).toHaveLength(1);
      expect(seen[0]?.cut).toBeGreaterThan(0);
      for (const place of places.slice(0, 2)) await again.read(place);
      expect(await readByWarcio(file)).toHaveLength(6);
      expect((await readdir(dir)).filter((name) => name.endsWith('.owner'))).toEqual([]);
      await rm(join(dir, file));
    }
  });

  it('does not cut where whole records follow the damage, and says where it is', async () => {
    const { again, places, seen } = await dieWith((path, [, second]) =>
      flip(path, (second?.offset ?? 0) + 40),
    );
    expect(seen).toMatchObject([{ cut: 0, damagedAt: places[1]?.offset }]);
    await again.read(places[2] as StoredBody);
    await expect(again.read(places[1] as StoredBody)).rejects.toMatchObject({
      code: 'EVIDENCE_DAMAGED',
    });
  });

  it('leaves the file of a living writer alone', async () => {
    const living = await openHere();
    const stored = await living.write(madeCapture('<p>mine</p>'));
    await writeFile(join(dir, stored.location), 'torn', { flag: 'a' });
    const seen: Recovered[] = [];
    await openHere({ onRecovered: (recovered) => seen.push(recovered) });
    expect(seen).toEqual([]);
  });
});
