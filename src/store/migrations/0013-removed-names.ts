/** Under which other names a post that was taken down was seen: what shows it again is known by them. */
import { type Kysely, sql } from 'kysely';

const STATEMENTS = [
  `alter table embedkeep.posts add column removed_names text[] not null default '{}'`,
  `create index posts_removed on embedkeep.posts (platform, post_id) where removed_at is not null`,
  `update embedkeep.posts p set removed_names = x.names from (
    select e.body::json->>'platform' as platform, e.body::json->>'postId' as post_id,
      array_agg(distinct a.name) as names
    from embedkeep.events e, json_array_elements_text(e.body::json->'detail'->'aliases') a(name)
    where e.kind = 'removed' group by 1, 2
  ) x where p.platform = x.platform and p.post_id = x.post_id and p.removed_at is not null`,
];

export const removedNames = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};
