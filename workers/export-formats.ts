/** The export formats that need more than rows: Parquet's library, and for WACZ the bytes. Loaded by whoever asks for one. */
import type { ExportFilter, ExportFormat } from '../src/api/parts.ts';
import type { ExportedPost } from '../src/export-rows.ts';
import type { Store } from '../src/store/index.ts';
import { openWarcs } from './warcs.ts';

export interface FormatParts {
  readonly store: Pick<Store, 'db' | 'reader'>;
  readonly blobUrl: string;
}

export const formatsOf = (parts: FormatParts): Readonly<Record<string, ExportFormat>> => ({
  parquet: {
    mediaType: 'application/vnd.apache.parquet',
    async *of(filter) {
      const { parquetOf } = await import('../src/export-parquet.ts');
      yield* parquetOf(parts.store.reader.exportPosts(filter));
    },
  },
  wacz: { mediaType: 'application/wacz', of: (filter) => wacz(filter, parts) },
});

/** The whole store with its event chain; with a filter, the captures in which the posts that match were seen. */
async function* wacz(
  filter: ExportFilter,
  { store, blobUrl }: FormatParts,
): AsyncGenerator<Uint8Array> {
  const [{ streamWacz }, { snapshotOf }] = await Promise.all([
    import('../src/store/wacz.ts'),
    import('../src/store/wacz-snapshot.ts'),
  ]);
  const isWhole = Object.keys(filter).length === 0;
  const wanted = isWhole ? null : await capturesOf(store.reader.exportPosts(filter));
  const snapshot = await snapshotOf(store.db, wanted);
  const warcs = await openWarcs(blobUrl);
  try {
    yield* streamWacz({ warcs, snapshot });
  } finally {
    warcs.close();
  }
}

async function capturesOf(posts: AsyncIterable<ExportedPost>): Promise<Set<string>> {
  const ids = new Set<string>();
  for await (const { sightings } of posts)
    for (const { captureId } of sightings) ids.add(captureId);
  return ids;
}
