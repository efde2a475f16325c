/** Placeholders that carry an id and nothing else: `data-tweet-id`, AMP, embetty, `data-embed-id`, React props. */
import { found } from '../../extract/fields.ts';
import type { Candidate, Post, PostRef } from '../../extract/network.ts';
import { toRef } from './address.ts';

const ID_IN_JSON = /"(?:tweetId|tweet_id|tweetID|id)"\s*:\s*"?(\d{5,19})"?/;
const SAYS = /\b(?:twitter|tweet|x)\b|twitter|tweet/i;
/** Timeline widgets have ids of 18 digits too; they never stand in these attributes. */
const LONG_ENOUGH = /^\d{5,19}$/;

export function readId(c: Candidate, attributes: readonly string[]): Post | null {
  for (const name of attributes) {
    const value = c.element.attribs[name]?.trim();
    if (!value) continue;
    const ref = refOf(c, name, value);
    if (!ref) continue;
    const link = c.claim(c.root.find('a[href*="/status"]').attr('href'));
    const richer = link?.postId === ref.postId && link.handle ? link : ref;
    return { ref: richer, lang: found(null, name) };
  }
  return null;
}

function refOf(c: Candidate, name: string, value: string): PostRef | null {
  if (name === 'data-react-props') {
    return toRef(ID_IN_JSON.exec(value)?.[1], null);
  }
  if (name === 'data-embed-id' && !saysTwitter(c)) return null;
  return LONG_ENOUGH.test(value) ? toRef(value, null) : c.claim(value);
}

/** `data-embed-id` is any network's; class, type or provider must name this one. */
function saysTwitter(c: Candidate): boolean {
  const { attribs } = c.element;
  const said = [
    attribs['data-embed-type'],
    attribs['data-embed'],
    attribs['data-type'],
    attribs['data-provider'],
    attribs['class'],
    attribs['data-network'],
  ];
  return said.some((value) => value !== undefined && SAYS.test(value));
}
