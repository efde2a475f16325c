import { describe, expect, it } from 'vitest';
import { csvLine, csvOf, type ExportedPost, jsonlOf } from '../src/export-rows.ts';
import type { PostRow, SightingRow } from '../src/reader.ts';

describe('a CSV cell', () => {
  it.each([
    ['plain', '"plain"'],
    ['say "no"', '"say ""no"""'],
    ['two\r\nlines', '"two\r\nlines"'],
    ['=1+1', `"'=1+1"`],
    ['+1', `"'+1"`],
    ['-1', `"'-1"`],
    ['@SUM(A1)', `"'@SUM(A1)"`],
    ['\t=1', `"'\t=1"`],
    ['\r=1', `"'\r=1"`],
    ['  =1', `"'  =1"`],
    ['\u00a0=1', `"'\u00a0=1"`],
    ['＝1+1', `"'＝1+1"`],
    ['\0=1', `"'=1"`],
    ['a=1', '"a=1"'],
    ['', '""'],
    [-5, '-5'],
    [null, ''],
    [undefined, ''],
  ])('%j is written %s', (cell, written) => {
    expect(csvLine([cell])).toBe(`${written}\r\n`);
  });
});

const post = {
  platform: 'x',
  postId: '1431406170731446272',
  commentId: null,
  url: null,
  author: { name: '=cmd|calc', handle: 'AC360' },
  postedAt: {
    text: 'August 28, 2021',
    date: '2021-08-28',
    instant: null,
    precision: 'day',
    source: 'text',
    readings: [],
    conflict: null,
  },
  lang: null,
  text: 'two\nlines, "quoted"',
  media: [{ display: 'pic.twitter.com/XV7RggUEg4', url: null }],
  form: 'text',
  confidence: 0.8,
  firstSeenAt: '2026-11-22T16:00:00.000Z',
  lastSeenAt: '2026-11-22T16:00:00.000Z',
  articles: 2,
} satisfies PostRow;

const seen = (articleUrl: string): SightingRow => ({
  captureId: 'c1',
  articleId: 'a1',
  articleUrl,
  articleTitle: '-minus',
  capturedAt: '2026-11-22T16:00:00.000Z',
  parser: '1',
  embed: {
    ...post,
    role: 'embed',
    evidence: { start: 10, end: 20, wrappers: [] },
    sources: {},
  } as unknown as SightingRow['embed'],
});

async function* exported(...posts: ExportedPost[]): AsyncGenerator<ExportedPost> {
  for (const one of posts) yield await Promise.resolve(one);
}
async function text(pieces: AsyncIterable<string>): Promise<string> {
  let all = '';
  for await (const piece of pieces) all += piece;
  return all;
}

describe('an export', () => {
  it('has a CSV row per sighting, and one for a post without any', async () => {
    const sightings = [seen('https://a.example/1'), seen('https://b.example/2')];
    const csv = await text(csvOf(exported({ post, sightings }, { post, sightings: [] })));
    const rows = parseCsv(csv);
    expect(rows).toHaveLength(4);
    const [header = [], ...lines] = rows;
    const column = (name: string) => lines.map((line) => line[header.indexOf(name)]);
    expect(column('article_url')).toEqual(['https://a.example/1', 'https://b.example/2', '']);
    expect(column('author_name')).toEqual(["'=cmd|calc", "'=cmd|calc", "'=cmd|calc"]);
    expect(column('article_title')).toEqual(["'-minus", "'-minus", '']);
    expect(column('text')).toEqual(Array(3).fill('two\nlines, "quoted"'));
    expect(column('evidence_end')).toEqual(['20', '20', '']);
    expect(lines.every((line) => line.length === header.length)).toBe(true);
  });

  it('has JSON lines with the values untouched', async () => {
    const jsonl = await text(jsonlOf(exported({ post, sightings: [seen('https://a.example/1')] })));
    expect(
      jsonl
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([{ v: 2, post, sightings: [seen('https://a.example/1')] }]);
  });
});

/** RFC 4180, written apart from the writer so that both cannot be wrong in the same way. */
function parseCsv(csv: string): string[][] {
  const rows: string[][] = [[]];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  for (let match = cell.exec(csv); match; match = cell.exec(csv)) {
    rows.at(-1)?.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === '\r\n') rows.push([]);
  }
  expect(rows.pop()).toEqual([]);
  return rows;
}
