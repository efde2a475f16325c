/** Captures that a retention rule takes: a function of facts alone, for the sweep and for the journal's replay. */
import { sql } from 'kysely';
import type { Embed } from '../embed.ts';
import { articlesOf, nameArticles } from './article-titles.ts';
import { sightingDigest } from './keep-sightings.ts';
import { rebuildPosts } from './rebuild-posts.ts';
import { NO_ARTICLE, REMOVED_FORM, redactEmbed } from './redact.ts';
import type { Change, Trx } from './tables.ts';
import { toJson } from './well-formed.ts';

export interface Expiry {
  readonly captures: readonly { readonly id: string; readonly rule: string }[];
}

/**
 * Words that these captures alone showed go: the page's own, those of the sightings, and what versions say of them. A post
 * that another capture shows keeps what that one says, a page whose bytes a takedown took stays one that was taken down. Answers the digests of the sightings, by capture, as the chain has them.
 */
export async function expire(
  trx: Trx,
  { captures }: Expiry,
  now: Date,
): Promise<Map<string, string[]>> {
  const ids = captures.map(({ id }) => id);
  const seen = await trx
    .selectFrom('sightings as s')
    .innerJoin('posts as p', 'p.id', 's.post_id')
    .select(['s.id', 's.capture_id as captureId', 's.embed', 'p.id as row', 'p.post_id as postId'])
    .where('s.capture_id', '=', sql<string>`any(${ids}::text[])`)
    .orderBy('s.id')
    .execute();
  const redacted = seen.map(({ id, embed, postId }) => ({ id, embed: redactEmbed(embed, postId) }));
  await sql`
    update embedkeep.sightings s set embed = x.embed
    from json_to_recordset(${toJson(redacted)}::text::json) as x(id bigint, embed json)
    where s.id = x.id`.execute(trx);
  await sql`
    update embedkeep.captures c set
      removed_at = coalesce(c.removed_at, ${now.toISOString()}::timestamptz), erased_at = null,
      expired_by = case when c.removed_at is null then x.rule else c.expired_by end, suspected = '[]'::json,
      article = case when c.article is null then null else ${toJson(NO_ARTICLE)}::text::json end
    from json_to_recordset(${toJson(captures)}::text::json) as x(id text, rule text)
    where c.id = x.id`.execute(trx);
  await nameArticles(trx, await articlesOf(trx, ids));
  const posts = [...new Set(seen.map((one) => one.row))];
  for (const post of posts) await forgetIn(trx, post);
  await rebuildPosts(trx, posts);
  const told = Map.groupBy(
    seen.filter(({ embed }) => embed.form !== REMOVED_FORM),
    (one) => one.captureId,
  );
  return new Map([...told].map(([id, mine]) => [id, mine.map((one) => sightingDigest(one.embed))]));
}

/** Of a post's versions, the values that no capture shows any more; which field changed, and when, stays. */
async function forgetIn(trx: Trx, post: number): Promise<void> {
  const versions = await trx
    .selectFrom('post_versions')
    .select(['id', 'changes'])
    .where('post_id', '=', post)
    .execute();
  if (versions.length === 0) return;
  const rows = await trx
    .selectFrom('sightings')
    .select('embed')
    .where('post_id', '=', post)
    .execute();
  const shown = new Set(rows.flatMap(({ embed }) => valuesOf(embed)));
  const still = (value: unknown): unknown => (shown.has(toJson(value)) ? value : null);
  const changed = versions.map(({ id, changes }) => ({
    id,
    changes: changes.map(({ field, before, after }): Change => {
      return { field, before: still(before), after: still(after) };
    }),
  }));
  await sql`
    update embedkeep.post_versions v set changes = x.changes
    from json_to_recordset(${toJson(changed)}::text::json) as x(id bigint, changes json)
    where v.id = x.id`.execute(trx);
}

const valuesOf = ({ text, author, media }: Embed): string[] =>
  [text, author.name, author.handle, media].map((value) => toJson(value));
