/**
 * Run with a small heap by small-heap.test.ts: `rows DIR` exports a store that would not fit, `bytes DIR CAPTURES` makes a WACZ
 * and verifies it and its store, `import DIR CAPTURES` takes one into an embedded store. Answers what came out as JSON.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sql } from 'kysely';
import { parquetOf } from '../../../src/export-parquet.ts';
import { csvOf, jsonlOf } from '../../../src/export-rows.ts';
import { createEraser } from '../../../src/store/archive/erase.ts';
import { openRepository } from '../../../src/store/archive/index.ts';
import { importFile, openStore, type Store } from '../../../src/store/index.ts';
import { verifyArchive } from '../../../src/store/verify.ts';
import { verifyWacz } from '../../../src/store/verify-wacz.ts';
import { warcsInDirectory } from '../../../src/store/verify-warcs.ts';
import { writeWacz } from '../../../src/store/wacz.ts';
import { tweet } from '../made.ts';
import { snapshotMade, WARC, writeWarc } from './made-large.ts';

const [what = '', dir = '', captures = '0'] = process.argv.slice(2);
const size = { captures: Number(captures), sightings: 4 };
const POSTS = 500;
/** Of the post that is everywhere. */
const SIGHTINGS = 5000;
const AT = '2026-01-02T03:04:05.698Z';

/** A post that is everywhere, and many that were seen once; each sighting has ten kilobytes. */
async function fill({ db }: Store): Promise<void> {
  const embed = JSON.stringify(tweet({ text: 'A word or two. '.repeat(650) }));
  const statements = [
    sql`insert into embedkeep.articles (id, url, host, accepted_at) values ('a', 'https://news.example/a', 'news.example', ${AT})`,
    sql`insert into embedkeep.runs (id, article_id, state, reason, priority, tags, refs, due_at, accepted_at)
      values ('r', 'a', 'done', 'first', 10, '{}', '{}', ${AT}, ${AT})`,
    sql`insert into embedkeep.captures (id, article_id, run_id, url, final_url, fetched_at, reason, status, location, blob_offset,
        blob_length, sha256, raw_sha256, size, revisit, robots_rule, hops, suspected, embeds, new_posts)
      values ('c', 'a', 'r', 'https://news.example/a', 'https://news.example/a', ${AT}, 'first', 200, 'w', 0, 0, 's', 's', 0, false,
        'Allow: /', '[]', '[]', 1, 1)`,
    sql`insert into embedkeep.posts (platform, post_id, handles, posted_at, media, form, confidence, first_seen_at, last_seen_at)
      select 'x', n::text, '{}', ${embed}::json->'postedAt', '[]', 'blockquote', 1, ${AT}, ${AT} from generate_series(1, ${POSTS}::int) n`,
    sql`insert into embedkeep.sightings (capture_id, post_id, article_id, article_host, parser, ordinal, role, captured_at, embed)
      select 'c', case when n <= ${SIGHTINGS} then 2 else n - ${SIGHTINGS} end, 'a', 'news.example', '1', n, 'embed', ${AT}, ${embed}::json
      from generate_series(1, ${SIGHTINGS + POSTS}::int) n`,
    sql`analyze embedkeep.sightings`,
  ];
  for (const statement of statements) await statement.execute(db);
}

async function measure(pieces: AsyncIterable<string | Uint8Array>) {
  let bytes = 0;
  let lines = 0;
  for await (const piece of pieces) {
    bytes += piece.length;
    if (typeof piece === 'string') lines += piece.endsWith('\n') ? 1 : 0;
  }
  return { bytes, lines };
}

async function rows(store: Store): Promise<unknown> {
  await fill(store);
  const posts = () => store.reader.exportPosts({});
  return {
    jsonl: await measure(jsonlOf(posts())),
    csv: await measure(csvOf(posts())),
    parquet: await measure(parquetOf(posts())),
  };
}

async function bytes(): Promise<{ file: string; answer: unknown }> {
  const warcDir = join(dir, 'from');
  await mkdir(warcDir);
  const snapshot = snapshotMade(size, await writeWarc(join(warcDir, WARC), size));
  const warcs = warcsInDirectory(warcDir);
  const file = join(dir, 'all.wacz');
  await writeWacz(file, { warcs, snapshot });
  const { captures: claims, sightings, links } = snapshot;
  if (!links) throw new Error('a whole store has links');
  const store = { captures: claims, sightings, links, head: () => Promise.resolve(snapshot.head) };
  const reports = [await verifyWacz(file), await verifyArchive({ warcs, store })];
  return { file, answer: reports.map(({ checked, findings }) => ({ checked, findings })) };
}

async function withStore<T>(use: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore({ dataDir: join(dir, 'store') });
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

async function take(): Promise<unknown> {
  const { file } = await bytes();
  return await withStore(async (store) => {
    const { href: url } = pathToFileURL(join(dir, 'store', 'warc'));
    const repository = await openRepository({ url });
    const erase = createEraser(url, store.world.now);
    try {
      return await importFile(file, { ...store.world, repository, erase });
    } finally {
      await repository.close();
    }
  });
}

const forms = {
  rows: () => withStore(rows),
  bytes: async () => (await bytes()).answer,
  import: take,
};
const form = forms[what as keyof typeof forms];
process.stdout.write(JSON.stringify(await form()));
