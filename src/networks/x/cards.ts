/** Other markup that shows a post: Substack, Every, react-tweet, BuzzFeed, the BBC's picture fallback. */
import { found, textOf } from '../../extract/fields.ts';
import type { Candidate, Post } from '../../extract/network.ts';
import { toRef } from './address.ts';
import { readClassless } from './blockquote.ts';
import { mediaIn, mediaOfText } from './media.ts';
import { apiPost, substackPost } from './objects.ts';

const AT = /^@/;

/** Substack: everything in `data-attrs`. */
export function readSubstack(c: Candidate): Post | null {
  const attrs = jsonOf(c.element.attribs['data-attrs']);
  return (
    attrs &&
    substackPost(attrs, (address) => c.claim(typeof address === 'string' ? address : undefined))
  );
}

/** What the widget itself drew between 2013 and 2019, in pages saved from a browser: `<blockquote class="Tweet h-entry">`. */
export function readRendered(c: Candidate): Post | null {
  const text = c.root.find('.Tweet-text, .e-entry-title').first();
  const name = c.root.find('.TweetAuthor-name, .p-author .p-name').first();
  const handle = c.root.find('.TweetAuthor-screenName, .p-nickname').first();
  const time = c.root.find('time[datetime]').first();
  const ref =
    toRef(c.element.attribs['data-tweet-id'], null) ??
    c.claim(time.closest('a').attr('href')) ??
    c.claim(c.element.attribs['cite']);
  if (!ref || text.length + handle.length === 0) return null;
  const words = textOf(text);
  return {
    ref,
    name: found(name.attr('title') ?? textOf(name), 'card author', name),
    handle: found(textOf(handle).replace(AT, ''), 'card handle', handle),
    date: found(textOf(time), 'time', time),
    datetime: found(time.attr('datetime'), 'time[datetime]', time),
    text: found(words, 'card text', text),
    lang: found(text.attr('lang'), 'p[lang]', text),
    media: words === '' ? null : mediaIn(c, text.toArray(), words),
  };
}

const ON_X = /\s+(?:\(@\w{1,20}\)\s+)?on (?:X|Twitter)$/;

/** Discourse: `<aside class="onebox twitterstatus">` with name, handle, text and time. */
export function readOnebox(c: Candidate): Post | null {
  const ref = c.claim(c.element.attribs['data-onebox-src']) ?? refIn(c);
  if (!ref) return null;
  const name = c.root.find('h4').first();
  const handle = c.root.find('.twitter-screen-name').first();
  const text = c.root.find('.tweet').first();
  const date = c.root.find('.date').first().find('a, time').first();
  return {
    ref,
    name: handle.length > 0 ? found(textOf(name).replace(ON_X, ''), 'card author', name) : null,
    handle: found(textOf(handle).replace(AT, ''), 'card handle', handle),
    date: found(textOf(date), 'card date', date),
    text: found(textOf(text), 'card text', text),
    media: text.length > 0 ? mediaIn(c, text.toArray(), textOf(text)) : null,
  };
}

const COMPONENT = /^Twitter\d?ToDOM$/;
const SHOWN_HANDLE = /^@(\w{1,20})$/;
/** `3:17 PM · Sep 30, 2026`, not `40 Replies`. */
const SHOWN_TIME = /\d:\d\d.*\d{4}/;

/**
 * Substack's card since 2024: a link around header (name and handle in spans), text, pictures and footer. Its classes are
 * hashed, so the parts are told by what they hold.
 */
export function readSubstackCard(c: Candidate): Post | null {
  if (!COMPONENT.test(c.element.attribs['data-component-name'] ?? '')) return null;
  const ref = c.claim(c.root.attr('href')) ?? refIn(c);
  if (!ref) return null;
  const handle = spanOf(c, SHOWN_HANDLE);
  const header = c.root.find('.twitter-embed').first().children().first();
  const body = header.next().filter((_, node) => c.$(node).find('img, span').length === 0);
  const date = spanOf(c, SHOWN_TIME);
  const text = header.find('span').length > 0 ? textOf(body) : '';
  return {
    ref,
    name: found(textOf(handle.prev('span')), 'card author', handle.prev('span')),
    handle: found(textOf(handle).replace(AT, ''), 'card handle', handle),
    date: found(textOf(date), 'card date', date),
    text: found(text, 'card text', body),
    media: text === '' ? null : mediaIn(c, body.toArray(), text),
  };
}

