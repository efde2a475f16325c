/**
 * Posts of one capture: found or made, joined with what was known, changes noted.
 * Rows are taken in the order of platform and id, so that two pages with the same posts never deadlock.
 */
import { type Selectable, sql } from 'kysely';
import type { Embed } from '../embed.ts';
import { isFingerprintId, postIdOf } from './post-identity.ts';
import { differences, mergeStates, type PostState, searchOf, stateOf } from './post-state.ts';
import { redactEmbed } from './redact.ts';
import type { Change, PostTable, Trx } from './tables.ts';
import { toJson } from './well-formed.ts';

export interface PageOfPosts {
  readonly captureId: string;
  readonly articleId: string;
  readonly capturedAt: string;
  readonly embeds: readonly Embed[];
}

export interface KeptPost {
  /** Row of the post. */
  readonly row: number;
  readonly platform: string;
  readonly postId: string;
  readonly isNew: boolean;
  readonly changes: readonly Change[];
  readonly embed: Embed;
  readonly ordinal: number;
}

interface Candidate {
  readonly state: PostState;
  readonly embed: Embed;
  readonly ordinal: number;
}
type PostRow = Selectable<PostTable>;

/** In page order, each post once. */
export async function keepPosts(trx: Trx, page: PageOfPosts): Promise<KeptPost[]> {
  if (page.embeds.length === 0) return [];
  const candidates = await joinByFingerprint(trx, candidatesOf(page));
  const inserted = await insertMissing(trx, candidates);
  const rows = await lockRows(trx, candidates);
  const kept = candidates.map((candidate): KeptPost & { merged: PostState | null } => {
    const { platform, post_id: postId } = candidate.state;
    const key = keyOf(candidate.state);
    const row = rows.get(key);
    if (!row) throw new Error(`post ${key} vanished under its lock`);
    const isNew = inserted.has(key);
    const { merged, changes } = isNew
      ? { merged: null, changes: [] }
      : joinWith(row, candidate.state);
    const { ordinal } = candidate;
    // A takedown lasts: what is seen of the post later is counted, not shown.
    const embed = row.removed_at ? redactEmbed(candidate.embed, postId) : candidate.embed;
    return { row: row.id, platform, postId, isNew, changes, embed, ordinal, merged };
  });
  await updateRows(trx, kept);
  return kept;
}

const keyOf = (post: { platform: string; post_id: string }): string =>
  `${post.platform}\u001f${post.post_id}`;

/** Each post once; where a page has it as embed and as citation, the embed speaks. */
function candidatesOf(page: PageOfPosts): Candidate[] {
  const byKey = new Map<string, Candidate>();
  page.embeds.forEach((embed, ordinal) => {
    const postId = postIdOf(embed, { articleId: page.articleId, ordinal });
    const state = stateOf(embed, { postId, seenAt: page.capturedAt });
    const before = byKey.get(keyOf(state));
    if (before && (before.embed.role === 'embed' || embed.role !== 'embed')) return;
    byKey.set(keyOf(state), { state, embed, ordinal });
  });
  return [...byKey.values()];
}

/**
 * An id-less sighting of a post whose id is known, and the id of a post known id-less so far: one post.
 * Where two ids share a fingerprint (the same words twice on one day) nothing is joined.
 */
async function joinByFingerprint(trx: Trx, candidates: Candidate[]): Promise<Candidate[]> {
  const prints = candidates.flatMap(({ state }) => state.fingerprint ?? []);
  if (prints.length === 0) return candidates;
  const found = await trx
    .selectFrom('posts')
    .select(['id', 'platform', 'post_id', 'fingerprint'])
    .where('fingerprint', '=', sql<string>`any(${prints}::text[])`)
    .execute();
  const joined = new Map<string, Candidate>();
  for (const candidate of candidates) {
    const twins = found.filter((post) => isTwin(post, candidate.state));
    const onPage = candidates.filter(({ state }) => isTwin(state, candidate.state));
    const ids = [...twins, ...onPage.map(({ state }) => state)].map((post) => post.post_id);
    const known = new Set(ids.filter((id) => !isFingerprintId(id)));
    const isIdless = isFingerprintId(candidate.state.post_id);
    const [only] = isIdless && known.size === 1 ? known : [];
    const state = only ? { ...candidate.state, post_id: only } : candidate.state;
    const idless = twins.find((post) => isFingerprintId(post.post_id));
    if (!isIdless && idless && known.size === 1) await giveId(trx, { row: idless.id, state });
    if (!joined.has(keyOf(state)) || !isIdless) joined.set(keyOf(state), { ...candidate, state });
  }
  return [...joined.values()];
}

type Known = Pick<PostState, 'platform' | 'fingerprint'>;
const isTwin = (one: Known, other: Known): boolean =>
  one.platform === other.platform &&
  one.fingerprint !== null &&
  one.fingerprint === other.fingerprint;

