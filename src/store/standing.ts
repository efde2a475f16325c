/**
 * Takedowns last: what a page says of a post that was taken down is written neither to the tables nor to the journal, and the
 * page's bytes go as those of the pages before did, unless a legal hold keeps them. The other posts of the page stay readable.
 */
import { sql } from 'kysely';
import type { Embed } from '../embed.ts';
import type { NewEvent } from './event-chain.ts';
import { holdsOn, lockHolds } from './holds.ts';
import type { Reading } from './journal-entry.ts';
import { fingerprint, isFingerprintId, postIdOf } from './post-identity.ts';
import { redactEmbed } from './redact.ts';
import type { Db, Trx } from './tables.ts';

export interface Taken {
  readonly platform: string;
  readonly postId: string;
}

interface Names {
  /** As the store would call it. */
  readonly own: string;
  /** As it would be called without its id; null where the page does not say enough. */
  readonly idless: string | null;
}

interface TakenRow {
  readonly platform: string;
  readonly post_id: string;
  readonly removed_names: readonly string[];
}

/** The same reading where nothing of it was taken down. */
export async function withoutTaken(
  trx: Trx,
  reading: Reading,
  articleId: string,
): Promise<{ reading: Reading; taken: readonly Taken[] }> {
  const names = reading.embeds.map((embed, ordinal) => namesOf(embed, { articleId, ordinal }));
  const asked = [...new Set(names.flatMap(({ own, idless }) => [own, idless ?? own]))];
  const rows = await takenUnder(trx, asked);
  if (rows.length === 0) return { reading, taken: [] };
  const taken = new Map<string, Taken>();
  const embeds = reading.embeds.map((embed, index) => {
    const named = names[index] ?? { own: '', idless: null };
    const row = rows.find((one) => one.platform === embed.platform && isNamed(one, named));
    if (!row) return embed;
    taken.set(`${row.platform}/${row.post_id}`, { platform: row.platform, postId: row.post_id });
    return redactEmbed(embed, row.post_id);
  });
  return { reading: { ...reading, embeds }, taken: [...taken.values()] };
}

/** Posts that were taken down and are known by one of these names. */
export async function takenUnder(db: Db | Trx, asked: readonly string[]): Promise<TakenRow[]> {
  if (asked.length === 0) return [];
  const { rows } = await sql<TakenRow>`
    select platform, post_id, removed_names from embedkeep.posts
    where removed_at is not null
      and (post_id = any(${asked}::text[]) or removed_names && ${asked}::text[])`.execute(db);
  return rows;
}

/** A post without its id, seen again or taken down, is known by its author, day and words. */
export function idlessName(embed: Embed): string | null {
  const print = fingerprint(embed);
  return print === null ? null : `~${print}`;
}

const namesOf = (embed: Embed, standsIn: { articleId: string; ordinal: number }): Names => ({
  own: postIdOf(embed, standsIn),
  idless: idlessName(embed),
});

/** Another id with the same words on the same day is another post. */
export const isNamed = (row: TakenRow, { own, idless }: Names): boolean =>
  row.post_id === own ||
  row.removed_names.includes(own) ||
  (isFingerprintId(row.post_id) && row.post_id === idless);

export interface Seen {
  readonly articleId: string;
  readonly runId: string;
  readonly captureId: string;
  readonly taken: readonly Taken[];
}

/** The captures whose bytes go, as a takedown would have it: all that rest on the same. None where a legal hold is on one. */
export async function giveUpBytes(
  trx: Trx,
  { articleId, runId, captureId, taken }: Seen,
  now: Date,
): Promise<{ withheld: readonly string[]; events: readonly NewEvent[] }> {
  if (taken.length === 0) return { withheld: [], events: [] };
  await lockHolds(trx);
  const { rows } = await sql<{ id: string }>`
    select c.id from embedkeep.captures c, embedkeep.captures o
    where o.id = ${captureId} and c.removed_at is null
      and (c.id = o.id or (o.size > 0 and c.sha256 = o.sha256)) order by c.seq`.execute(trx);
  const captures = rows.map(({ id }) => id);
  const isHeld = (await holdsOn(trx, captures)).length > 0;
  const withheld = isHeld ? [] : captures;
  await markGone(trx, withheld, now);
  const detail = { captures: withheld, sightings: [], aliases: [], standing: true };
  const events = taken.map((post): NewEvent => {
    return { kind: 'removed', articleId, runId, captureId, ...post, detail };
  });
  return { withheld, events };
}

/** A function of facts alone, for the journal's replay too. */
export async function markGone(trx: Trx, captures: readonly string[], now: Date): Promise<void> {
  if (captures.length === 0) return;
  await sql`
    update embedkeep.captures set removed_at = ${now.toISOString()}::timestamptz
    where id = any(${captures}::text[]) and removed_at is null`.execute(trx);
}
