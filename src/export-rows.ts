/** Preserved posts as lines: JSONL with everything, CSV for spreadsheets. Shared by API and CLI. */
import type { PostRow, SightingRow } from './reader.ts';

export interface ExportedPost {
  readonly post: PostRow;
  readonly sightings: readonly SightingRow[];
  /** More sightings of the same post come next: one that is everywhere comes in parts. */
  readonly goesOn?: boolean;
}

export const JSONL_TYPE = 'application/x-ndjson; charset=utf-8';
export const CSV_TYPE = 'text/csv; charset=utf-8; header=present';

/** Goes up with every change that a reader could notice; new fields and columns (at the end) don't count. */
export const EXPORT_VERSION = 2;
export const EXPORT_SCHEMA = `embedkeep.posts/${EXPORT_VERSION}`;

/** A post with its sightings per line, under the version of the schema. */
export async function* jsonlOf(posts: AsyncIterable<ExportedPost>): AsyncGenerator<string> {
  let isOpen = false;
  for await (const { post, sightings, goesOn = false } of posts) {
    const start = JSON.stringify({ v: EXPORT_VERSION, post, sightings: [] }).slice(0, -2);
    const rows = JSON.stringify(sightings).slice(1, -1);
    yield `${isOpen ? '' : start}${isOpen && rows !== '' ? ',' : ''}${rows}${goesOn ? '' : ']}\n'}`;
    isOpen = goesOn;
  }
}

/** A header, then a row per sighting; a post of which no sighting is left has one row without article. */
export async function* csvOf(posts: AsyncIterable<ExportedPost>): AsyncGenerator<string> {
  for await (const row of rowsOf(posts)) yield csvLine(row);
}

/** The names first. */
export async function* rowsOf(
  posts: AsyncIterable<ExportedPost>,
): AsyncGenerator<readonly Cell[], void> {
  yield columns.map(([name]) => name);
  let isOpen = false;
  for await (const { post, sightings, goesOn = false } of posts) {
    for (const sighting of sightings.length > 0 || isOpen ? sightings : [null]) {
      yield columns.map(([, value]) => value(post, sighting));
    }
    isOpen = goesOn;
  }
}

export type Cell = string | number | null | undefined;
type Column = readonly [name: string, value: (post: PostRow, seen: SightingRow | null) => Cell];

/** New columns go to the end: people count them. */
const columns: readonly Column[] = [
  ['platform', (post) => post.platform],
  ['post_id', (post) => post.postId],
  ['url', (post) => post.url],
  ['author_name', (post) => post.author.name],
  ['author_handle', (post) => post.author.handle],
  ['posted_date', (post) => post.postedAt.date],
  ['posted_instant', (post) => post.postedAt.instant],
  ['posted_text', (post) => post.postedAt.text],
  ['posted_precision', (post) => post.postedAt.precision],
  ['posted_conflict', (post) => post.postedAt.conflict?.reason],
  ['lang', (post) => post.lang],
  ['text', (post) => post.text],
  ['media', (post) => post.media.map(({ display }) => display).join(' ')],
  ['first_seen_at', (post) => post.firstSeenAt],
  ['last_seen_at', (post) => post.lastSeenAt],
  ['article_url', (_, seen) => seen?.articleUrl],
  ['article_title', (_, seen) => seen?.articleTitle],
  ['article_id', (_, seen) => seen?.articleId],
  ['captured_at', (_, seen) => seen?.capturedAt],
  ['capture_id', (_, seen) => seen?.captureId],
  ['role', (_, seen) => seen?.embed.role],
  ['form', (_, seen) => seen?.embed.form],
  ['confidence', (_, seen) => seen?.embed.confidence],
  ['evidence_start', (_, seen) => seen?.embed.evidence?.start],
  ['evidence_end', (_, seen) => seen?.embed.evidence?.end],
  ['parser', (_, seen) => seen?.parser],
  ['capture_sha256', (_, seen) => seen?.capture?.sha256],
  ['final_url', (_, seen) => seen?.capture?.finalUrl],
  ['removed_at', (post) => post.removedAt],
  ['comment_id', (post) => post.commentId],
];

/** RFC 4180: CRLF, quotes doubled. Every text is quoted, so that a `;` locale splits less of it. */
export const csvLine = (cells: readonly Cell[]): string => `${cells.map(csvCell).join(',')}\r\n`;

/**
 * Spreadsheets run what starts with one of these (also full-width, also after white space) as a formula;
 * an apostrophe in front makes it text. JSONL has the untouched value.
 */
const FORMULA = /^\s*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/;
const QUOTE = /"/g;

function csvCell(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'number') return String(cell);
  const text = cell.replaceAll('\0', '');
  return `"${(FORMULA.test(text) ? `'${text}` : text).replace(QUOTE, '""')}"`;
}
