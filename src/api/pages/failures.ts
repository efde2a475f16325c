/** What failed for good, by host, reason and shape of page, with buttons to try a group again or to give it up. */
import { errors } from '../../errors.ts';
import type { DeadGroup } from '../../reader.ts';
import { type Html, html } from '../html.ts';
import { articlePath, instant, plural } from './format.ts';

export const failuresPage = (groups: readonly DeadGroup[]): Html => html`<h1>Failures</h1>
${
  groups.length > 0
    ? html`<p class="soft">Articles that were given up, until somebody deals with them.</p><ol class="rows">${groups.map(row)}</ol>`
    : html`<div class="empty"><p>Nothing has failed for good.</p><p class="soft">What waits for another try is among the <a href="/articles">articles</a>.</p></div>`
}`;

function row({ host, code, shape, articles, kept, replay, ...group }: DeadGroup): Html {
  const { newest, message, articleId } = group;
  const named = shape === null ? {} : { shape };
  const list = new URLSearchParams({ state: 'failed', host, error: code, ...named });
  const chosen = new URLSearchParams({ host, code, ...named });
  const advice = Object.hasOwn(errors, code) ? errors[code as keyof typeof errors].advice : null;
  const those = html`<span class="unseen"> the ${plural(articles, 'article')} of ${host} with ${code}</span>`;
  const source = replay === 'bytes' && kept > 0 ? 'reads the kept page' : 'fetches again';
  return html`<li class="group"><div>
<div><a href="/articles?${list.toString()}"><bdi>${host}</bdi></a> <span class="tag failed mono">${code}</span>${shape && html` <span class="tag mono" title="Shape of the kept page">${shape}</span>`}</div>
<div>${plural(articles, 'article')}, the newest ${instant(newest)}: <a href="${articlePath(articleId)}"><bdi>${message}</bdi></a></div>
${advice && advice !== message && html`<div class="soft small">${advice}</div>`}
<div class="soft small">${kept > 0 ? html`The page is kept of ${kept === articles ? 'each' : kept}. ` : ''}Trying again ${source}.</div>
</div>
<div class="buttons"><form method="post" action="/failures/retry?${chosen.toString()}"><button>Try again${those}</button></form>
<form method="post" action="/failures/drop?${chosen.toString()}"><button class="quiet">Give up${those}</button></form></div>
</li>`;
}
