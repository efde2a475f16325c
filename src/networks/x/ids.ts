/**
 * Placeholders that carry an id and nothing else: `data-tweet-id`, AMP, embetty, `data-embed-id`, React props, and the
 * element that `twttr.widgets.createTweet` is to fill: `<div class="tweet" id="1431…">`, `<div id="tweet-1431…">`.
 */
import type { Candidate, Post, PostRef } from '../../extract/network.ts';
import { toRef } from './address.ts';

const CALL = /createTweet(?:Embed)?\s*\(\s*["'](\d{5,19})["']/g;

/** `twttr.widgets.createTweet('1431…', element)`: the calls of a script, each a post. */
export function readCalls(c: Candidate): readonly Post[] {
  const ids = new Set([...c.root.text().matchAll(CALL)].map(([, id]) => id));
  return [...ids].flatMap((id) => {
    const ref = toRef(id, null);
    return ref ? [{ ref }] : [];
  });
}

const ISLAND_ID =
  /"(?:id|tweetId|tweet_id|tweetID|status)"\s*:\s*\[\s*0\s*,\s*"?(\d{14,19})"?\s*\]/;

/** Astro: the component's name and its properties in attributes, each value behind a number that says its kind. */
export function readIsland(c: Candidate): Post | null {
  const { attribs } = c.element;
  const named = `${attribs['component-export'] ?? ''} ${attribs['component-url'] ?? ''}`;
  const ref = SAYS.test(named) ? toRef(ISLAND_ID.exec(attribs['props'] ?? '')?.[1], null) : null;
  return ref && { ref };
}

/** The surest first. */
export const ID_ATTRIBUTES = [
  'data-tweet-id',
  'data-tweetid',
  'data-twitter-tweet-id',
  'data-twitter-id',
  'data-tweet',
  'tweetid',
  'tweet-id',
  'tweet',
  'twitterid',
  'twitter-id',
  'data-twitterid',
  'data-tweet-status-id',
  'data-status-id',
  'data-embed-id',
  'data-react-props',
] as const;

/** Components of sites' own making, whose `id` is the post's. */
export const TWEET_TAGS = [
  'tweet',
  'x-tweet',
  'tweet-embed',
  'embed-tweet',
  'twitter-tweet',
  'twitter-embed',
  'lite-tweet',
  'react-tweet',
] as const;
export const TWEET_TAG_IDS = [
  'tweet-id',
  'tweetid',
  'data-tweet-id',
  'status-id',
  'status',
  'id',
  ':id',
  'url',
  'src',
] as const;

/** On elements that a script fills; a list's items are a feed's. */
export const FILLED_TAGS = ['div', 'figure', 'section', 'span', 'p', 'blockquote'] as const;
export const FILLED_ATTRIBUTES = [
  'data-id',
  'data-post-id',
  'data-media-id',
  'data-external-id',
  'data-content-id',
  'data-resource-id',
  'id',
] as const;

const ID_IN_JSON = /"(?:tweetId|tweet_id|tweetID|id)"\s*:\s*"?(\d{5,19})"?/;
const SAYS = /\bx\b|twitter|tweet/i;
/** Timeline widgets have ids of 18 digits too; they never stand in these attributes. */
const LONG_ENOUGH = /^\d{5,19}$/;

export function readId(c: Candidate, attributes: readonly string[]): Post | null {
  for (const name of attributes) {
    const value = c.element.attribs[name]?.trim();
    if (!value) continue;
    const ref = refOf(c, name, value);
    if (!ref) continue;
    return { ref: richest(c, ref) };
  }
  return null;
}

/** The address of the same post, in a link inside or in another attribute, says the handle too. */
function richest(c: Candidate, ref: PostRef): PostRef {
  if (ref.handle) return ref;
  const addresses = [
    c.root.find('a[href*="/status"]').attr('href'),
    ...Object.values(c.element.attribs).filter((value) => value.includes('/status')),
  ];
  const refs = addresses.map((address) => c.claim(address));
  return refs.find((other) => other?.postId === ref.postId && other.handle) ?? ref;
}

function refOf(c: Candidate, name: string, value: string): PostRef | null {
  if (name === 'data-react-props') {
    return toRef(ID_IN_JSON.exec(value)?.[1], null);
  }
  if (name === 'data-embed-id' && !saysTwitter(c)) return null;
  if (ANYBODYS.has(name)) {
    const button = BUTTON.test(c.element.attribs['class'] ?? '');
    return !button && SNOWFLAKE.test(value) && saysTwitter(c) ? toRef(value, null) : null;
  }
  if (name === 'id') return ofElement(c, value);
  return LONG_ENOUGH.test(value) ? toRef(value, null) : c.claim(value);
}

/** Attributes that hold the id of anything: only a post's long number is one, where the element speaks of X. */
const ANYBODYS: ReadonlySet<string> = new Set(FILLED_ATTRIBUTES.filter((name) => name !== 'id'));
const BUTTON = /share|follow|button|btn|icon|timeline|feed/i;
const SNOWFLAKE = /^[1-9]\d{16,18}$/;
const NAMED_ID =
  /^(?:tweet|twitter|xpost)(?:[-_]?(?:embed|embedded|tweet|post|container|wrapper|id|status|card|frame)){0,3}[-_]?([1-9]\d{16,18})(?:[-_]\d{1,6})?$/i;
const COMPONENTS: ReadonlySet<string> = new Set(TWEET_TAGS);
const TWEET_CLASS = /(?:^|[\s_-])(?:tweet|twitter)(?:$|[\s_-])/i;

function ofElement(c: Candidate, value: string): PostRef | null {
  const named = NAMED_ID.exec(value)?.[1];
  if (named) return toRef(named, null);
  if (COMPONENTS.has(c.element.name)) return LONG_ENOUGH.test(value) ? toRef(value, null) : null;
  return SNOWFLAKE.test(value) && TWEET_CLASS.test(c.element.attribs['class'] ?? '')
    ? toRef(value, null)
    : null;
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
    attribs['data-media'],
    attribs['data-service'],
    attribs['data-media-type'],
  ];
  return said.some((value) => value !== undefined && SAYS.test(value));
}
