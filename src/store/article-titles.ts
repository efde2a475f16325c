/** What an article is called: the title of its newest capture that has one. */
import { sql } from 'kysely';
import type { Trx } from './tables.ts';

const TITLE = sql`(select c.article ->> 'title' from embedkeep.captures c
  where c.article_id = a.id and c.article ->> 'title' is not null
  order by c.fetched_at desc, c.seq desc limit 1)`;

/** For when a capture's own title came, changed or went. */
export const nameArticles = (trx: Trx, ids: readonly string[]): Promise<unknown> =>
  sql`update embedkeep.articles a set title = ${TITLE} where a.id = any(${ids}::text[])`.execute(
    trx,
  );

/** JSON lines say what an article is called, and nothing else of its pages: that stays. */
export const nameImported = (trx: Trx, ids: readonly string[]): Promise<unknown> =>
  sql`update embedkeep.articles a set title = coalesce(${TITLE}, a.title)
    where a.id = any(${ids}::text[])`.execute(trx);

export async function articlesOf(trx: Trx, captures: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select distinct article_id as id
    from embedkeep.captures where id = any(${captures}::text[])`.execute(trx);
  return rows.map(({ id }) => id);
}
