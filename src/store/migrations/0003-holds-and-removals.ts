/** Legal holds, and the tombstones that removed captures and posts leave. */
import { type Kysely, sql } from 'kysely';

const STATEMENTS = [
  `create table embedkeep.holds (
    id bigint generated always as identity primary key,
    kind text not null check (kind in ('article', 'capture', 'post', 'tag')),
    target text not null,
    reason text not null,
    held_at timestamptz(3) not null,
    released_at timestamptz(3)
  )`,
  `create unique index holds_standing on embedkeep.holds (kind, target) where released_at is null`,
  'alter table embedkeep.captures add column removed_at timestamptz(3), add column erased_at timestamptz(3)',
  'alter table embedkeep.posts add column removed_at timestamptz(3)',
];

export const holdsAndRemovals = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};
