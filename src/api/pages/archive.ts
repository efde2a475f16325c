/** The front page: what was preserved, newest first, with a search box. */
import type { PostFilter, PostRow, Page as Rows } from '../../reader.ts';
import { type Html, html } from '../html.ts';
import { card } from './card.ts';
import { platformName, platformNames, plural, postPath } from './format.ts';

export function archivePage(posts: Rows<PostRow>, filter: PostFilter): Html {
  return html`<h1>${heading(filter)}</h1>
${searchForm(filter)}
${
  posts.items.length > 0
    ? posts.items.map((post) =>
        card(post, {
          href: postPath(post),
          footer: html`<span>in ${plural(post.articles, 'article')}</span>`,
        }),
      )
    : nothing(filter)
}
${pages(posts.next, filter)}`;
}

function heading({ q, platform, handle, articleHost }: PostFilter): Html {
  const limits = [
    q && html`matching “<bdi>${q}</bdi>”`,
    platform && html`on ${platformName(platform)}`,
    handle && html`by <bdi>${handle}</bdi>`,
    articleHost && html`in articles of <bdi>${articleHost}</bdi>`,
  ].filter((limit) => limit instanceof Object);
  if (limits.length === 0) return html`Preserved posts`;
  return html`Posts ${limits.map((limit, at) => html`${at > 0 && ', '}${limit}`)}`;
}

const searchForm = ({
  q,
  platform,
}: PostFilter): Html => html`<form class="search" role="search" action="/">
<label class="unseen" for="q">Search text and author</label>
<input id="q" name="q" type="search" value="${q}" placeholder="Search text and author" maxlength="500">
<label class="unseen" for="platform">Network</label>
<select id="platform" name="platform">
<option value="">All networks</option>
${platformNames.map(
  ([value, name]) =>
    html`<option value="${value}"${value === platform && html` selected`}>${name}</option>`,
)}
</select>
<button>Search</button>
</form>`;

function nothing({ cursor, limit: _, ...limits }: PostFilter): Html {
  if (cursor) return html`<div class="empty"><p>There are no older posts.</p></div>`;
  if (Object.keys(limits).length > 0) {
    return html`<div class="empty"><p>Nothing preserved matches.</p>
<p class="soft">Try fewer words, another network, or <a href="/">look at everything</a>.</p></div>`;
  }
  return html`<div class="empty"><p>Nothing is preserved yet.</p>
<p class="soft">Name an article that embeds posts; they appear here as soon as it was read.</p>
<pre>embedkeep add https://news.example/story</pre>
<p class="soft small">Work in progress and what went wrong: <a href="/articles">articles</a>.</p></div>`;
}

function pages(next: string | null, { cursor, ...filter }: PostFilter): Html | false {
  if (!(next || cursor)) return false;
  return html`<nav class="pages" aria-label="Pages">
<span>${cursor && html`<a href="${address(filter)}">Newest</a>`}</span>
<span>${next && html`<a rel="next" href="${address({ ...filter, cursor: next })}">Older posts</a>`}</span>
</nav>`;
}

function address(filter: PostFilter): string {
  const query = new URLSearchParams(
    Object.entries(filter).map(([name, value]): [string, string] => [name, String(value)]),
  );
  return query.size > 0 ? `/?${query}` : '/';
}
