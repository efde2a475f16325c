/**
 * The end of a run that fetched nothing: the page that a failed run kept unread is read after all, and its capture becomes the
 * article's last one, if none came after it. A function of facts alone, for the live path and the journal's replay.
 */
import { sql } from 'kysely';
import type { NewEvent } from './event-chain.ts';
import type { Deed } from './journal-entry.ts';
import { type KeptReading, keepReading } from './keep-sightings.ts';
import type { RunRow } from './run-row.ts';
import { endedRunDigest, pageDigest } from './stated.ts';
import type { Trx } from './tables.ts';
import { toJson } from './well-formed.ts';

type ReadDeed = Extract<Deed, { op: 'read' }>;

interface Place {
  readonly host: string;
  readonly title: string | null;
  readonly last_id: string | null;
  readonly last_seq: number | null;
  readonly seq: number;
  readonly parser: string | null;
  readonly fetched_at: string;
  readonly truncated: string | null;
}

const NOTHING: KeptReading = { embeds: 0, newPosts: 0, events: [], told: { embeds: [] } };

export async function readKept(trx: Trx, deed: ReadDeed, given: { now: Date; run?: RunRow }) {
  const { now, run } = given;
  const { articleId, runId, captureId, reading } = deed;
  const place = await placeOf(trx, deed);
  const isNewest = place.last_seq === null || place.last_seq <= place.seq;
  const isFirst = place.parser === null;
  // `reparse` may have been faster: then the words are there, and only the run has to end.
  const kept = isFirst ? await keep(trx, { deed, place, isNewest }) : NOTHING;
  if (isFirst) {
    await trx
      .updateTable('captures')
      .set({
        parser: reading.parser,
        article: sql`${toJson(reading.article)}::text::json`,
        suspected: sql`${toJson(reading.suspected)}::text::json`,
        parse_truncated: reading.truncated,
        embeds: kept.embeds,
        new_posts: kept.newPosts,
      })
      .where('id', '=', captureId)
      .execute();
  }
  await endRun(trx, deed, now);
  if (isNewest) {
    await sql`
      update embedkeep.articles set title = coalesce(${reading.article.title}, title),
        last_capture_id = ${captureId}, last_captured_at = ${place.fetched_at}::timestamptz
      where id = ${articleId}`.execute(trx);
  }
  const { embeds, newPosts, told } = kept;
  const read = { parser: reading.parser, ...told, newPosts, page: pageDigest(reading) };
  const ended = run && endedRunDigest(run, { ...deed, state: 'done', now });
  const detail = { ...(isFirst && read), ...(ended && { run: ended }) };
  const replayed: NewEvent = { kind: 'replayed', articleId, runId, captureId, detail };
  return { captureId, embeds, newPosts, events: [replayed, ...kept.events] };
}

async function placeOf(trx: Trx, { articleId, captureId }: ReadDeed): Promise<Place> {
  await sql`select id from embedkeep.articles where id = ${articleId} for no key update`.execute(
    trx,
  );
  const { rows } = await sql<Place>`
    select a.host, a.title, l.id as last_id, l.seq as last_seq, c.seq, c.parser, c.fetched_at, c.truncated
    from embedkeep.captures c
    join embedkeep.articles a on a.id = c.article_id
    left join embedkeep.captures l on l.id = a.last_capture_id
    where c.id = ${captureId} for update of c`.execute(trx);
  const [place] = rows;
  if (!place) throw new Error(`capture ${captureId} is not there`);
  return place;
}

const keep = (
  trx: Trx,
  { deed, place, isNewest }: { deed: ReadDeed; place: Place; isNewest: boolean },
): Promise<KeptReading> =>
  keepReading(trx, {
    captureId: deed.captureId,
    articleId: deed.articleId,
    articleHost: place.host,
    runId: deed.runId,
    capturedAt: place.fetched_at,
    parser: deed.reading.parser,
    embeds: deed.reading.embeds,
    // What is gone since an older capture is gone; a younger one has told already.
    previous: isNewest ? place.last_id : null,
    isWhole: isNewest && deed.reading.truncated === null && place.truncated === null,
  });

const endRun = (trx: Trx, { runId, attempts, captureId }: ReadDeed, now: Date): Promise<unknown> =>
  trx
    .updateTable('runs')
    .set({
      state: 'done',
      failure: null,
      error_code: null,
      capture_id: captureId,
      attempts,
      wait_reason: null,
      finished_at: now.toISOString(),
    })
    .where('id', '=', runId)
    .execute();
