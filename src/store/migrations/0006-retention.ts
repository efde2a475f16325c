/** Captures that a retention rule took, and room for a post that one page shows twice: with its id and, elsewhere on it, without. */
import { type Kysely, sql } from 'kysely';

const STATEMENTS = [
  'alter table embedkeep.captures add column expired_by text',
  // What every start looks for: marked as gone, and the bytes perhaps still there.
  `create index captures_unerased on embedkeep.captures (seq)
    where removed_at is not null and erased_at is null`,
  `alter table embedkeep.sightings
    drop constraint sightings_capture_id_post_id_parser_key,
    add constraint sightings_place unique (capture_id, post_id, parser, ordinal)`,
];

export const retention = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};
