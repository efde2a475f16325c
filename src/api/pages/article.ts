/** An article's page: how its capture stands, why it waits, and the posts it showed. */

import { errors } from '../../errors.ts';
import type { Run } from '../../ledger.ts';
import type { Plan } from '../../plan.ts';
import type { ArticleDetail, CaptureRow } from '../../reader.ts';
import { type Content, type Html, html } from '../html.ts';
import { card } from './card.ts';
import { articlePath, capturePath, instant, linkOut, plural, postPath } from './format.ts';

export function articlePage({ article, runs, captures, embeds, plans }: ArticleDetail): Html {
  const [run] = runs;
  return html`<h1>${article.title ? html`<bdi>${article.title}</bdi>` : linkOut(article.url)}</h1>
${article.title && html`<p class="small">${linkOut(article.url)}</p>`}
${run && state(run, article.id)}
${plans.map(planned)}
<h2>${embeds.length > 0 ? `Posts in the latest capture (${embeds.length})` : 'Posts'}</h2>
${
  embeds.length > 0
    ? embeds.map((embed) =>
        card(embed, {
          ...(embed.postId && { href: postPath({ ...embed, postId: embed.postId }) }),
          footer: html`<span>${embed.role === 'citation' ? 'cited' : 'embedded'} as ${embed.form}</span>`,
        }),
      )
    : html`<p class="soft">${noPosts(captures)}</p>`
}
${captures.length > 0 && html`<h2>Captures</h2><ol class="rows">${captures.map(captured)}</ol>`}
${runs.length > 0 && html`<h2>Runs</h2>${runTable(runs)}`}
<p class="soft small">Article <span class="mono">${article.id}</span> · <a href="/v1/articles/${article.id}">as JSON</a></p>`;
}

const planned = ({ kind, target, spec, state: now, nextAt }: Plan): Html =>
  html`<p class="soft">${nextAt ? html`Next planned capture ${instant(nextAt, 's')}` : `Its plan is ${now}`}: <bdi>${spec}</bdi>${kind === 'tag' && html` (tag <bdi class="tag">${target}</bdi>)`}</p>`;

function noPosts([latest]: readonly CaptureRow[]): string {
  if (!latest) return 'Nothing was captured yet.';
  if (latest.parser === null) return 'The latest capture was kept as evidence, but not read.';
  return 'No embedded post was found in the latest capture.';
}

function state(run: Run, articleId: string): Html {
  return html`<p><span class="tag ${run.state}">${run.state}</span> ${explain(run)}</p>
${
  run.failure &&
  run.state !== 'done' &&
  html`<div class="note${run.state === 'failed' && ' bad'}">
<p><strong class="mono">${run.failure.code}</strong> <bdi>${run.failure.message}</bdi></p>
${advice(run.failure)}
${
  run.state === 'failed' &&
  html`<form method="post" action="${articlePath(articleId)}/retry"><button>Try again</button></form>`
}</div>`
}`;
}

function advice({ code, message }: NonNullable<Run['failure']>): Content {
  const known = Object.hasOwn(errors, code) ? errors[code].advice : null;
  return known && known !== message && html`<p class="soft small">${known}</p>`;
}

function explain({ state: now, nextAt, waitReason, attempts, finishedAt }: Run): Content {
  const tried = attempts > 0 && html`after ${plural(attempts, 'attempt')}`;
  const ended = html`${finishedAt && instant(finishedAt)} ${tried}`;
  const words: Readonly<Record<Run['state'], Content>> = {
    accepted: 'is in the queue.',
    running: html`is being worked on, attempt ${attempts}.`,
    waiting: html`until ${nextAt ? instant(nextAt, 's') : 'its next turn'}: <bdi>${waitReason ?? 'another attempt'}</bdi>`,
    done: ended,
    failed: ended,
    dropped: ended,
  };
  return words[now];
}

const captured = (capture: CaptureRow): Html => html`<li>
<div>${instant(capture.fetchedAt, 's')} · HTTP ${capture.status} · ${capture.stored.size.toLocaleString('en')} bytes${
  capture.stored.revisit && ' · unchanged'
}${capture.truncated && ` · cut (${capture.truncated})`}</div>
<div class="small soft">SHA-256 <span class="digest">${capture.stored.sha256}</span></div>
${capture.finalUrl !== capture.url && html`<div class="small soft">redirected to ${linkOut(capture.finalUrl)}</div>`}
<div class="small soft">robots.txt: ${capture.robotsRule}</div>
<div class="small"><a href="${capturePath(capture.id)}">as JSON</a> · ${
  capture.removedAt
    ? html`<span class="soft">bytes ${capture.expiredBy ? html`expired (<bdi>${capture.expiredBy}</bdi>)` : 'taken down'} ${instant(capture.removedAt)}</span>`
    : html`<a href="${capturePath(capture.id)}/body" download>page as received</a>`
}</div>
</li>`;

const runTable = (runs: readonly Run[]): Html => html`<div class="scroll"><table>
<thead><tr><th scope="col">Accepted</th><th scope="col">State</th><th scope="col">Attempts</th><th scope="col">Waits</th><th scope="col">Order</th></tr></thead>
<tbody>${runs.map(
  (run) => html`<tr><td>${instant(run.acceptedAt, 's')}</td>
<td><span class="tag ${run.state}">${run.state}</span> ${run.failure && html`<span class="mono">${run.failure.code}</span>`}</td>
<td>${run.attempts}</td><td>${run.waits}</td>
<td>${run.reason}, priority ${run.priority}${[...run.tags, ...run.references].map((tag) => html` <bdi class="tag">${tag}</bdi>`)}</td></tr>`,
)}</tbody></table></div>`;
