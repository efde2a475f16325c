/**
 * A store as of one link of its chain, without holding a transaction open: what came after that link is left out, so an
 * export of a working store is whole in itself. Everything comes in the order of the chain, so that whoever reads it again
 * can take link by link what belongs together; a page of captures is in memory at a time.
 */
import { sql } from 'kysely';
import { EmbedkeepError } from '../errors.ts';
import type { CaptureRow, PostRow } from '../reader.ts';
import { Ahead } from './ahead.ts';
import { toCapture } from './article-reader.ts';
import { type ChainHead, readChainHead } from './event-chain.ts';
import { postsByRow } from './post-reader.ts';
import { RowSet } from './row-set.ts';
import { articlesAsOf, captureAsOf, eventsSince, postsAsOf, runAsOf } from './snapshot-moment.ts';
import {
  anyOf,
  capturePages,
  capturesOf,
  idsOf,
  named,
  readings,
  type World,
} from './snapshot-pages.ts';
import type { Change, Db } from './tables.ts';
import type { KeptLink } from './verify-chain.ts';
import type { SightingClaim } from './verify-sightings.ts';
import { viewOf } from './verify-store.ts';

/** Columns as the database has them. */
export type Row = Readonly<Record<string, unknown>>;

export interface RunRecord {
  /** The link of the chain that brought it; absent where only a part of a store is exported. */
  readonly link?: number;
  readonly run: Row;
  readonly article: Row;
}
export type CaptureRecord = CaptureRow & {
  readonly link?: number;
  /** What the store keeps beside the documented fields. */
  readonly columns: Row;
};
export interface SightingRecord extends SightingClaim {
  /** The post's name in the store: its id, or `~` and a fingerprint. */
  readonly platform: string;
  readonly postId: string;
  readonly ordinal: number;
  /** What it showed of the post otherwise than before. */
  readonly changes?: readonly Change[];
}
export interface PostRecord {
  readonly post: PostRow;
  readonly columns: Row;
}

export interface Snapshot {
  readonly head: ChainHead;
  runs(): AsyncGenerator<RunRecord>;
  captures(): AsyncGenerator<CaptureRecord>;
  /** Grouped by capture, in the order of the captures. */
  sightings(): AsyncGenerator<SightingRecord>;
  /** Each before the first capture that shows it. */
  posts(): AsyncGenerator<PostRecord>;
  /** Null where only a part of the store is wanted: it is not told what lies beside it. */
  readonly links: (() => AsyncGenerator<KeptLink>) | null;
  /** @throws EmbedkeepError CONFLICT where a takedown or a reparse changed what lies before the link */
  assertUnchanged(): Promise<void>;
}

/** The whole store, or the captures that are wanted. */
export async function snapshotOf(db: Db, wanted: World['wanted'] = null): Promise<Snapshot> {
  const head = await readChainHead(db);
  const world = { db, head, wanted };
  return {
    head,
    runs: () => (wanted ? runsOfCaptures(world) : runs(world)),
    captures: () => captures(world),
    sightings: () => sightings(world),
    posts: () => posts(world),
    links: wanted
      ? null
      : async function* () {
          for await (const link of viewOf(db).links()) {
            if (link.n > head.links) return;
            yield link;
          }
        },
    assertUnchanged: () => assertUnchanged(world),
  };
}

/** A claim's token is a secret between worker and store; plans are settings and not part of a record. */
const NOT_EXPORTED = new Set(['token', 'plan_id', 'plan_due']);

async function rowsOf(db: Db, table: 'runs' | 'articles', ids: readonly string[]) {
  const { rows } = await sql<{ row: Row & { id: string; article_id: string } }>`
    select to_json(t) as row from ${sql.id('embedkeep', table)} t where id = ${anyOf(ids)}`.execute(
    db,
  );
  return new Map(rows.map(({ row }) => [row.id, row]));
}

async function* runRecords(
  world: World,
  page: readonly { id: string; link?: number }[],
): AsyncGenerator<RunRecord> {
  const found = await rowsOf(world.db, 'runs', idsOf(page));
  const named = [...new Set([...found.values()].map((run) => run.article_id))];
  const articles = await rowsOf(world.db, 'articles', named);
  const since = await eventsSince(world, named);
  const before = await articlesAsOf(world, since);
  for (const { id, link } of page) {
    const run = found.get(id);
    const article = articles.get(run?.article_id ?? '');
    if (!run || !article) continue;
    yield {
      ...(link !== undefined && { link }),
      run: without(runAsOf(run, since)),
      article: without({ ...article, ...before.get(article.id) }),
    };
  }
}

const without = (row: Row, names: ReadonlySet<string> = NOT_EXPORTED): Row =>
  Object.fromEntries(Object.entries(row).filter(([name]) => !names.has(name)));

