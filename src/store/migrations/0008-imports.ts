/** For imports and exports: where a revisit's body lies when its record cannot say, and the events of a link. */
import { type Kysely, sql } from 'kysely';

const STATEMENTS = [
  'alter table embedkeep.captures add column body_location text, add column body_offset bigint, add column body_length bigint',
  // Exports and checks read the chain link by link: without it each page of them reads all events.
  'create index events_link on embedkeep.events (link, seq)',
];

export const imports = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};
