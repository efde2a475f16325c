/** What readers see of a small store, as far as every release must keep seeing it. */

import { readChainHead } from '../../src/store/event-chain.ts';
import type { Store } from '../../src/store/index.ts';

export async function summaryOf({ reader, db }: Store) {
  const { items } = await reader.articles({});
  const { items: posts } = await reader.posts({});
  return {
    head: await readChainHead(db),
    articles: items.map(({ url, title, captures, run }) => {
      const { state, reason, priority, tags, references, failure } = run;
      // A rebuilt store takes a run that was being worked on for one that waits for it.
      const known = state === 'running' ? 'accepted' : state;
      return {
        url,
        title,
        captures,
        run: { state: known, reason, priority, tags, references, failure },
      };
    }),
    posts: await Promise.all(
      posts.map(async (post) => {
        const detail = await reader.post(post.platform, post.postId);
        return {
          post,
          sightings: detail?.sightings.map(({ capturedAt, embed }) => ({ capturedAt, embed })),
        };
      }),
    ),
    searched: (await reader.posts({ q: 'stays closed' })).items.map((post) => post.postId),
    byHandle: (await reader.posts({ handle: '@JANE_ROE' })).items.map((post) => post.postId),
  };
}
