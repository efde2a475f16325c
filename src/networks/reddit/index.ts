/**
 * Reddit. Sources: the embed codes of reddit.com (`reddit-embed-bq` since 2023, `reddit-card` and `reddit-embed`
 * before), its frames on redditmedia.com and embed.reddit.com. The code shows the title and, since 2023, the author;
 * `data-card-created` is the time of embedding, not of the post.
 */
import type { Cheerio } from 'cheerio/slim';
import type { Element } from 'domhandler';
import { found, textOf } from '../../extract/fields.ts';
import type { Candidate, Network, Post } from '../../extract/network.ts';
import { readHandle } from '../../normalise/handle.ts';
import { claim } from './address.ts';

const BY_USER = /\bby\s?u\/([\w-]{3,20})/;
const USER = /reddit\.com\/(?:user|u)\/([\w-]{1,20})\/?(?:[?#]|$)/i;

function embedCode({ root, claim: claimAddress }: Candidate): Post | null {
  const links = root.find('a[href]').toArray();
  // The first link is the post; in the embed of a comment a second one leads to its thread.
  const link = links.find((a) => claimAddress(a.attribs['href']) !== null);
  const ref = claimAddress(link?.attribs['href']);
  if (!link || !ref) return null;
  const author = links.find((a) => USER.test(a.attribs['href'] ?? '') && a !== link);
  const handle = root.hasClass('reddit-card') ? null : authorOf(root, author);
  // A comment's link says "Comment" and nothing of what it says.
  const title = ref.commentId ? '' : textOf(link);
  return {
    ref,
    handle: found(handle, 'attribution', author),
    text: title === link.attribs['href'] ? null : found(title, 'title', link),
  };
}

/** The old cards name only the community: for a post on a profile that is its owner, but nobody says so. */
function authorOf(root: Cheerio<Element>, link: Element | undefined): string | null {
  const linked = USER.exec(link?.attribs['href'] ?? '')?.[1];
  return readHandle('reddit', linked ?? BY_USER.exec(textOf(root))?.[1]);
}

const OWN = /^(?:[\w-]{1,12}\.)?reddit\.com$/;
const SHARED = /^\/(?:r|u|user)\/[\w-]+\/s\/\w/;

export const network: Network = {
  name: 'reddit',
  markers: ['reddit', 'redd.it'],
  claim,
  // `/r/name/s/…`: share links of the app.
  opaque: ({ hostname, pathname }) => OWN.test(hostname) && SHARED.test(pathname),
  placeholders: [
    {
      match: { tags: ['blockquote'], classes: ['reddit-embed-bq', 'reddit-card'] },
      reason: 'an element for a post without its address',
    },
  ],
  elements: [
    {
      form: 'blockquote',
      match: { classes: ['reddit-embed-bq', 'reddit-card', 'reddit-embed'] },
      read: embedCode,
    },
  ],
};
