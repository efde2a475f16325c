/** The tables of a backup as the checks read a store: row by row, in the order in which they were dumped. */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { Selectable } from 'kysely';
import { Ahead } from './ahead.ts';
import { TABLES } from './backup.ts';
import type { ChainHead } from './event-chain.ts';
import type { RunRow } from './run-row.ts';
import { DiskShelf } from './shelf.ts';
import type {
  ArticleTable,
  CaptureTable,
  ChainLinkTable,
  EventTable,
  HoldTable,
  PostTable,
  PostVersionTable,
  SightingTable,
} from './tables.ts';
import type { CaptureClaim } from './verify-captures.ts';
import type { KeptLink } from './verify-chain.ts';
import { articleClaim, captureClaim, holdClaim, runClaim } from './verify-rows.ts';
import { linesIn } from './verify-source.ts';
import { claimOf, type StoreView, sightingClaim } from './verify-store.ts';

async function* rowsOf<T>(dir: string, table: string): AsyncGenerator<T> {
  const input = createReadStream(join(dir, TABLES, `${table}.jsonl`));
  for await (const line of linesIn(input)) yield JSON.parse(line) as T;
}

/** As Postgres writes times into JSON, and as everybody else does. */
const time = (text: string): string => new Date(text).toISOString();

export const tablesView = (dir: string): StoreView => ({
  captures: () => captures(dir),
  async *sightings() {
    const named = await withNames(dir);
    try {
      for await (const row of rowsOf<Selectable<SightingTable>>(dir, 'sightings')) {
        const { post_id: post, capture_id: capture, parser } = row;
        const name = named.posts.get(String(post)) ?? null;
        const version = named.changes.get(`${capture} ${parser} ${post}`);
        const { changes = null, seen_at: changed_at = null } = version ?? {};
        yield sightingClaim({ ...row, name, changes, changed_at });
      }
    } finally {
      named.posts.close();
      named.changes.close();
    }
  },
  shown: {
    async *posts() {
      for await (const row of rowsOf<Selectable<PostTable>>(dir, 'posts')) yield claimOf(row);
    },
  },
  rows: {
    async *runs() {
      for await (const row of rowsOf<RunRow>(dir, 'runs')) yield runClaim(row);
    },
    async *articles() {
      for await (const row of rowsOf<Selectable<ArticleTable>>(dir, 'articles')) {
        yield articleClaim(row);
      }
    },
    async *holds() {
      for await (const row of rowsOf<Selectable<HoldTable>>(dir, 'holds')) yield holdClaim(row);
    },
  },
  links: (after) => links(dir, after),
  async head() {
    for await (const { links: n, events, hash } of rowsOf<ChainHead>(dir, 'chain_head')) {
      return { links: n, events, hash };
    }
    return { links: 0, events: 0, hash: '' };
  },
});

/** What a sighting's post is called, and what its version says, by their rows. */
async function withNames(dir: string) {
  const posts = new DiskShelf<string>();
  const changes = new DiskShelf<Pick<Selectable<PostVersionTable>, 'changes' | 'seen_at'>>();
  for await (const row of rowsOf<Selectable<PostTable>>(dir, 'posts')) {
    posts.set(String(row.id), `${row.platform}/${row.post_id}`);
  }
  for await (const row of rowsOf<Selectable<PostVersionTable>>(dir, 'post_versions')) {
    const { changes: changed, seen_at } = row;
    changes.set(`${row.capture_id} ${row.parser} ${row.post_id}`, { changes: changed, seen_at });
  }
  return { posts, changes };
}

async function* captures(dir: string): AsyncGenerator<CaptureClaim> {
  for await (const row of rowsOf<Selectable<CaptureTable>>(dir, 'captures')) {
    const { fetched_at, removed_at } = row;
    const times = { fetched_at: time(fetched_at), removed_at: removed_at && time(removed_at) };
    yield captureClaim({ ...row, ...times });
  }
}

async function* links(dir: string, after = 0): AsyncGenerator<KeptLink> {
  const events = new Ahead(rowsOf<EventTable>(dir, 'events'));
  for await (const { n, at, events: count, hash } of rowsOf<ChainLinkTable>(dir, 'chain_links')) {
    const rows = (await events.takeWhile((event) => event.link === n)).map((event) => ({
      body: event.body,
      columns: {
        seq: event.seq,
        kind: event.kind,
        at: time(event.at),
        articleId: event.article_id,
        runId: event.run_id,
        captureId: event.capture_id,
      },
    }));
    if (n > after) yield { n, at: time(at), events: count, hash, rows };
  }
}
