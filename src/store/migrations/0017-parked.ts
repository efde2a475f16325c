/** Long waits without a job: due at infinity like the backlog, until the feeder takes them back into it. */
import { type Kysely, sql } from 'kysely';

const STATEMENTS = [
  'alter table embedkeep.runs add column wake_at timestamptz(3)',
  `create index runs_parked on embedkeep.runs (priority, wake_at)
    where state = 'waiting' and wake_at is not null`,
];

export const parked = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};
