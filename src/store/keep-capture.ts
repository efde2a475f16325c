/** A capture's row: what was fetched and where its bytes lie. Written once per run, whatever happens afterwards. */
import { sql } from 'kysely';
import type { Capture, Exchange } from '../capture.ts';
import type { Extraction } from '../embed.ts';
import type { Claim, Kept } from '../ledger.ts';
import { captureIdOf } from './ids.ts';
import type { Trx } from './tables.ts';
import { toJson, wellFormed } from './well-formed.ts';

/** What the parser said of the whole page; null where it said nothing. */
export type Reading = Pick<Extraction, 'article' | 'parser' | 'suspected' | 'truncated'> | null;

export interface Tally {
  readonly embeds: number;
  readonly newPosts: number;
}

/** Idempotent by run: a second call changes nothing. Answers the capture's id. */
export async function keepCapture(
  trx: Trx,
  claim: Claim,
  kept: Kept & { reading: Reading },
): Promise<string> {
  const id = captureIdOf(claim.run.id);
  const { capture, stored, reading } = kept;
  const last = capture.hops.at(-1);
  const json = (value: unknown) => sql`${toJson(value)}::text::json`;
  await sql`
    insert into embedkeep.captures (
      id, article_id, run_id, url, final_url, fetched_at, reason, status, content_type, charset,
      location, blob_offset, blob_length, sha256, raw_sha256, size, revisit, truncated, robots_rule,
      revisit_of, etag, last_modified, hops, article, parser, suspected, parse_truncated, embeds, new_posts
    ) values (
      ${id}, ${claim.run.articleId}, ${claim.run.id}, ${text(capture.url)}, ${text(capture.finalUrl)},
      ${capture.fetchedAt}::timestamptz, ${capture.reason}, ${last?.status ?? 0},
      ${text(capture.contentType)}, ${text(capture.charset)},
      ${stored.location}, ${stored.offset}, ${stored.length}, ${stored.sha256}, ${stored.rawSha256},
      ${stored.size}, ${stored.revisit}, ${capture.truncated}, ${text(capture.robotsRule)},
      ${capture.revisitOf}, ${header(last, 'etag')}, ${header(last, 'last-modified')},
      ${json(hopsOf(capture))}, ${reading ? json(reading.article) : null}, ${reading?.parser ?? null},
      ${json(reading?.suspected ?? [])}, ${reading?.truncated ?? null}, 0, 0
    ) on conflict (id) do nothing`.execute(trx);
  return id;
}

export const setTally = (trx: Trx, captureId: string, tally: Tally): Promise<unknown> =>
  trx
    .updateTable('captures')
    .set({ embeds: tally.embeds, new_posts: tally.newPosts })
    .where('id', '=', captureId)
    .execute();

const hopsOf = (capture: Capture) =>
  capture.hops.map(({ url, status, remoteAddress }) => ({ url, status, remoteAddress }));

function header(exchange: Exchange | undefined, name: string): string | null {
  const line = exchange?.responseHeaders.find(([key]) => key.toLowerCase() === name);
  return line ? wellFormed(line[1]) : null;
}

const text = (value: string | null): string | null => (value === null ? null : wellFormed(value));
