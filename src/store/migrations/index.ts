/**
 * Every migration in order. A name is forever: what was released is never edited, only followed by a new one.
 * Tables live in the schema `embedkeep`, named with it: BullMQ sets the search path of PGlite's one session.
 */
import type { Migration } from 'kysely/migration';
import { base } from './0001-base.ts';
import { hosts } from './0002-hosts.ts';
import { holdsAndRemovals } from './0003-holds-and-removals.ts';
import { webhooks } from './0004-webhooks.ts';
import { backlogAndPlans } from './0005-backlog-and-plans.ts';
import { retention } from './0006-retention.ts';
import { deadLetters } from './0007-dead-letters.ts';
import { imports } from './0008-imports.ts';
import { failedArticles } from './0009-failed-articles.ts';
import { removedNames } from './0013-removed-names.ts';
import { parked } from './0017-parked.ts';
import { deaths } from './0020-deaths.ts';
import { runsOfArticles } from './0021-runs-of-articles.ts';

export const migrations: Readonly<Record<string, Migration>> = {
  '0001-base': base,
  '0002-hosts': hosts,
  '0003-holds-and-removals': holdsAndRemovals,
  '0004-webhooks': webhooks,
  '0005-backlog-and-plans': backlogAndPlans,
  '0006-retention': retention,
  '0007-dead-letters': deadLetters,
  '0008-imports': imports,
  '0009-failed-articles': failedArticles,
  '0013-removed-names': removedNames,
  '0017-parked': parked,
  '0020-deaths': deaths,
  '0021-runs-of-articles': runsOfArticles,
};
