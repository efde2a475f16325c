/** Dead letters in groups: the shape of the page that was kept, and runs that read a kept page instead of fetching one. */
import { type Kysely, sql } from 'kysely';

const STATEMENTS = [
  'alter table embedkeep.runs add column page_shape text, add column replay_of text',
];

export const deadLetters = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};
