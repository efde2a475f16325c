/** A capture's row: what was fetched and where its bytes lie. Written once per run, whatever happens afterwards. */
import { sql } from 'kysely';
import type { Capture, Exchange, StoredBody } from '../capture.ts';
import type { Extraction } from '../embed.ts';
import type { CaptureRow } from '../reader.ts';
import { captureIdOf } from './ids.ts';
import type { Trx } from './tables.ts';
import { cleaned, toJson } from './well-formed.ts';

/** A capture without its bytes and headers: what its row says, and the journal. */
export type CaptureFacts = Pick<
  Capture,
  'url' | 'finalUrl' | 'fetchedAt' | 'reason' | 'contentType' | 'charset' | 'truncated'
> &
  Pick<Capture, 'robotsRule' | 'revisitOf'> & {
    readonly status: number;
    readonly etag: string | null;
    readonly lastModified: string | null;
    readonly hops: CaptureRow['hops'];
  };

/** What the parser said of the whole page; null where it said nothing. */
type PageReading = Pick<Extraction, 'article' | 'parser' | 'suspected' | 'truncated'> | null;

export interface Tally {
  readonly embeds: number;
  readonly newPosts: number;
}

export function factsOf(capture: Capture): CaptureFacts {
  const last = capture.hops.at(-1);
  return cleaned({
    url: capture.url,
    finalUrl: capture.finalUrl,
    fetchedAt: capture.fetchedAt,
    reason: capture.reason,
    contentType: capture.contentType,
    charset: capture.charset,
    truncated: capture.truncated,
    robotsRule: capture.robotsRule,
    revisitOf: capture.revisitOf,
    status: last?.status ?? 0,
    etag: header(last, 'etag'),
    lastModified: header(last, 'last-modified'),
    hops: capture.hops.map(({ url, status, remoteAddress }) => ({ url, status, remoteAddress })),
  });
}

/** Idempotent by run: a second call changes nothing. Answers the capture's id. */
export async function keepCapture(
  trx: Trx,
  run: { articleId: string; runId: string },
  kept: { facts: CaptureFacts; stored: StoredBody; reading: PageReading },
): Promise<string> {
  const id = captureIdOf(run.runId);
  const { facts, stored, reading } = kept;
  const json = (value: unknown) => sql`${toJson(value)}::text::json`;
  await sql`
    insert into embedkeep.captures (
      id, article_id, run_id, url, final_url, fetched_at, reason, status, content_type, charset,
      location, blob_offset, blob_length, sha256, raw_sha256, size, revisit, truncated, robots_rule,
      revisit_of, etag, last_modified, hops, article, parser, suspected, parse_truncated, embeds, new_posts
    ) values (
      ${id}, ${run.articleId}, ${run.runId}, ${facts.url}, ${facts.finalUrl},
      ${facts.fetchedAt}::timestamptz, ${facts.reason}, ${facts.status},
      ${facts.contentType}, ${facts.charset},
      ${stored.location}, ${stored.offset}, ${stored.length}, ${stored.sha256}, ${stored.rawSha256},
      ${stored.size}, ${stored.revisit}, ${facts.truncated}, ${facts.robotsRule},
      ${facts.revisitOf}, ${facts.etag}, ${facts.lastModified},
      ${json(facts.hops)}, ${reading ? json(reading.article) : null}, ${reading?.parser ?? null},
      ${json(reading?.suspected ?? [])}, ${reading?.truncated ?? null}, 0, 0
    ) on conflict (id) do nothing`.execute(trx);
  return id;
}

function header(exchange: Exchange | undefined, name: string): string | null {
  const line = exchange?.responseHeaders.find(([key]) => key.toLowerCase() === name);
  return line ? line[1] : null;
}
