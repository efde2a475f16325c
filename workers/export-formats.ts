/** The export formats that need more than rows: Parquet's library, and for WACZ the bytes. Loaded by whoever asks for one. */
import { counted, type Tally } from '../src/api/exported.ts';
import type { ExportFilter, ExportFormat } from '../src/api/parts.ts';
import { EXPORT_SCHEMA, type ExportedPost } from '../src/export-rows.ts';
import type { Store } from '../src/store/index.ts';
import type { DiskShelf } from '../src/store/shelf.ts';
import { openWarcs } from './warcs.ts';

export interface FormatParts {
  readonly store: Pick<Store, 'db' | 'reader'>;
  readonly blobUrl: string;
}

export const formatsOf = (parts: FormatParts): Readonly<Record<string, ExportFormat>> => ({
  parquet: {
    mediaType: 'application/vnd.apache.parquet',
    schema: EXPORT_SCHEMA,
    async *of(filter, tally) {
      const { parquetOf } = await import('../src/export-parquet.ts');
      yield* parquetOf(counted(parts.store.reader.exportPosts(filter), tally));
    },
  },
  wacz: {
    mediaType: 'application/wacz',
    schema: 'embedkeep.wacz/3',
    of: (filter, tally) => wacz(filter, { ...parts, tally }),
  },
});

/** The whole store with its event chain; with a filter, the captures in which the posts that match were seen. */
async function* wacz(
  filter: ExportFilter,
  { store, blobUrl, tally }: FormatParts & { tally: Tally },
): AsyncGenerator<Uint8Array> {
  const [{ streamWacz }, { snapshotOf }, { DiskShelf }] = await Promise.all([
    import('../src/store/wacz.ts'),
    import('../src/store/wacz-snapshot.ts'),
    import('../src/store/shelf.ts'),
  ]);
  const isWhole = Object.keys(filter).length === 0;
  const wanted = isWhole ? null : new DiskShelf<true>();
  const warcs = await openWarcs(blobUrl);
  try {
    if (wanted) await putCaptures(store.reader.exportPosts(filter), wanted);
    const snapshot = await snapshotOf(store.db, wanted);
    const counted = (counts: { posts: number; captures: number }) =>
      Object.assign(tally, { posts: counts.posts, captures: counts.captures });
    yield* streamWacz({ warcs, snapshot, counted });
  } finally {
    warcs.close();
    wanted?.close();
  }
}

async function putCaptures(
  posts: AsyncIterable<ExportedPost>,
  wanted: DiskShelf<true>,
): Promise<void> {
  for await (const { sightings } of posts)
    for (const { captureId } of sightings) wanted.add(captureId, true);
}
