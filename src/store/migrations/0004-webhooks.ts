/** Endpoints of webhooks and what was, or is to be, delivered to them. `v` is the version of the row's meaning. */
import { type Kysely, sql } from 'kysely';

const STATEMENTS = [
  `create table embedkeep.webhook_endpoints (
    id text primary key,
    seq bigint generated always as identity,
    v integer not null default 1,
    url text not null,
    description text,
    types text[] not null,
    host text,
    tag text,
    secrets json not null,
    state text not null check (state in ('enabled', 'disabled')),
    disabled_reason text,
    cursor bigint not null,
    marked bigint not null default 0,
    failures integer not null default 0,
    failing_since timestamptz(3),
    not_before timestamptz(3),
    created_at timestamptz(3) not null
  )`,
  `create table embedkeep.webhook_deliveries (
    id text primary key,
    seq bigint generated always as identity,
    v integer not null default 1,
    endpoint_id text not null references embedkeep.webhook_endpoints on delete cascade,
    event bigint not null,
    type text not null,
    at timestamptz(3) not null,
    state text not null check (state in ('waiting', 'delivered', 'failed', 'withheld')),
    attempts integer not null default 0,
    next_at timestamptz(3) not null,
    token text,
    leased_until timestamptz(3),
    last_attempt_at timestamptz(3),
    status integer,
    code text,
    message text,
    response text,
    duration_ms integer,
    unique (endpoint_id, event)
  )`,
  'create index webhook_deliveries_log on embedkeep.webhook_deliveries (endpoint_id, seq)',
  `create index webhook_deliveries_due on embedkeep.webhook_deliveries (endpoint_id, next_at, event)
    where state = 'waiting'`,
  `create index webhook_deliveries_oldest on embedkeep.webhook_deliveries (at) where state = 'waiting'`,
  `create index webhook_deliveries_failed on embedkeep.webhook_deliveries (endpoint_id, at)
    where state = 'failed'`,
  `create index webhook_deliveries_age on embedkeep.webhook_deliveries (last_attempt_at)
    where state in ('delivered', 'withheld')`,
];

export const webhooks = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};