/** Those that brought a capture stand with it, the others with the order. */
async function* runs(world: World): AsyncGenerator<RunRecord> {
  const others = new Ahead(runsWithoutCapture(world));
  for await (const record of runsOfCaptures(world)) {
    const { link = 0 } = record;
    yield* await others.takeWhile((other) => (other.link ?? 0) <= link);
    yield record;
  }
  for (let rest = await others.take(); rest !== null; rest = await others.take()) yield rest;
}

async function* runsWithoutCapture(world: World): AsyncGenerator<RunRecord> {
  for await (const page of named(world, 'run_id')) {
    for await (const record of runRecords(world, page)) {
      if (record.run['capture_id'] === null) yield record;
    }
  }
}

async function* runsOfCaptures(world: World): AsyncGenerator<RunRecord> {
  for await (const page of capturePages(world)) {
    const found = await capturesOf(world.db, page);
    const ids = found.map(({ row, link }) => ({
      id: row.run_id,
      ...(world.wanted ? {} : { link }),
    }));
    yield* runRecords(world, ids);
  }
}

/** Columns that a capture's documented fields say. */
export const CAPTURE_COLUMNS: ReadonlySet<string> = new Set(
  `id article_id run_id url final_url fetched_at reason status content_type charset location blob_offset
  blob_length sha256 raw_sha256 size revisit truncated robots_rule revisit_of hops article parser suspected
  removed_at expired_by body_location body_offset body_length`.split(/\s+/),
);

async function* captures(world: World): AsyncGenerator<CaptureRecord> {
  for await (const page of capturePages(world)) {
    const found = await capturesOf(world.db, page);
    const since = await eventsSince(
      world,
      found.map(({ row }) => row.article_id),
    );
    for (const { row: now, link } of found) {
      const row = captureAsOf(now, since);
      const columns = without(row as unknown as Row, CAPTURE_COLUMNS);
      yield { ...(world.wanted ? {} : { link }), ...toCapture(row), columns };
    }
  }
}

async function* sightings(world: World): AsyncGenerator<SightingRecord> {
  for await (const page of capturePages(world)) {
    const allowed = await readings(world, page);
    const rows = await world.db
      .selectFrom('sightings as s')
      .innerJoin('posts as p', 'p.id', 's.post_id')
      .leftJoin('post_versions as v', (join) =>
        join
          .onRef('v.post_id', '=', 's.post_id')
          .onRef('v.capture_id', '=', 's.capture_id')
          .onRef('v.parser', '=', 's.parser'),
      )
      .select(['s.capture_id', 's.parser', 's.ordinal', 's.embed'])
      .select(['p.platform', 'p.post_id as postId', 'v.changes'])
      .where('s.capture_id', '=', anyOf(idsOf(page)))
      .orderBy('s.id')
      .execute();
    const byCapture = Map.groupBy(rows, (row) => row.capture_id);
    for (const { id } of page) {
      for (const { capture_id: captureId, changes, ...row } of byCapture.get(id) ?? []) {
        if (!allowed.has(`${captureId} ${row.parser}`)) continue;
        yield { captureId, ...row, ...(changes && { changes }) };
      }
    }
  }
}

/** Columns that a post's documented fields say, and what is made of them. */
export const POST_COLUMNS: ReadonlySet<string> = new Set(
  `platform post_id url author_name author_handle posted_at posted_date lang text media form confidence
  first_seen_at last_seen_at removed_at search author_search`.split(/\s+/),
);

/** Of one capture in the order in which they were first kept. */
async function* posts(world: World): AsyncGenerator<PostRecord> {
  const done = new RowSet();
  for await (const page of capturePages(world)) {
    const allowed = await readings(world, page);
    const rows = await world.db
      .selectFrom('sightings')
      .select(['capture_id', 'parser', 'post_id'])
      .where('capture_id', '=', anyOf(idsOf(page)))
      .orderBy('post_id')
      .execute();
    const shown = rows.filter((row) => allowed.has(`${row.capture_id} ${row.parser}`));
    const byCapture = Map.groupBy(shown, (row) => row.capture_id);
    const fresh = page
      .flatMap(({ id }) => byCapture.get(id) ?? [])
      .flatMap(({ post_id }) => (done.add(post_id) ? [post_id] : []));
    const found = await postsByRow(world.db, fresh);
    const before = await postsAsOf(world, found);
    for (const id of fresh) {
      const one = found.get(id);
      if (!one) continue;
      const { post, row } = before.get(id) ?? one;
      yield { post, columns: without(row, POST_COLUMNS) };
    }
  }
}

async function assertUnchanged({ db, head }: World): Promise<void> {
  const changed = await db
    .selectFrom('events')
    .select('kind')
    .where('seq', '>', head.events)
    .where('kind', 'in', ['removed', 'expired', 'reparsed'])
    .limit(1)
    .executeTakeFirst();
  if (!changed) return;
  const what = changed.kind === 'reparsed' ? 'read again' : 'removed';
  throw new EmbedkeepError(
    'CONFLICT',
    `Captures were ${what} while they were exported; export again.`,
  );
}
