/** Parquet as another library reads it: types, nulls, many groups, nothing lost on the way. */
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { describe, expect, test } from 'vitest';
import { parquetOf } from '../src/export-parquet.ts';
import { EXPORT_SCHEMA, type ExportedPost } from '../src/export-rows.ts';
import { tweet } from './store/made.ts';

const post = (n: number, sightings = 1): ExportedPost => {
  const embed = tweet({
    id: String(1_500_000_000_000_000_000n + BigInt(n)),
    text: `Words ${n} – 東京`,
  });
  return {
    post: {
      ...embed,
      postId: embed.postId ?? '',
      postedAt: { ...embed.postedAt, instant: n % 2 ? '2022-03-05T10:11:12.345Z' : null },
      firstSeenAt: '2026-01-01T00:00:00.000Z',
      lastSeenAt: '2026-01-02T00:00:00.000Z',
      articles: sightings,
    },
    sightings: Array.from({ length: sightings }, (_, at) => ({
      captureId: `c${n}-${at}`,
      articleId: 'a',
      articleUrl: `https://a.example/${n}/${at}`,
      articleTitle: null,
      capturedAt: '2026-01-01T00:00:00.000Z',
      parser: '1',
      embed,
    })),
  };
};

async function* some(...posts: ExportedPost[]): AsyncGenerator<ExportedPost> {
  for (const one of posts) yield await Promise.resolve(one);
}

async function parquet(posts: AsyncIterable<ExportedPost>) {
  const pieces: Uint8Array[] = [];
  for await (const piece of parquetOf(posts)) pieces.push(piece);
  const all = Buffer.concat(pieces);
  const file = all.buffer.slice(all.byteOffset, all.byteOffset + all.length) as ArrayBuffer;
  return { pieces, metadata: parquetMetadata(file), rows: await parquetReadObjects({ file }) };
}

describe('a Parquet export', () => {
  test('has a typed row per sighting, ids as text and what is unknown as null', async () => {
    const { rows, metadata } = await parquet(some(post(1, 2), post(2, 0)));
    expect(rows).toHaveLength(3);
    expect(rows[0]).toMatchObject({
      platform: 'x',
      post_id: '1500000000000000001',
      text: 'Words 1 – 東京',
      posted_instant: new Date('2022-03-05T10:11:12.345Z'),
      captured_at: new Date('2026-01-01T00:00:00.000Z'),
      article_url: 'https://a.example/1/0',
      article_title: null,
      evidence_start: 10,
      confidence: 1,
    });
    expect(rows[2]).toMatchObject({
      posted_instant: null,
      article_url: null,
      evidence_start: null,
    });
    const schema = metadata.key_value_metadata?.find(({ key }) => key === 'embedkeep.schema');
    expect(schema?.value).toBe(EXPORT_SCHEMA);
  });

  test('comes in groups, so that no more than one is in memory', async () => {
    const posts = Array.from({ length: 12_001 }, (_, n) => post(n));
    const { rows, pieces, metadata } = await parquet(some(...posts));
    expect(metadata.row_groups).toHaveLength(3);
    expect(pieces).toHaveLength(4);
    expect(rows.map((row) => row['article_url'])).toEqual(
      posts.map((one) => one.sightings[0]?.articleUrl),
    );
  });

  test('of nothing is a file with columns and no rows', async () => {
    const { rows, metadata } = await parquet(some());
    expect(rows).toEqual([]);
    expect(metadata.schema.length).toBeGreaterThan(20);
  });
});
