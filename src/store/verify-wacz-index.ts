/** The CDXJ index and the pages of a WACZ against its records. */

import { DiskShelf } from './shelf.ts';
import { type ArchiveIndex, placeOf } from './verify-archive.ts';
import type { Inspection } from './verify-report.ts';
import { type Entries, linesOf, parsed } from './wacz-entries.ts';

/** Answers how many lines there are. */
export async function checkIndex(
  entries: Entries,
  index: ArchiveIndex,
  inspection: Inspection,
): Promise<number> {
  const path = 'indexes/index.cdx';
  const indexed = new DiskShelf<true>();
  try {
    const count = await checkLines(linesOf(entries, path), { index, inspection, indexed, path });
    for (const [place, record] of index.records.entries()) {
      if (record.removedAt === null && !indexed.has(place))
        inspection.damage('INDEX_MISMATCH', path, `lacks the record at ${place}`);
    }
    return count;
  } finally {
    indexed.close();
  }
}

interface IndexCheck {
  readonly index: ArchiveIndex;
  readonly inspection: Inspection;
  /** Places that lines have named. */
  readonly indexed: DiskShelf<true>;
  readonly path: string;
}

async function checkLines(
  lines: AsyncIterable<string>,
  { index, inspection, indexed, path }: IndexCheck,
): Promise<number> {
  let before = '';
  let count = 0;
  for await (const line of lines) {
    if (line < before) inspection.damage('INDEX_MISMATCH', path, 'is out of order');
    before = line;
    count += 1;
    const facts = parsed(line.slice(line.indexOf('{')));
    const place = placeOf(String(facts?.['filename']), Number(facts?.['offset']));
    const record = index.records.get(place);
    if (!indexed.add(place, true))
      inspection.damage('INDEX_MISMATCH', path, `names ${place} twice`);
    const isRight =
      record !== undefined &&
      facts?.['url'] === record.url &&
      Number(facts['length']) === record.length &&
      facts['digest'] === `sha256:${record.payloadSha256}`;
    if (!isRight)
      inspection.damage(
        'INDEX_MISMATCH',
        path,
        `has a line that does not fit the record at ${place}`,
      );
  }
  return count;
}

export async function checkPages(
  entries: Entries,
  index: ArchiveIndex,
  inspection: Inspection,
): Promise<void> {
  const path = 'pages/pages.jsonl';
  const urls = new DiskShelf<true>();
  try {
    for (const [, { url }] of index.records.entries()) urls.add(url, true);
    for await (const line of linesOf(entries, path)) {
      const page = parsed(line);
      if (page?.['format'] === 'json-pages-1.0' || urls.has(String(page?.['url']))) continue;
      const what = `names ${page?.['url']}, of which there is no record`;
      inspection.damage('INDEX_MISMATCH', path, what);
    }
  } finally {
    urls.close();
  }
}
