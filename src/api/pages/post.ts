/** A post's page: the card, what each fact rests on, and the articles it was seen in. */
import type { CaptureRow, PostDetail, SightingRow } from '../../reader.ts';
import { type Content, type Html, html } from '../html.ts';
import { card } from './card.ts';
import { type Difference, differences } from './differences.ts';
import {
  articlePath,
  capturePath,
  datePedigree,
  instant,
  linkOut,
  platformName,
  plural,
  postPath,
} from './format.ts';

/** The newest sighting with its capture, and the very bytes of the page that hold the post. */
export interface Evidence {
  readonly sighting: SightingRow;
  readonly capture: CaptureRow | null;
  /** The slice as text; or why it cannot be shown. */
  readonly slice: { readonly text: string } | { readonly missing: string };
}

export function postPage({ post, sightings }: PostDetail, evidence: Evidence | null): Html {
  const { conflict, readings } = post.postedAt;
  return html`<h1 class="unseen">Post on ${platformName(post.platform)}</h1>
${card(post, {
  big: true,
  footer: html`<span>${linkOut(post.url, `original on ${platformName(post.platform)}`)}</span>`,
})}
${
  conflict &&
  html`<div class="note"><p><strong>The date is in conflict.</strong> ${conflict.reason}</p>
${readings.length > 0 && html`<p>Possible days: ${readings.join(', ')}</p>`}</div>`
}
<h2>What is known</h2>
<dl>
<dt>Post id</dt><dd class="mono">${post.postId.startsWith('~') ? 'none in any article' : html`<bdi>${post.postId}</bdi>`}</dd>
${post.commentId && html`<dt>Comment id</dt><dd class="mono"><bdi>${post.commentId}</bdi></dd>`}
<dt>Date</dt><dd>${datePedigree(post.postedAt) || 'unknown'}</dd>
<dt>First preserved</dt><dd>${instant(post.firstSeenAt)}</dd>
<dt>Last seen</dt><dd>${instant(post.lastSeenAt)}</dd>
</dl>
${evidence && provenance(evidence)}
${shownDifferently(differences(sightings))}
<h2>Seen in ${plural(post.articles, 'article')}</h2>
<ol class="rows">${sightings.slice(0, SHOWN).map(seenIn)}</ol>
${sightings.length > SHOWN && html`<p class="soft">${plural(sightings.length - SHOWN, 'older sighting')}: see the <a href="/v1${postPath(post)}">record as JSON</a>.</p>`}`;
}

const SHOWN = 100;

function shownDifferently(changes: readonly Difference[]): Content {
  if (changes.length === 0) return null;
  return html`<h2>Shown differently</h2>
<ol class="rows">${changes.slice(0, SHOWN).map(
    ({ seen, field, before, after }) => html`<li>
<div class="soft small">${field}, in <a href="${articlePath(seen.articleId)}"><bdi>${seen.articleTitle ?? seen.articleUrl}</bdi></a>, captured ${instant(seen.capturedAt)}</div>
<div dir="auto"><del><span class="unseen">before: </span>${before}</del></div>
<div dir="auto"><ins><span class="unseen">after: </span>${after}</ins></div>
</li>`,
  )}</ol>`;
}

const seenIn = (seen: SightingRow): Html => html`<li>
<div><a href="${articlePath(seen.articleId)}"><bdi>${seen.articleTitle ?? seen.articleUrl}</bdi></a></div>
<div class="soft small">${linkOut(seen.articleUrl)}</div>
<div class="soft small">captured ${instant(seen.capturedAt)} · ${form(seen)}</div>
</li>`;

const form = ({ embed }: SightingRow): string =>
  `${embed.role === 'citation' ? 'cited' : 'embedded'} as ${embed.form}, confidence ${embed.confidence}`;

function provenance({ sighting, capture, slice }: Evidence): Html {
  const { evidence, sources } = sighting.embed;
  const path = capturePath(sighting.captureId);
  return html`<h2>Provenance</h2>
<dl>
<dt>Captured</dt><dd>${instant(sighting.capturedAt, 's')}</dd>
<dt>From</dt><dd>${linkOut(capture?.finalUrl ?? sighting.articleUrl)}</dd>
${capture && html`<dt>SHA-256 of the page</dt><dd><span class="digest">${capture.stored.sha256}</span></dd>`}
<dt>Bytes</dt><dd>${
    evidence
      ? html`${evidence.start.toLocaleString('en')} to ${evidence.end.toLocaleString('en')}${capture && html` of ${capture.stored.size.toLocaleString('en')}`}${evidence.wrappers.length > 0 && html`, inside ${evidence.wrappers.join(', ')}`}`
      : 'not recorded'
  }</dd>
<dt>Found as</dt><dd>${form(sighting)}</dd>
<dt>Parser</dt><dd>version ${sighting.parser}</dd>
<dt>Records</dt><dd><a href="${path}">capture as JSON</a>${!capture?.removedAt && html` · <a href="${path}/body" download>page as it was received</a>`}</dd>
</dl>
${
  'text' in slice
    ? html`<details><summary>The bytes this post was read from</summary><pre dir="ltr">${slice.text}</pre></details>`
    : html`<p class="note bad">${slice.missing}</p>`
}
${fieldTable(sources)}`;
}

function fieldTable(sources: SightingRow['embed']['sources']): Content {
  const rows = Object.entries(sources);
  if (rows.length === 0) return null;
  return html`<details><summary>Where each field stands</summary>
<div class="scroll"><table>
<thead><tr><th scope="col">Field</th><th scope="col">Rule</th><th scope="col">Bytes</th><th scope="col">Remark</th></tr></thead>
<tbody>${rows.map(
    ([field, { rule, start, end, reason }]) =>
      html`<tr><td>${field}</td><td>${rule}</td><td>${start !== null && `${start}–${end}`}</td><td>${reason}</td></tr>`,
  )}</tbody></table></div></details>`;
}
