/** What an import tells the chain: each capture with its digests, and per parser the sightings that came. */
import { sql } from 'kysely';
import { NOWHERE } from '../../capture.ts';
import { toCapture } from '../article-reader.ts';
import type { NewEvent } from '../event-chain.ts';
import { changesDigest, sightingsTold } from '../keep-sightings.ts';
import { factsDigest, pageDigest, runDigest } from '../stated.ts';
import type { Trx } from '../tables.ts';
import type { ToldChange } from '../vouched.ts';
import type { Applied } from './apply.ts';
import type { ImportedHold, ImportedRows, ImportedSighting } from './rows.ts';

export interface ImportSource {
  readonly applied: Applied;
  /** Head of the chain it was exported from; null where the export does not say. */
  readonly from: { readonly links: number; readonly hash: string } | null;
  /** Capture to the digest of its records, where they came along. */
  readonly records: ReadonlyMap<string, string | undefined>;
  /** Of the rows that are new: capture or run to what it states. */
  readonly stated: ReadonlyMap<string, Stated>;
}
type Stated = Readonly<Record<string, string | number | null>>;

/** Taken from the rows as they are now: what an import leaves out has a value of its own there. */
export async function statedIn(
  trx: Trx,
  { captures, runs }: Pick<Applied, 'captures' | 'runs'>,
): Promise<Map<string, Stated>> {
  const kept = await trx
    .selectFrom('captures')
    .selectAll()
    .where('id', '=', sql<string>`any(${[...captures]}::text[])`)
    .execute();
  const ended = await trx
    .selectFrom('runs')
    .selectAll()
    .where('id', '=', sql<string>`any(${[...runs]}::text[])`)
    .execute();
  return new Map<string, Stated>([
    ...kept.map((row): [string, Stated] => {
      const { parser, parse_truncated: truncated, new_posts: newPosts } = row;
      const capture = toCapture(row);
      const facts = factsDigest({ ...capture, etag: row.etag, lastModified: row.last_modified });
      const page = parser === null ? {} : { page: pageDigest({ ...capture, parser, truncated }) };
      return [row.id, { facts, newPosts, ...page, reads: parser }];
    }),
    ...ended.map((row): [string, Stated] => [row.id, { run: runDigest(row) }]),
  ]);
}

export function importedEvents(rows: ImportedRows, source: ImportSource): NewEvent[] {
  return [...capturesTold(rows, source), ...source.applied.holds.map(holdTold)];
}

/** `since`: when it was laid or lifted in the store that it comes from. */
const holdTold = ({ reason, at: since, kind, target }: ImportedHold): NewEvent =>
  reason === null
    ? { kind: 'released', detail: { kind, target, since } }
    : { kind: 'held', detail: { kind, target, reason, since } };

function capturesTold(rows: ImportedRows, source: ImportSource): NewEvent[] {
  const { applied, stated } = source;
  const byCapture = Map.groupBy(applied.sightings, (one) => one.captureId);
  return rows.captures.flatMap((row): NewEvent[] => {
    const id = String(row['id']);
    const byParser = Map.groupBy(byCapture.get(id) ?? [], (one) => one.parser);
    if (!applied.captures.has(id) && byParser.size === 0) return [];
    const runId = String(row['run_id']);
    const about = {
      kind: 'imported' as const,
      articleId: String(row['article_id']),
      runId,
      captureId: id,
    };
    const { page, reads, ...told } = stated.get(id) ?? {};
    const bytes = { ...bytesTold(row, source), ...told, ...stated.get(runId) };
    // The reading that the capture shows has an event also where it saw no post.
    if (page !== undefined && !byParser.has(String(reads))) byParser.set(String(reads), []);
    if (byParser.size === 0) return [{ ...about, detail: bytes }];
    return [...byParser].map(([parser, sightings]) => {
      const changes = sightings.flatMap(changeTold);
      const read = { parser, ...sightingsTold(sightings), ...(parser === reads && { page }) };
      return { ...about, detail: { ...bytes, ...read, ...(changes.length > 0 && { changes }) } };
    });
  });
}

function changeTold({ platform, postId, changes }: ImportedSighting): ToldChange[] {
  if (!changes || changes.length === 0) return [];
  const fields = changes.map(({ field }) => field);
  return [{ platform, postId, fields, digest: changesDigest(changes) }];
}

function bytesTold(row: ImportedRows['captures'][number], { from, records }: ImportSource) {
  const id = String(row['id']);
  return {
    sha256: row['sha256'],
    rawSha256: row['raw_sha256'],
    ...(row['location'] !== NOWHERE && { hasBytes: true }),
    ...(from && { from: { links: from.links, hash: from.hash } }),
    ...(row['removed_at'] ? { captures: [id] } : {}),
    ...(records.get(id) !== undefined && { records: records.get(id) }),
  };
}
