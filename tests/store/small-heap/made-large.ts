/** A store of any size, made up record by record as it is read: nothing of it is held. One WARC file, one link a capture. */
import { createWriteStream } from 'node:fs';
import { articleId } from '../../../src/article-url.ts';
import type { Embed } from '../../../src/embed.ts';
import { captureRecords, warcinfo } from '../../../src/store/archive/capture-records.ts';
import { serializeRecord, sha256Hex } from '../../../src/store/archive/warc-record.ts';
import { GENESIS, linkHash } from '../../../src/store/event-chain.ts';
import { captureIdOf } from '../../../src/store/ids.ts';
import { sightingDigest } from '../../../src/store/keep-sightings.ts';
import type { Snapshot } from '../../../src/store/wacz-snapshot.ts';
import { madeCapture, madeExchange } from '../../archive/made-capture.ts';
import { tweet } from '../made.ts';

export const WARC = 'made-00000.warc.gz';
const AT = '2026-01-02T03:04:05.698Z';

interface Place {
  readonly offset: number;
  readonly length: number;
}

export interface Size {
  readonly captures: number;
  readonly sightings: number;
}

const urlOf = (n: number): string => `https://news.example/story/${n}`;
const bodyOf = (n: number): Buffer => Buffer.from(`<p>Story ${n}</p>`);
const runIdOf = (n: number): string => `r${n.toString(16).padStart(32, '0')}`;
const postIdOf = (n: number): string => String(1_500_000_000_000_000_000n + BigInt(n));

const embedOf = (n: number, ordinal: number): Embed =>
  tweet({ id: postIdOf(n), text: `Words ${ordinal} of post ${n}` });

export async function writeWarc(path: string, { captures }: Size): Promise<Place[]> {
  const out = createWriteStream(path);
  const places: Place[] = [];
  let offset = 0;
  const put = async (bytes: Uint8Array): Promise<void> => {
    offset += bytes.length;
    if (!out.write(bytes)) await new Promise<void>((resolve) => out.once('drain', () => resolve()));
  };
  const info = warcinfo({ fileName: WARC, software: 'test', now: new Date(AT) });
  await put(await serializeRecord(info));
  for (let n = 1; n <= captures; n += 1) {
    const url = urlOf(n);
    const rawBody = bodyOf(n);
    const capture = madeCapture('', {
      ...{ url, finalUrl: url, fetchedAt: AT, body: rawBody },
      hops: [madeExchange({ url, rawBody })],
    });
    const [request, response] = captureRecords(capture, null).records;
    if (!request || !response) throw new Error('a capture is two records');
    await put(await serializeRecord(request));
    const bytes = await serializeRecord(response);
    places.push({ offset, length: bytes.length });
    await put(bytes);
  }
  await new Promise<void>((resolve) => out.end(() => resolve()));
  return places;
}

function* numbers({ captures }: Size): Generator<number> {
  for (let n = 1; n <= captures; n += 1) yield n;
}

function* linksOf(size: Size) {
  let hash = GENESIS;
  for (const n of numbers(size)) {
    const sha256 = sha256Hex(bodyOf(n));
    const runId = runIdOf(n);
    const embeds = Array.from({ length: size.sightings }, (_, o) => sightingDigest(embedOf(n, o)));
    const about = { articleId: articleId(urlOf(n)), runId, captureId: captureIdOf(runId) };
    const detail = { sha256, rawSha256: sha256, parser: '1', embeds };
    const body = JSON.stringify({ seq: n, kind: 'captured', at: AT, ...about, detail });
    hash = linkHash(hash, { n, at: AT, bodies: [body] });
    yield { n, at: AT, events: 1, hash, rows: [{ body, columns: null, post: null }] };
  }
}

export function snapshotMade(size: Size, places: readonly Place[]): Snapshot {
  let hash = GENESIS;
  for (const link of linksOf(size)) hash = link.hash;
  return {
    head: { links: size.captures, events: size.captures, hash },
    async *runs() {
      for (const n of numbers(size)) yield await Promise.resolve(runOf(n));
    },
    async *captures() {
      for (const n of numbers(size)) yield await Promise.resolve(captureOf(n, places[n - 1]));
    },
    async *sightings() {
      for (const n of numbers(size)) {
        for (let ordinal = 0; ordinal < size.sightings; ordinal += 1) {
          const about = { captureId: captureIdOf(runIdOf(n)), parser: '1', platform: 'x' };
          const embed = embedOf(n, ordinal);
          yield await Promise.resolve({ ...about, postId: postIdOf(n), ordinal, embed });
        }
      }
    },
    async *posts() {
      for (const n of numbers(size)) yield await Promise.resolve(postOf(n));
    },
    async *links() {
      for (const link of linksOf(size)) yield await Promise.resolve(link);
    },
    assertUnchanged: () => Promise.resolve(),
  };
}

function runOf(n: number) {
  const id = runIdOf(n);
  const url = urlOf(n);
  const article = { id: articleId(url), seq: n, url, host: 'news.example', accepted_at: AT };
  const times = { due_at: AT, accepted_at: AT, finished_at: AT };
  const run = {
    ...{ id, seq: n, article_id: article.id, state: 'done', reason: 'first', priority: 10 },
    ...{ tags: [], refs: [], capture_id: captureIdOf(id), ...times },
  };
  const last = { last_run_id: id, last_capture_id: captureIdOf(id), last_captured_at: AT };
  return { link: n, run, article: { ...article, ...last } };
}

function captureOf(n: number, place: Place = { offset: 0, length: 0 }) {
  const url = urlOf(n);
  const body = bodyOf(n);
  const sha256 = sha256Hex(body);
  const stored = { location: WARC, ...place, sha256, rawSha256: sha256, size: body.length };
  return {
    ...{ link: n, id: captureIdOf(runIdOf(n)), articleId: articleId(url), runId: runIdOf(n) },
    ...{ url, finalUrl: url, fetchedAt: AT, reason: 'first' as const, status: 200 },
    ...{ contentType: 'text/html', charset: 'utf-8', stored: { ...stored, revisit: false } },
    ...{ truncated: null, robotsRule: 'Allow: /', revisitOf: null, article: null, parser: '1' },
    ...{ hops: [{ url, status: 200, remoteAddress: null }], suspected: [] },
    ...{ removedAt: null, expiredBy: null, columns: { seq: n, embeds: 1, new_posts: 1 } },
  };
}

function postOf(n: number) {
  const { role: _, evidence: __, sources: ___, ...shown } = embedOf(n, 0);
  const post = { ...shown, postId: postIdOf(n), firstSeenAt: AT, lastSeenAt: AT, articles: 1 };
  return { post, columns: { id: n, fingerprint: null, handles: ['jane_roe'] } };
}
