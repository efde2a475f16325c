/** The pace of hosts and what worker processes tell each other for a while (src/fetch/pace/sql.ts). */
import { type Kysely, sql } from 'kysely';

const STATEMENTS = [
  `create table embedkeep.host_pace (
    key text primary key,
    state json not null,
    changed_at timestamptz(3) not null default now()
  )`,
  `create table embedkeep.shared_notes (
    key text primary key,
    text text not null,
    ends_at timestamptz(3) not null
  )`,
  'create index shared_notes_end on embedkeep.shared_notes (ends_at)',
];

export const hosts = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};
