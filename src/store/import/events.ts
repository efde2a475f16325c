/** What an import tells the chain: each capture with its digests, and per parser the sightings that came. */
import { NOWHERE } from '../../capture.ts';
import type { NewEvent } from '../event-chain.ts';
import { sightingDigest } from '../keep-sightings.ts';
import type { Applied } from './apply.ts';
import type { ImportedRows } from './rows.ts';

export interface ImportSource {
  readonly applied: Applied;
  /** Head of the chain it was exported from; null where the export does not say. */
  readonly from: { readonly links: number; readonly hash: string } | null;
}

export function importedEvents(rows: ImportedRows, { applied, from }: ImportSource): NewEvent[] {
  const byCapture = Map.groupBy(applied.sightings, (one) => one.captureId);
  return rows.captures.flatMap((row): NewEvent[] => {
    const id = String(row['id']);
    const byParser = Map.groupBy(byCapture.get(id) ?? [], (one) => one.parser);
    if (!applied.captures.has(id) && byParser.size === 0) return [];
    const about = {
      kind: 'imported' as const,
      articleId: String(row['article_id']),
      runId: String(row['run_id']),
      captureId: id,
    };
    const bytes = {
      sha256: row['sha256'],
      rawSha256: row['raw_sha256'],
      ...(row['location'] !== NOWHERE && { hasBytes: true }),
      ...(from && { from: { links: from.links, hash: from.hash } }),
      ...(row['removed_at'] ? { captures: [id] } : {}),
    };
    if (byParser.size === 0) return [{ ...about, detail: bytes }];
    return [...byParser].map(([parser, sightings]) => {
      const embeds = sightings.map((one) => sightingDigest(one.embed));
      return { ...about, detail: { ...bytes, parser, embeds } };
    });
  });
}
