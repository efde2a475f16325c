import { describe, expect, it } from 'vitest';
import { differences } from '../../src/api/pages/differences.ts';
import type { SightingRow } from '../../src/reader.ts';
import { tweet } from '../store/stores.ts';

const seen = (day: number, given: Parameters<typeof tweet>[0]): SightingRow => ({
  captureId: `c${day}`,
  articleId: `a${day}`,
  articleUrl: `https://news.example/${day}`,
  articleTitle: null,
  capturedAt: `2026-01-0${day}T00:00:00.000Z`,
  parser: '1',
  embed: tweet(given),
});
const found = (...newestFirst: SightingRow[]) =>
  differences(newestFirst).map((d) => [d.seen.captureId, d.field, d.before, d.after]);

describe('the differences between sightings', () => {
  it('are none where all show the same, or there is one', () => {
    expect(found(seen(2, {}), seen(1, {}))).toEqual([]);
    expect(found(seen(1, {}))).toEqual([]);
    expect(found()).toEqual([]);
  });

  it('name the field, both values and the later sighting, newest first', () => {
    expect(
      found(seen(3, { text: 'c', name: 'New' }), seen(2, { text: 'b' }), seen(1, { text: 'a' })),
    ).toEqual([
      ['c3', 'author', 'Jane Roe', 'New'],
      ['c3', 'text', 'b', 'c'],
      ['c2', 'text', 'a', 'b'],
    ]);
  });

  it('leave out what an article lacks, and compare across it', () => {
    expect(found(seen(3, { text: 'b' }), seen(2, { text: null }), seen(1, { text: 'a' }))).toEqual([
      ['c3', 'text', 'a', 'b'],
    ]);
    expect(found(seen(2, { media: [] }), seen(1, { media: ['pic.twitter.com/a'] }))).toEqual([]);
  });

  it('see an edit that was taken back as two', () => {
    expect(
      found(seen(3, { handle: 'a' }), seen(2, { handle: 'b' }), seen(1, { handle: 'a' })),
    ).toHaveLength(2);
  });
});
