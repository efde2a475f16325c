/**
 * Posts drawn once by another program and kept as plain markup: Twitter's own Blackbird Pie (2010–2012) and the WordPress
 * plugins after it, Forem's liquid tag (dev.to), Ghost's e-mail card. Sources: the generators' code, pages that keep it.
 */
import type { Cheerio } from 'cheerio/slim';
import { type AnyNode, type Element, isTag } from 'domhandler';
import { found, textOf } from '../../extract/fields.ts';
import type { Candidate, Post, PostRef } from '../../extract/network.ts';
import { mediaIn } from './media.ts';

const AT = /^@/;
const SCREEN_NAME = /^@?\w{1,20}$/;

/** The first link that is a post's permalink; reply and retweet buttons are none. */
function permalinkIn(c: Candidate): { readonly ref: PostRef; readonly node: Element } | null {
  for (const node of c.root.find('a[href]').toArray()) {
    const ref = c.claim(node.attribs['href']);
    if (ref && ref.kind !== 'action') return { ref, node };
  }
  return null;
}

function bodyOf(c: Candidate, nodes: readonly AnyNode[]): Pick<Post, 'text' | 'media'> {
  const text = textOf(nodes);
  return text === ''
    ? {}
    : { text: found(text, 'card text', nodes[0]), media: mediaIn(c, nodes, text) };
}

/** `tweeted on January 16, 2011 9:33 pm`; `Sat Jul 09 10:09:39 +0000 2011`. */
const TWEETED_ON = /^tweeted on\s+/i;
const API_TIME = /^\w{3} \w{3} \d{1,2} \d\d:\d\d:\d\d [+-]\d{4} \d{4}$/;

/** `<p class="bbpTweet">text <span class="timestamp">…</span><span class="metadata">…</span></p>`. */
export function readBlackbirdPie(c: Candidate): Post | null {
  const link = permalinkIn(c);
  if (!link) return null;
  const meta = c.root.find('.timestamp, .metadata').toArray();
  const author = c.root.find('.author').first();
  const name = author.find('strong').first();
  const handle = textOf(author.contents().toArray().slice(-1));
  const title = c.$(link.node).attr('title') ?? '';
  return {
    ref: link.ref,
    name: found(textOf(name), 'card author', name),
    handle: SCREEN_NAME.test(handle) ? found(handle.replace(AT, ''), 'card handle', author) : null,
    datetime: API_TIME.test(title) ? found(title, 'a[title]', link.node) : null,
    ...bodyOf(
      c,
      c.element.children.filter((child) => !(isTag(child) && meta.includes(child))),
    ),
  };
}

/** The plugin's `<div id="bbpBox_1" class="bbpBox">`: text, actions, picture and author in elements of their own. */
export function readBlackbirdPlugin(c: Candidate): Post | null {
  if (c.root.find('.bbpTweet').length > 0) return null;
  const link = permalinkIn(c);
  if (!link) return null;
  const text = c.root.find('span').first();
  const handle = c.root
    .find('a[href*="screen_name="]')
    .filter((_, node) => SCREEN_NAME.test(textOf(node)))
    .first();
  const title = (c.$(link.node).attr('title') ?? '').replace(TWEETED_ON, '');
  return {
    ref: link.ref,
    name: found(textOf(handle.next('div')), 'card author', handle.next('div')),
    handle: found(textOf(handle).replace(AT, ''), 'card handle', handle),
    date: found(title, 'a[title]', link.node),
    ...bodyOf(c, text.toArray()),
  };
}

/** `<div class="ltag__twitter-tweet">` (a blockquote until 2019), its parts named by their classes. */
export function readForem(c: Candidate): Post | null {
  const part = (name: string): Cheerio<Element> =>
    c.root.find(`.ltag__twitter-tweet__${name}`).first();
  const ref =
    c.claim(c.element.attribs['data-url']) ?? c.claim(part('main').attr('data-url') ?? undefined);
  if (!ref) return null;
  const body = part('body');
  return {
    ref,
    name: found(textOf(part('full-name')), 'card author', part('full-name')),
    handle: found(textOf(part('username')).replace(AT, ''), 'card handle', part('username')),
    date: found(textOf(part('date')), 'card date', part('date')),
    ...bodyOf(c, body.toArray()),
  };
}

const HAS_HANDLE = /@(\w{1,20})\s*$/;
/** `14:50 • 28 Feb 2023`; not `38 likes • 10 retweets`. */
const SHOWN_TIME = /\d:\d\d.*\d{4}/;

/** Ghost's table for e-mails: every part is a link to the post; name and handle over the text, time and counts under it. */
export function readGhostCard(c: Candidate): Post | null {
  const links = c.root
    .find('a[href]')
    .toArray()
    .filter((node) => textOf(node) !== '');
  const refs = links.map((node) => c.claim(node.attribs['href']));
  const [ref] = refs;
  if (!ref || refs.some((other) => other?.postId !== ref.postId)) return null;
  const at = links.findIndex((node) => SHOWN_TIME.test(textOf(node)));
  const signed = links.findIndex((node) => HAS_HANDLE.test(textOf(node)));
  const head = signed >= 0 && signed < (at < 0 ? 2 : at - 1) ? links[signed] : undefined;
  const body = at > 0 ? links[at - 1] : undefined;
  const shown = head ? textOf(head) : '';
  return {
    ref,
    name: found(shown.replace(HAS_HANDLE, '').trim(), 'card author', head),
    handle: found(HAS_HANDLE.exec(shown)?.[1], 'card handle', head),
    date: found(at >= 0 ? textOf(links[at] as Element) : null, 'card date', links[at]),
    ...(body && body !== head ? bodyOf(c, [body]) : {}),
  };
}
