/** The CDXJ index and the pages of a WACZ against its records. */
import { type ArchiveIndex, placeOf } from './verify-archive.ts';
import type { Inspection } from './verify-report.ts';
import { type Entries, linesOf, parsed } from './wacz-entries.ts';

export async function checkIndex(
  entries: Entries,
  index: ArchiveIndex,
  inspection: Inspection,
): Promise<void> {
  const path = 'indexes/index.cdx';
  const indexed = new Set<string>();
  let before = '';
  for await (const line of linesOf(entries, path)) {
    if (line < before) inspection.damage('INDEX_MISMATCH', path, 'is out of order');
    before = line;
    const facts = parsed(line.slice(line.indexOf('{')));
    const place = placeOf(String(facts?.['filename']), Number(facts?.['offset']));
    const record = index.records.get(place);
    if (indexed.has(place)) inspection.damage('INDEX_MISMATCH', path, `names ${place} twice`);
    indexed.add(place);
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
  for (const [place, record] of index.records) {
    if (!indexed.has(place) && record.removedAt === null)
      inspection.damage('INDEX_MISMATCH', path, `lacks the record at ${place}`);
  }
}

export async function checkPages(
  entries: Entries,
  index: ArchiveIndex,
  inspection: Inspection,
): Promise<void> {
  const path = 'pages/pages.jsonl';
  const urls = new Set([...index.records.values()].map((record) => record.url));
  for await (const line of linesOf(entries, path)) {
    const page = parsed(line);
    if (page?.['format'] === 'json-pages-1.0') continue;
    if (!urls.has(String(page?.['url']))) {
      inspection.damage(
        'INDEX_MISMATCH',
        path,
        `names ${page?.['url']}, of which there is no record`,
      );
    }
  }
}
