/**
 * Threads. Source: the embed code of threads.com (before 2025 threads.net) as published pages keep it, Meta's
 * "Embed a Threads post". The code shows no text, name or date.
 */
import { found, textOf } from '../../extract/fields.ts';
import { loneLink } from '../../extract/lone-link.ts';
import type { Candidate, Network, Post } from '../../extract/network.ts';
import { readHandle } from '../../normalise/handle.ts';
import { claim } from './address.ts';

const ELEMENT_ID = /^ig-tp-([\w-]{5,30})$/;
/** "Post by @user", where the code shows it. */
const POST_BY = /@([\w.]{1,30})\s*$/m;

function embedCode({ root, claim: claimAddress }: Candidate): Post | null {
  const code = ELEMENT_ID.exec(root.attr('id') ?? '')?.[1];
  const ref =
    claimAddress(root.attr('data-text-post-permalink')) ??
    claimAddress(root.find('a[href]').first().attr('href')) ??
    (code ? claimAddress(`https://www.threads.com/t/${code}`) : null);
  if (!ref) return null;
  const handle = readHandle('threads', POST_BY.exec(textOf(root))?.[1]);
  return { ref, handle: found(handle, 'attribution', root) };
}

export const network: Network = {
  name: 'threads',
  markers: ['threads.net', 'threads.com', 'threads.min', 'text-post-media'],
  claim,
  placeholders: [
    {
      match: { tags: ['blockquote', 'div'], classes: ['text-post-media'] },
      reason: 'an element for a post without its address',
    },
  ],
  elements: [
    {
      form: 'blockquote',
      match: { classes: ['text-post-media'], attributes: ['data-text-post-permalink'] },
      read: embedCode,
    },
    {
      // The class stripped by an editor: nothing but "View on Threads".
      form: 'blockquote-link',
      match: { tags: ['blockquote'] },
      read: (candidate) => {
        const ref = loneLink(candidate);
        return ref && { ref };
      },
    },
  ],
};
