/** The preserved card: a post from its normalised fields alone, never from the page's markup. */
import type { Embed } from '../../embed.ts';
import { type Content, type Html, html } from '../html.ts';
import { linkOut, platformName, posted } from './format.ts';

type Shown = Pick<Embed, 'platform' | 'author' | 'postedAt' | 'lang' | 'text' | 'media' | 'form'>;

interface Around {
  /** Of the archive's own page of the post. */
  readonly href?: string;
  readonly big?: boolean;
  readonly footer?: Content;
}

const LANGUAGE = /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/;

/** Form of a post whose words a takedown took. */
const REMOVED = 'removed';

export function card(post: Shown, around: Around): Html {
  return post.form === REMOVED ? tombstone(post, around) : preserved(post, around);
}

const tombstone = (
  { platform }: Shown,
  { href, big }: Around,
): Html => html`<article class="card${big && ' big'}">
<header><span class="name soft">Taken down</span> <span class="tag platform">${platformName(platform)}</span></header>
<p class="text none">The words of this post were removed from the archive. That it was seen stays on record.</p>
${href && html`<footer><a href="${href}">record</a></footer>`}
</article>`;

function preserved(post: Shown, { href, big, footer }: Around): Html {
  const when = posted(post.postedAt, big);
  return html`<article class="card${big && ' big'}">
<header>
${name(post.author)}
<span class="tag platform">${platformName(post.platform)}</span>
</header>
${text(post)}
${pictures(post.media)}
<footer>
<span>${href ? html`<a href="${href}">${when}</a>` : when}</span>
${post.postedAt.conflict && html`<span class="tag conflict">date in conflict</span>`}
${footer}
</footer>
</article>`;
}

function name({ name: full, handle }: Embed['author']): Html {
  if (!(full || handle)) return html`<span class="name soft">Author unknown</span>`;
  return html`${full && html`<bdi class="name">${full}</bdi>`} ${
    handle && html`<bdi class="${full ? 'handle' : 'name'}">@${handle}</bdi>`
  }`;
}

function text({ text: words, lang }: Shown): Html {
  if (!words) return html`<p class="text none">The article did not carry this post’s text.</p>`;
  const language = lang && LANGUAGE.test(lang) ? html` lang="${lang}"` : '';
  return html`<p class="text" dir="auto"${language}>${words}</p>`;
}

const pictures = (media: Embed['media']): Content =>
  media.length > 0 &&
  html`<ul class="pics">${media.map(({ display, url }) => html`<li>${linkOut(url, display)}</li>`)}</ul>`;
