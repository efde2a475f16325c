/** The tables of a backup as the checks read a store: row by row, in the order in which they were dumped. */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { Selectable } from 'kysely';
import type { CaptureRow } from '../reader.ts';
import { Ahead } from './ahead.ts';
import { toCapture } from './article-reader.ts';
import { TABLES } from './backup.ts';
import type { ChainHead } from './event-chain.ts';
import type {
  CaptureTable,
  ChainLinkTable,
  EventTable,
  PostTable,
  SightingTable,
} from './tables.ts';
import type { KeptLink } from './verify-chain.ts';
import { linesIn } from './verify-source.ts';
import { claimOf, type StoreView } from './verify-store.ts';

async function* rowsOf<T>(dir: string, table: string): AsyncGenerator<T> {
  const input = createReadStream(join(dir, TABLES, `${table}.jsonl`));
  for await (const line of linesIn(input)) yield JSON.parse(line) as T;
}

/** As Postgres writes times into JSON, and as everybody else does. */
const time = (text: string): string => new Date(text).toISOString();

export const tablesView = (dir: string): StoreView => ({
  captures: () => captures(dir),
  async *sightings() {
    for await (const row of rowsOf<Selectable<SightingTable>>(dir, 'sightings')) {
      const { capture_id: captureId, parser, embed, post_id: post } = row;
      yield { captureId, parser, embed, post: String(post) };
    }
  },
  shown: {
    async *posts() {
      for await (const row of rowsOf<Selectable<PostTable>>(dir, 'posts')) yield claimOf(row);
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

async function* captures(dir: string): AsyncGenerator<CaptureRow> {
  for await (const row of rowsOf<Selectable<CaptureTable>>(dir, 'captures')) {
    const { fetched_at, removed_at } = row;
    const times = { fetched_at: time(fetched_at), removed_at: removed_at && time(removed_at) };
    yield toCapture({ ...row, ...times });
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
