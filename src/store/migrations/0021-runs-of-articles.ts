/**
 * Runs without a foreign key to their articles. Intake writes both in one transaction and no article is ever deleted, but the
 * database looked each of a bulk's thousand articles up again: 9 to 15 of the 35 to 58 ms that it took to insert the runs.
 * `verify` says of a run whose article is not there.
 */
import { type Kysely, sql } from 'kysely';

const STATEMENTS = ['alter table embedkeep.runs drop constraint if exists runs_article_id_fkey'];

export const runsOfArticles = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};
