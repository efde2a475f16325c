/**
 * Takedown: bytes and words go, digests and a tombstone stay. A capture goes with every other that rests on the same bytes;
 * a post takes the bytes of every page that shows it along, but leaves the other posts of those pages readable.
 * In order: the database (one transaction, refused by a legal hold), the bytes, the journal's old lines. Each can be done
 * again, so a removal that was interrupted is finished by `finishRemovals`.
 */
import { sql } from 'kysely';
import type { Embed } from '../embed.ts';
import { EmbedkeepError } from '../errors.ts';
import { articlesOf, nameArticles } from './article-titles.ts';
import { appendLink } from './event-chain.ts';
import { type EraseWorld, finishRemovals } from './finish-removals.ts';
import { holdsOn, lockHolds } from './holds.ts';
import { sightingDigest } from './keep-sightings.ts';
import { postIdOf } from './post-identity.ts';
import { rebuildPosts } from './rebuild-posts.ts';
import { NO_ARTICLE, REMOVED_FORM, redactEmbed, type TakenPost } from './redact.ts';
import { idlessName } from './standing.ts';
import type { Trx } from './tables.ts';
import { toJson, wellFormed } from './well-formed.ts';

export type RemovalTarget =
  | { readonly captureId: string }
  /** `postId` is the post's name: of a comment `postId/commentId`. */
  | { readonly platform: string; readonly postId: string };

export interface Removal {
  readonly captures: readonly string[];
  readonly sightings: number;
  readonly isDryRun: boolean;
}

/** @throws EmbedkeepError NOT_FOUND, LEGAL_HOLD */
export async function remove(
  { target, reason, dryRun = false }: { target: RemovalTarget; reason: string; dryRun?: boolean },
  world: EraseWorld,
): Promise<Removal> {
  const removal = await world.db.transaction().execute(async (trx) => {
    await lockHolds(trx);
    await lockTarget(trx, target);
    const captures = await capturesOf(trx, target);
    const holds = await holdsOn(trx, captures);
    if (holds.length > 0) throw new EmbedkeepError('LEGAL_HOLD', undefined, { detail: { holds } });
    const sightings = await sightingsOf(trx, {
      captures,
      post: 'platform' in target ? { ...target, aliases: [] } : null,
    });
    const post = await postOf(trx, target, sightings);
    const found = { captures, sightings: sightings.length, isDryRun: dryRun };
    if (dryRun) return found;
    const now = world.now();
    const deed = { op: 'remove' as const, captures, post };
    await applyRemoval(trx, deed, now);
    const digests = sightings.map((one) => sightingDigest(one.embed));
    const { aliases = [], ...named } = post ?? {};
    const detail = { reason: wellFormed(reason), captures, sightings: digests, aliases };
    const events = [{ kind: 'removed' as const, ...named, detail }];
    await appendLink(trx, { events, now, deed }, world.journal);
    return found;
  });
  if (!dryRun) await finishRemovals(world);
  return removal;
}

async function postOf(
  trx: Trx,
  target: RemovalTarget,
  sightings: readonly { embed: Embed; articleId: string; ordinal: number }[],
): Promise<TakenPost | null> {
  if (!('platform' in target)) return null;
  const { platform, postId } = target;
  // Also the name it would have without its id: an article may show its words alone.
  const names = sightings
    .filter(({ embed }) => embed.form !== REMOVED_FORM)
    .flatMap((one) => [postIdOf(one.embed, one), idlessName(one.embed) ?? postId]);
  const { rows } = await sql<{ post_id: string }>`select post_id from embedkeep.posts
    where platform = ${platform} and post_id = any(${names}::text[])`.execute(trx);
  // A name that another post goes by is that one's.
  const others = new Set([postId, ...rows.map((row) => row.post_id)]);
  return { platform, postId, aliases: [...new Set(names)].filter((name) => !others.has(name)) };
}

interface Marked {
  readonly captures: readonly string[];
  readonly post: TakenPost | null;
}

