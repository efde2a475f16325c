/** An element that says nothing but one link: "View this post on …", as scripts leave it for readers without them. */
import { isTag } from 'domhandler';
import { postKey } from '../post-key.ts';
import { textOf } from './fields.ts';
import type { Candidate, PostRef } from './network.ts';

/** A picture, a line and a button, each a link of its own. */
const MAX_LINKS = 5;

/** The post of the only linked address, where all the text of the element stands in that link; else null. */
export function loneLink({ root, claim }: Candidate): PostRef | null {
  const links = root.find('a[href]').toArray().filter(isTag);
  if (links.length > MAX_LINKS) return null;
  const [first] = links;
  const ref = first && claim(first.attribs['href']);
  if (!ref || links.some((link) => !isSamePost(ref, claim(link.attribs['href'])))) return null;
  const linked = links
    .map((link) => textOf(link))
    .join(' ')
    .trim();
  return textOf(root) === linked ? ref : null;
}

const isSamePost = (ref: PostRef, other: PostRef | null): boolean =>
  other !== null && postKey(other) === postKey(ref);
