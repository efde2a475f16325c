/** Articles, runs, captures, posts, sightings, versions and the event chain. */
import { type Kysely, sql } from 'kysely';

const STATEMENTS = [
  `create table embedkeep.articles (
    id text primary key,
    seq bigint generated always as identity,
    url text not null,
    host text not null,
    title text,
    accepted_at timestamptz(3) not null,
    last_run_id text,
    last_capture_id text,
    last_captured_at timestamptz(3)
  )`,
  'create unique index articles_seq on embedkeep.articles (seq)',
  'create index articles_host on embedkeep.articles (host, seq)',

  `create table embedkeep.runs (
    id text primary key,
    seq bigint generated always as identity,
    article_id text not null references embedkeep.articles,
    state text not null,
    reason text not null,
    priority integer not null,
    tags text[] not null,
    refs text[] not null,
    attempts integer not null default 0,
    waits integer not null default 0,
    due_at timestamptz(3) not null,
    wait_reason text,
    failure json,
    error_code text,
    capture_id text,
    token text,
    accepted_at timestamptz(3) not null,
    finished_at timestamptz(3),
    check (state in ('accepted', 'running', 'waiting', 'done', 'failed', 'dropped')),
    check (attempts >= 0 and waits >= 0)
  )`,
  'create index runs_article on embedkeep.runs (article_id, seq)',
  `create index runs_open on embedkeep.runs (state, due_at, seq)
    where state in ('accepted', 'running', 'waiting')`,
  `create index runs_failed on embedkeep.runs (state, seq) where state in ('failed', 'dropped')`,
  `create index runs_error on embedkeep.runs (error_code, seq) where error_code is not null`,
  // Partial: an entry for nothing would cost every order a fifth of its time.
  `create index runs_tags on embedkeep.runs using gin (tags) where tags <> '{}'`,
  `create index runs_refs on embedkeep.runs using gin (refs) where refs <> '{}'`,

  `create table embedkeep.captures (
    id text primary key,
    seq bigint generated always as identity,
    article_id text not null references embedkeep.articles,
    run_id text not null unique references embedkeep.runs,
    url text not null,
    final_url text not null,
    fetched_at timestamptz(3) not null,
    reason text not null,
    status integer not null,
    content_type text,
    charset text,
    location text not null,
    blob_offset bigint not null,
    blob_length bigint not null,
    sha256 text not null,
    raw_sha256 text not null,
    size bigint not null,
    revisit boolean not null,
    truncated text,
    robots_rule text not null,
    revisit_of text,
    etag text,
    last_modified text,
    hops json not null,
    article json,
    parser text,
    suspected json not null,
    parse_truncated text,
    embeds integer not null,
    new_posts integer not null
  )`,
  'create unique index captures_seq on embedkeep.captures (seq)',
  'create index captures_article on embedkeep.captures (article_id, seq)',
  'create index captures_sha256 on embedkeep.captures (sha256)',

  `create table embedkeep.posts (
    id bigint generated always as identity primary key,
    platform text not null,
    post_id text not null,
    fingerprint text,
    url text,
    author_name text,
    author_handle text,
    handles text[] not null,
    posted_at json not null,
    posted_date text collate "C",
    lang text,
    text text,
    media json not null,
    form text not null,
    confidence double precision not null,
    first_seen_at timestamptz(3) not null,
    last_seen_at timestamptz(3) not null,
    search tsvector not null default '',
    author_search tsvector not null default '',
    unique (platform, post_id)
  )`,
  'create index posts_platform on embedkeep.posts (platform, id)',
  'create index posts_date on embedkeep.posts (posted_date, id)',
  'create index posts_fingerprint on embedkeep.posts (fingerprint) where fingerprint is not null',
  'create index posts_handles on embedkeep.posts using gin (handles)',
  'create index posts_search on embedkeep.posts using gin (search)',
  'create index posts_author on embedkeep.posts using gin (author_search)',

  `create table embedkeep.sightings (
    id bigint generated always as identity primary key,
    capture_id text not null references embedkeep.captures,
    post_id bigint not null references embedkeep.posts,
    article_id text not null,
    article_host text not null,
    parser text not null,
    ordinal integer not null,
    role text not null,
    captured_at timestamptz(3) not null,
    embed json not null,
    unique (capture_id, post_id, parser)
  )`,
  'create index sightings_post on embedkeep.sightings (post_id, article_id)',
  'create index sightings_host on embedkeep.sightings (article_host, post_id)',

  `create table embedkeep.post_versions (
    id bigint generated always as identity primary key,
    post_id bigint not null references embedkeep.posts,
    capture_id text not null references embedkeep.captures,
    parser text not null,
    seen_at timestamptz(3) not null,
    changes json not null,
    unique (post_id, capture_id, parser)
  )`,

  `create table embedkeep.events (
    seq bigint primary key,
    link bigint not null,
    kind text not null,
    at timestamptz(3) not null,
    article_id text,
    run_id text,
    capture_id text,
    post_id bigint,
    body text not null
  )`,
  'create index events_article on embedkeep.events (article_id, seq)',
  'create index events_post on embedkeep.events (post_id, seq) where post_id is not null',
  'create table embedkeep.chain_links (n bigint primary key, at timestamptz(3) not null, events bigint not null, hash text not null)',
  `create table embedkeep.chain_head (
    id integer primary key check (id = 1), links bigint not null, events bigint not null, hash text not null
  )`,
  `insert into embedkeep.chain_head values (1, 0, 0, repeat('0', 64))`,

  `create table embedkeep.idempotency_keys (
    key text primary key,
    request_hash text not null,
    status integer not null,
    body text not null,
    created_at timestamptz(3) not null
  )`,
  'create index idempotency_keys_age on embedkeep.idempotency_keys (created_at)',
];

export const base = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};
