/** Whose order a run is, the backlog that has no jobs yet, and the plans of re-captures. */
import { type Kysely, sql } from 'kysely';

const STATEMENTS = [
  `alter table embedkeep.runs
    add column caller text not null default 'default',
    add column host text not null default '',
    add column plan_id text,
    add column plan_due timestamptz(3)`,
  `update embedkeep.runs r set host = a.host from embedkeep.articles a
    where a.id = r.article_id and r.state in ('accepted', 'running', 'waiting')`,
  // The backlog: accepted, and not handed to the queue yet (its due_at is infinity).
  `create index runs_backlog on embedkeep.runs (priority, caller, host, seq)
    where state = 'accepted' and due_at = 'infinity'`,
  // Politeness waits alone: a retry's reason is its error code.
  `create index runs_polite on embedkeep.runs (host, priority, caller)
    where state = 'waiting' and wait_reason is distinct from error_code`,

  `create table embedkeep.plans (
    id text primary key,
    seq bigint generated always as identity,
    kind text not null check (kind in ('article', 'tag')),
    target text not null,
    url text,
    spec text not null,
    state text not null check (state in ('active', 'paused', 'ended', 'stopped')),
    priority integer not null,
    caller text not null,
    tags text[] not null,
    starts_at timestamptz(3) not null,
    ends_at timestamptz(3),
    next_at timestamptz(3),
    last_due_at timestamptz(3),
    runs integer not null default 0,
    reason text,
    created_at timestamptz(3) not null,
    changed_at timestamptz(3) not null
  )`,
  `create index plans_due on embedkeep.plans (next_at) where state = 'active'`,
  'create index plans_target on embedkeep.plans (kind, target)',
  `create unique index runs_plan on embedkeep.runs (plan_id, plan_due, article_id) where plan_id is not null`,
];

export const backlogAndPlans = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};
