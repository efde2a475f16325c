/** What failed for good, by host and reason, with a button to try a group again. */
import { errors } from '../../errors.ts';
import type { DeadGroup } from '../../ledger.ts';
import { type Html, html } from '../html.ts';
import { articlePath, instant, plural } from './format.ts';

export const failuresPage = (groups: readonly DeadGroup[]): Html => html`<h1>Failures</h1>
${
  groups.length > 0
    ? html`<p class="soft">Articles that were given up, until somebody deals with them.</p><ol class="rows">${groups.map(row)}</ol>`
    : html`<div class="empty"><p>Nothing has failed for good.</p><p class="soft">What waits for another try is among the <a href="/articles">articles</a>.</p></div>`
}`;

function row({ host, code, articles, newest, message, articleId }: DeadGroup): Html {
  const list = new URLSearchParams({ state: 'failed', host, error: code });
  const group = new URLSearchParams({ host, code });
  const advice = Object.hasOwn(errors, code) ? errors[code as keyof typeof errors].advice : null;
  return html`<li class="group"><div>
<div><a href="/articles?${list.toString()}"><bdi>${host}</bdi></a> <span class="tag failed mono">${code}</span></div>
<div>${plural(articles, 'article')}, the newest ${instant(newest)}: <a href="${articlePath(articleId)}"><bdi>${message}</bdi></a></div>
${advice && advice !== message && html`<div class="soft small">${advice}</div>`}
</div>
<form method="post" action="/failures/retry?${group.toString()}"><button>Try again<span class="unseen"> the ${plural(articles, 'article')} of ${host} with ${code}</span></button></form>
</li>`;
}