/** A function of facts alone, for the journal's replay. */
export async function applyRemoval(trx: Trx, { captures, post }: Marked, now: Date): Promise<void> {
  const sightings = await sightingsOf(trx, { captures, post });
  const redacted = sightings.map(({ id, embed, postId }) => {
    return { id, embed: redactEmbed(embed, postId) };
  });
  await sql`
    update embedkeep.sightings s set embed = x.embed
    from json_to_recordset(${toJson(redacted)}::text::json) as x(id bigint, embed json)
    where s.id = x.id`.execute(trx);
  const posts = [...new Set(sightings.map((one) => one.row))];
  await sql`
    update embedkeep.post_versions v set changes = (
      select json_agg(json_build_object('field', c->>'field', 'before', null, 'after', null))
      from json_array_elements(v.changes) c)
    where v.post_id = any(${posts}::bigint[])`.execute(trx);
  await trx
    .updateTable('captures')
    .set({
      removed_at: now.toISOString(),
      ...(post === null && {
        article: sql`case when article is null then null else ${toJson(NO_ARTICLE)}::text::json end`,
        suspected: sql`'[]'::json`,
      }),
    })
    .where('id', '=', sql<string>`any(${captures}::text[])`)
    .where('removed_at', 'is', null)
    .execute();
  // The bytes may have gone with another post of the page: that the journal's lines go too is to be done again.
  await sql`update embedkeep.captures set erased_at = null
    where id = any(${captures}::text[]) and erased_at is not null`.execute(trx);
  await rebuildPosts(trx, posts);
  if (post === null) {
    await nameArticles(trx, await articlesOf(trx, captures));
    return;
  }
  await trx
    .updateTable('posts')
    .set({ removed_at: now.toISOString(), removed_names: namesWith(post.aliases) })
    .where('platform', '=', post.platform)
    .where('post_id', '=', post.postId)
    .execute();
}

/** A takedown that is done again finds no words, and no other names. */
const namesWith = (names: readonly string[]) =>
  sql<string[]>`array(select distinct unnest(removed_names || ${names}::text[]) order by 1)`;

/**
 * A run that is just being finished on the post, or on the same bytes, comes before or after, never in between: before, its
 * capture is found here; after, it finds the takedown.
 */
async function lockTarget(trx: Trx, target: RemovalTarget): Promise<void> {
  if ('platform' in target) {
    await sql`select id from embedkeep.posts where platform = ${target.platform}
      and post_id = ${target.postId} for no key update`.execute(trx);
  }
  const captures = await capturesOf(trx, target);
  await sql`select id from embedkeep.captures where id = any(${captures}::text[])
    order by id for update`.execute(trx);
}

/** With all that rest on the same bytes. */
async function capturesOf(trx: Trx, target: RemovalTarget): Promise<string[]> {
  const named =
    'captureId' in target
      ? sql`select sha256 from embedkeep.captures where id = ${target.captureId}`
      : sql`select c.sha256 from embedkeep.captures c
          join embedkeep.sightings s on s.capture_id = c.id join embedkeep.posts p on p.id = s.post_id
          where p.platform = ${target.platform} and p.post_id = ${target.postId}`;
  const { rows } = await sql<{ id: string }>`
    select id from embedkeep.captures where sha256 in (${named}) order by seq`.execute(trx);
  if (rows.length === 0) throw new EmbedkeepError('NOT_FOUND');
  return rows.map((row) => row.id);
}

function sightingsOf(trx: Trx, { captures, post }: Marked) {
  let query = trx
    .selectFrom('sightings as s')
    .innerJoin('posts as p', 'p.id', 's.post_id')
    .select(['s.id', 's.embed', 's.ordinal', 's.article_id as articleId'])
    .select(['p.id as row', 'p.post_id as postId'])
    .where('s.capture_id', '=', sql<string>`any(${captures}::text[])`);
  if (post) {
    query = query.where('p.platform', '=', post.platform).where('p.post_id', '=', post.postId);
  }
  return query.orderBy('s.id').execute();
}
