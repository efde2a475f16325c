/** Posts with their sightings, one after the other, in memory that neither the store nor a post seen everywhere makes grow. */
import { sql } from 'kysely';
import type { ExportedPost } from '../export-rows.ts';
import type { SightingRow } from '../reader.ts';
import {
  type Conditions,
  type ListRow,
  matching,
  type SeenRow,
  seen,
  toPost,
  toSighting,
} from './post-reader.ts';
import type { Db } from './tables.ts';

const POSTS = 200;
const SIGHTINGS = 500;

/** In the order in which they were first seen. */
export async function* exportPosts(db: Db, filter: Conditions): AsyncGenerator<ExportedPost> {
  for (let above = 0; ; ) {
    const posts = (await matching(db, filter)
      .where('p.id', '>', above)
      .orderBy('p.id')
      .limit(POSTS)
      .execute()) as ListRow[];
    yield* withSightings(db, posts);
    const last = posts.at(-1);
    if (posts.length < POSTS || !last) return;
    above = last.n;
  }
}

async function* withSightings(db: Db, posts: readonly ListRow[]): AsyncGenerator<ExportedPost> {
  const left = posts.values();
  let { value: row } = left.next();
  let sightings: SightingRow[] = [];
  for await (const page of sightingPages(
    db,
    posts.map(({ n }) => n),
  )) {
    for (const one of page) {
      for (; row && row.n !== one.post_id; row = left.next().value) {
        yield { post: toPost(row), sightings };
        sightings = [];
      }
      sightings.push(toSighting(one));
    }
    if (row && page.length === SIGHTINGS) {
      yield { post: toPost(row), sightings, goesOn: true };
      sightings = [];
    }
  }
  for (; row; row = left.next().value) {
    yield { post: toPost(row), sightings };
    sightings = [];
  }
}

/** Post by post, of each the newest first. */
async function* sightingPages(db: Db, posts: readonly number[]): AsyncGenerator<SeenRow[]> {
  if (posts.length === 0) return;
  let after = sql`true`;
  for (;;) {
    const rows = await seen(db)
      .select('s.id')
      .where(
        's.id',
        'in',
        sql<number>`(select s.id from embedkeep.sightings s
          where s.post_id = any(${posts}::bigint[]) and ${after}
          order by s.post_id, s.captured_at desc, s.id desc limit ${SIGHTINGS})`,
      )
      .orderBy('s.post_id')
      .orderBy('s.captured_at', 'desc')
      .orderBy('s.id', 'desc')
      .execute();
    yield rows;
    const last = rows.at(-1);
    if (rows.length < SIGHTINGS || !last) return;
    after = sql`(s.post_id > ${last.post_id} or s.post_id = ${last.post_id}
      and (s.captured_at, s.id) < (${last.captured_at}::timestamptz, ${last.id}::bigint))`;
  }
}
