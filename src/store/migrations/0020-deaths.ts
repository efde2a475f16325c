/** How often a run was taken over from a holder that never said how its try ended. */
import { type Kysely, sql } from 'kysely';

export const deaths = {
  async up(db: Kysely<unknown>): Promise<void> {
    // Null in rows of earlier versions and of their backups: none that anybody counted.
    await sql.raw('alter table embedkeep.runs add column deaths integer').execute(db);
  },
};
