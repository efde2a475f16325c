/** The list of articles: what is in work, what waits, what went wrong. */
import type { ArticleFilter, ArticleRow, Page as Rows } from '../../reader.ts';
import { type Html, html } from '../html.ts';
import { RUN_STATES } from '../schemas.ts';
import { articlePath, instant, plural } from './format.ts';

export function articlesPage(articles: Rows<ArticleRow>, filter: ArticleFilter): Html {
  return html`<h1>Articles</h1>
${searchForm(filter)}
${
  articles.items.length > 0
    ? html`<ol class="rows">${articles.items.map(row)}</ol>`
    : html`<div class="empty"><p>${isFiltered(filter) ? 'No article matches.' : 'No article was ordered yet.'}</p>
${isFiltered(filter) ? html`<p class="soft"><a href="/articles">Show all</a></p>` : html`<pre>embedkeep add https://news.example/story</pre>`}</div>`
}
${pages(articles.next, filter)}`;
}

const isFiltered = ({ limit: _, ...filter }: ArticleFilter): boolean =>
  Object.keys(filter).length > 0;

const searchForm = ({
  host,
  state,
}: ArticleFilter): Html => html`<form class="search" action="/articles">
<label class="unseen" for="host">Host</label>
<input id="host" name="host" value="${host}" placeholder="Host, e.g. news.example" maxlength="255" autocapitalize="none">
<label class="unseen" for="state">State</label>
<select id="state" name="state">
<option value="">Any state</option>
${RUN_STATES.map((name) => html`<option${name === state && html` selected`}>${name}</option>`)}
</select>
<button>Filter</button>
</form>`;

const row = ({ id, url, title, run, captures }: ArticleRow): Html => html`<li>
<div><span class="tag ${run.state}">${run.state}</span> <a href="${articlePath(id)}"><bdi>${title ?? url}</bdi></a></div>
${title && html`<div class="soft small"><bdi>${url}</bdi></div>`}
<div class="soft small">ordered ${instant(run.acceptedAt)} · ${plural(captures, 'capture')}${
  run.failure && run.state !== 'done' && html` · <span class="mono">${run.failure.code}</span>`
}${run.state === 'waiting' && html` · ${run.waitReason ?? 'another attempt'}`}</div>
</li>`;

function pages(next: string | null, { cursor, ...filter }: ArticleFilter): Html | false {
  if (!(next || cursor)) return false;
  const address = (query: ArticleFilter): string =>
    `/articles?${new URLSearchParams(Object.entries(query).map(([k, v]): [string, string] => [k, String(v)]))}`;
  return html`<nav class="pages" aria-label="Pages">
<span>${cursor && html`<a href="${address(filter)}">Newest</a>`}</span>
<span>${next && html`<a rel="next" href="${address({ ...filter, cursor: next })}">Older articles</a>`}</span>
</nav>`;
}