const spanOf = (c: Candidate, shown: RegExp) =>
  c.root
    .find('span')
    .filter((_, span) => shown.test(textOf(span)))
    .first();

export function readQuill(c: Candidate): Post | null {
  const tweet = jsonOf(c.element.attribs['data-tweet']);
  const ref = c.claim(c.element.attribs['data-url']);
  const post = tweet && apiPost(tweet);
  return post ? { ...post, ref: post.ref ?? ref } : ref && { ref };
}

/** The e-mail and archive card of Substack, Reach's `div.tweet`, BuzzFeed: parts named by their classes. */
export function readCard(c: Candidate): Post | null {
  const author = c.root
    .find('.tweet-author-name, [class*="author-name"], [class*="display-name"]')
    .first();
  const handle = c.root
    .find('.tweet-author-handle, [class*="author-handle"], [class*="username"]')
    .first();
  const body = c.root.find('.tweet-text, [class*="tweet-text"], [class*="tweet__text"]').first();
  const date = c.root.find('.tweet-date, [class*="tweet-date"], [class*="created-at"]').first();
  const text = textOf(body);
  const ref = refIn(c);
  if (text === '' && !ref) return null;
  if (text === '' && author.length + handle.length === 0) {
    const [signed] = readClassless(c) ?? [];
    if (signed) return signed;
  }
  return {
    ref,
    name: found(textOf(author), 'card author', author),
    handle: found(textOf(handle).replace(AT, ''), 'card handle', handle),
    date: found(textOf(date), 'card date', date),
    text: found(text, 'card text', body),
    media: text === '' ? null : mediaIn(c, body.toArray(), text),
  };
}

/** Any element's `href` (Substack puts them on spans), or an address in the card's own attributes. */
function refIn(c: Candidate): Post['ref'] {
  for (const name of ['data-url', 'data-href', 'cite', 'data-tweet-url']) {
    const ref = c.claim(c.element.attribs[name]);
    if (ref) return ref;
  }
  for (const node of c.root.find('[href*="status"]').toArray()) {
    const ref = c.claim(node.attribs['href']);
    if (ref && ref.kind !== 'action') return ref;
  }
  return null;
}

export function readReactTweet(c: Candidate): Post | null {
  const time = c.root.find('time').first();
  const permalink = time.closest('a').attr('href') ?? time.find('a').attr('href');
  const ref = c.claim(permalink) ?? refIn(c);
  if (c.root.find('[data-alt^="Twitter post by"], img[alt^="Twitter post by"]').length > 0)
    return screenshot(c, ref);
  if (c.root.find('.subbuzz-tweet__text, [class*="tweet__text"]').length > 0) return readCard(c);
  if (!ref) return null;
  const text = c.root.find('p[lang]').first();
  const name = c.root.find('span[title]').first();
  const handle = c.root.find('span[title^="@"]').first();
  return {
    ref,
    name: found(name.attr('title'), 'span[title]', name),
    handle: found(handle.attr('title')?.replace(AT, ''), 'span[title]', handle),
    date: found(textOf(time), 'time', time),
    datetime: found(time.attr('datetime'), 'time[datetime]', time),
    text: found(textOf(text), 'p[lang]', text),
    lang: found(text.attr('lang'), 'p[lang]', text),
    media: null,
  };
}

const SCREENSHOT = /^Twitter post by @(\w{1,20}): ([\s\S]*)$/;

/** The BBC's picture of a post: handle and text are its alternative text. */
function screenshot(c: Candidate, ref: Post['ref']): Post | null {
  const image = c.root.find('[data-alt^="Twitter post by"], img[alt^="Twitter post by"]').first();
  const match = SCREENSHOT.exec(image.attr('data-alt') ?? image.attr('alt') ?? '');
  if (!match) return null;
  const text = (match[2] ?? '').trim();
  return {
    ref,
    form: 'screenshot',
    handle: found(match[1], 'alternative text', image),
    text: found(text, 'alternative text', image),
    media: text ? { value: mediaOfText(text), rule: 'alternative text', node: image[0] } : null,
  };
}

function jsonOf(value: string | undefined): Record<string, never> | null {
  if (!value) return null;
  try {
    const parsed: unknown = JSON.parse(value);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, never>) : null;
  } catch {
    return null;
  }
}