/** The id-less row becomes the id's, unless the id has a row: then its sightings move there and it goes. */
async function giveId(trx: Trx, idless: { row: number; state: PostState }): Promise<void> {
  const { platform, post_id } = idless.state;
  const owner = await trx
    .selectFrom('posts')
    .select('id')
    .where('platform', '=', platform)
    .where('post_id', '=', post_id)
    .forUpdate()
    .executeTakeFirst();
  if (!owner) {
    await trx.updateTable('posts').set({ post_id }).where('id', '=', idless.row).execute();
    return;
  }
  // A capture that shows the post with and without id keeps both sightings: the chain vouches for each.
  await joinVersions(trx, { from: idless.row, to: owner.id });
  for (const table of ['sightings', 'post_versions'] as const) {
    await trx
      .updateTable(table)
      .set({ post_id: owner.id })
      .where('post_id', '=', idless.row)
      .execute();
  }
  await trx
    .updateTable('events')
    .set({ post_id: owner.id })
    .where('post_id', '=', idless.row)
    .execute();
  await sql`
    update embedkeep.posts p set
      first_seen_at = least(p.first_seen_at, i.first_seen_at),
      handles = array(select distinct unnest(p.handles || i.handles))
    from embedkeep.posts i where p.id = ${owner.id} and i.id = ${idless.row}`.execute(trx);
  await trx.deleteFrom('posts').where('id', '=', idless.row).execute();
}

/** Where both rows have a version of one capture and reading, it is one version with the changes of both. */
async function joinVersions(trx: Trx, { from, to }: { from: number; to: number }): Promise<void> {
  await sql`
    with moved as (
      delete from embedkeep.post_versions s using embedkeep.post_versions o
      where s.post_id = ${from} and o.post_id = ${to}
        and o.capture_id = s.capture_id and o.parser = s.parser
      returning o.id, s.changes
    )
    update embedkeep.post_versions v set changes = (v.changes::jsonb || m.changes::jsonb)::json
    from moved m where v.id = m.id`.execute(trx);
}

async function insertMissing(trx: Trx, candidates: readonly Candidate[]): Promise<Set<string>> {
  const rows = candidates.map(({ state }) => ({ ...state, ...searchOf(state) }));
  const { rows: inserted } = await sql<{ platform: string; post_id: string }>`
    insert into embedkeep.posts (
      platform, post_id, fingerprint, url, author_name, author_handle, handles, posted_at, posted_date,
      lang, text, media, form, confidence, first_seen_at, last_seen_at, search, author_search)
    select
      platform, post_id, fingerprint, url, author_name, author_handle, handles, posted_at, posted_date,
      lang, text, media, form, confidence, first_seen_at, last_seen_at,
      search::tsvector, author_search::tsvector
    from ${recordset(rows)} order by platform, post_id
    on conflict (platform, post_id) do nothing
    returning platform, post_id`.execute(trx);
  return new Set(inserted.map(keyOf));
}

const recordset = (
  rows: readonly unknown[],
) => sql`json_to_recordset(${toJson(rows)}::text::json) as x(
  id bigint, platform text, post_id text, fingerprint text, url text, author_name text,
  author_handle text, handles text[], posted_at json, posted_date text, lang text, text text,
  media json, form text, confidence double precision, first_seen_at timestamptz,
  last_seen_at timestamptz, search text, author_search text)`;

async function lockRows(trx: Trx, candidates: readonly Candidate[]): Promise<Map<string, PostRow>> {
  const keys = candidates.map(({ state }) => ({
    platform: state.platform,
    post_id: state.post_id,
  }));
  const { rows } = await sql<PostRow>`
    select p.id, p.platform, p.post_id, p.fingerprint, p.url, p.author_name, p.author_handle, p.handles,
      p.posted_at, p.posted_date, p.lang, p.text, p.media, p.form, p.confidence,
      p.first_seen_at, p.last_seen_at, p.removed_at
    from embedkeep.posts p
    join json_to_recordset(${toJson(keys)}::text::json) as x(platform text, post_id text)
      on p.platform = x.platform and p.post_id = x.post_id
    order by p.platform, p.post_id for no key update of p`.execute(trx);
  return new Map(rows.map((row) => [keyOf(row), row]));
}

/** A sighting older than what is known adds what was missing, but is no change. */
function joinWith(row: PostRow, seen: PostState): { merged: PostState; changes: Change[] } {
  const isLater = Date.parse(seen.last_seen_at) >= Date.parse(row.last_seen_at);
  const { id: _, removed_at: removedAt, ...known } = row;
  if (removedAt) return { merged: { ...known, last_seen_at: seen.last_seen_at }, changes: [] };
  return { merged: mergeStates(known, seen), changes: isLater ? differences(known, seen) : [] };
}

async function updateRows(
  trx: Trx,
  kept: readonly { row: number; merged: PostState | null }[],
): Promise<void> {
  const rows = kept.flatMap(({ row, merged }) =>
    merged ? [{ id: row, ...merged, ...searchOf(merged) }] : [],
  );
  if (rows.length === 0) return;
  await sql`
    update embedkeep.posts p set
      fingerprint = x.fingerprint, url = x.url, author_name = x.author_name,
      author_handle = x.author_handle, handles = x.handles, posted_at = x.posted_at,
      posted_date = x.posted_date, lang = x.lang, text = x.text, media = x.media, form = x.form,
      confidence = x.confidence, first_seen_at = x.first_seen_at, last_seen_at = x.last_seen_at,
      search = x.search::tsvector, author_search = x.author_search::tsvector
    from ${recordset(rows)} where p.id = x.id`.execute(trx);
}
