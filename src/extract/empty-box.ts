/**
 * Boxes of a page's own making that its script fills: `<div class="tweet-embed" data-item="8213"></div>`. Told by a class
 * that names the network and an embed, and by holding nothing that a reader sees.
 */
import type { Network } from './network.ts';

type Placeholder = NonNullable<Network['placeholders']>[number];

/** `w`: the network's name, or what it calls a post. */
const named = (w: string): string[] => [
  ...[`${w}-embed`, `${w}_embed`, `${w}__embed`, `${w}-embedded`, `js-${w}-embed`, `${w}embed`],
  ...[`embed-${w}`, `embed_${w}`, `embed--${w}`, `embed__${w}`, `embedded-${w}`],
  ...[`social-embed-${w}`, `social-embed--${w}`, `article-embed--${w}`, `article__embed--${w}`],
  ...[`${w}-placeholder`, `${w}-post`, `${w}-container`, `is-provider-${w}`, `wp-block-embed-${w}`],
];

export const emptyBox = (...words: readonly string[]): Placeholder => ({
  match: {
    tags: ['div', 'figure', 'section', 'span', 'p'],
    classes: words.flatMap(named),
  },
  empty: true,
  reason: 'an empty box named for a post',
});

const MAX = 2000;
const NOTHING_TO_SEE =
  /^(?:\s|<!--[^>]{0,300}-->|<\/?(?:div|span|p|br|figure|figcaption|section|blockquote|script)\b[^>]*>)*$/i;

/** Whether the markup inside an element shows a reader nothing. */
export const holdsNothing = (inside: string): boolean =>
  inside.length < MAX && NOTHING_TO_SEE.test(inside);
