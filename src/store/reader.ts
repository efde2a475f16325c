/** Everything a reader may ask, in one object. */
import type { Reader } from '../reader.ts';
import { article, articles, capture, counts, run } from './article-reader.ts';
import { deadGroups } from './dead-letters.ts';
import { exportPosts } from './export-posts.ts';
import { post, posts } from './post-reader.ts';
import type { Db } from './tables.ts';

export function createReader(db: Db): Reader {
  return {
    articles: (filter) => articles(db, filter),
    article: (id) => article(db, id),
    run: (id) => run(db, id),
    capture: (id) => capture(db, id),
    posts: (filter) => posts(db, filter),
    post: (platform, postId) => post(db, { platform, postId }),
    exportPosts: (filter) => exportPosts(db, filter),
    counts: () => counts(db),
    deadGroups: (filter) => deadGroups(db, filter),
  };
}
