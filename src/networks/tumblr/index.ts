/**
 * Tumblr. Source: the embed code of tumblr.com and its oEmbed (www.tumblr.com/docs/en/posts), a `div` whose
 * `data-href` names the frame and whose link is the post; the blog may live on a domain of its own.
 */
import type { Candidate, Network, Post, PostRef } from '../../extract/network.ts';
import { claim } from './address.ts';

function embedCode({ root, claim: claimAddress }: Candidate): Post | null {
  const framed = claimAddress(root.attr('data-href'));
  const address = root.find('a[href]').first().attr('href');
  const linked = claimAddress(address);
  if (!framed) return linked && { ref: linked };
  if (linked?.postId === framed.postId) return { ref: linked };
  return { ref: { ...framed, url: onOwnDomain(address, framed) } };
}

function onOwnDomain(address: string | undefined, ref: PostRef): string | null {
  const url = URL.parse(address?.trim() ?? '');
  const web = url?.protocol === 'https:' || url?.protocol === 'http:';
  return url && web && url.pathname.includes(`/post/${ref.postId}`) ? url.href : null;
}

export const network: Network = {
  name: 'tumblr',
  markers: ['tumblr'],
  claim,
  placeholders: [
    {
      match: { tags: ['blockquote', 'div'], classes: ['tumblr-post'] },
      reason: 'an element for a post without its address',
    },
  ],
  elements: [{ form: 'blockquote-link', match: { classes: ['tumblr-post'] }, read: embedCode }],
};
