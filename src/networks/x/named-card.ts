/**
 * Cards of sites' own making, `<div class="tweet-card">` with author, `@handle`, text and a link to the post each in an
 * element of its own. Nothing is certain of such names, so all three of handle, text and permalink must be there and agree.
 */
import type { Cheerio } from 'cheerio/slim';
import type { Element } from 'domhandler';
import { found, textOf } from '../../extract/fields.ts';
import type { Candidate, Post, PostRef } from '../../extract/network.ts';
import { mediaIn } from './media.ts';

export const CARD_CLASSES = [
  ...['tweet-card', 'tweet-embed', 'tweet-container', 'tweet-wrapper', 'tweet-box', 'tweet-block'],
  ...['tweet-preview', 'embedded-tweet', 'embed-tweet', 'static-tweet', 'twitter-embed', 'x-post'],
] as const;
const HANDLE = /^@(\w{1,20})$/;
const TEXT_CLASS = /(?:^|[\s_-])(?:text|body|content|message)(?:$|[\s_-])/i;
const SIGNED = /[(（]\s*@\w{1,20}\s*[)）]/;
const HAS_DIGIT = /\d/;
const MAX_ELEMENTS = 200;

export function readNamedCard(c: Candidate): Post | null {
  const all = c.root.find('*');
  // Around the official markup: that says more.
  if (all.length > MAX_ELEMENTS || SIGNED.test(textOf(c.root))) return null;
  const handle = all.filter((_, node) => HANDLE.test(textOf(node))).last();
  const shown = HANDLE.exec(textOf(handle))?.[1];
  const link = permalink(c);
  if (!shown || !link || !agrees(link.ref, shown)) return null;
  const body = textIn(c, all, handle);
  const text = textOf(body);
  if (text === '') return null;
  const date = dateIn(c, link.node);
  return {
    ref: link.ref,
    name: found(nameBefore(handle), 'card author', handle),
    handle: found(shown, 'card handle', handle),
    date: found(textOf(date), 'card date', date),
    text: found(text, 'card text', body),
    media: mediaIn(c, body.toArray(), text),
  };
}

const agrees = (ref: PostRef, handle: string): boolean =>
  ref.handle === null || ref.handle.toLowerCase() === handle.toLowerCase();

/** The post that every link to one leads to. */
function permalink(c: Candidate): { readonly ref: PostRef; readonly node: Element } | null {
  const links = c.root.find('a[href]').toArray();
  const claimed = links.flatMap((node) => {
    const ref = c.claim(node.attribs['href']);
    return ref && ref.kind !== 'action' ? [{ ref, node }] : [];
  });
  const last = claimed.at(-1);
  return last && claimed.every(({ ref }) => ref.postId === last.ref.postId) ? last : null;
}

/** What is called the text, or the first paragraph that does not hold the author. */
function textIn(c: Candidate, all: Cheerio<Element>, handle: Cheerio<Element>): Cheerio<Element> {
  const around = new Set(handle.parents().toArray());
  const free = all.filter((_, node) => !around.has(node) && node !== handle[0]);
  const named = free.filter((_, node) => TEXT_CLASS.test(c.$(node).attr('class') ?? '')).first();
  return named.length > 0 ? named : free.filter('p').first();
}

/** The element before the handle; links and line breaks may stand between. */
function nameBefore(handle: Cheerio<Element>): string | null {
  const name = textOf(handle.prevAll().not('br, img').first());
  return name === '' || name.startsWith('@') ? null : name;
}

function dateIn(c: Candidate, link: Element): Cheerio<Element> {
  const time = c.root.find('time').first();
  if (time.length > 0) return time;
  const label = textOf(link);
  return HAS_DIGIT.test(label) && !label.includes('/') ? c.$(link) : c.$([]);
}
