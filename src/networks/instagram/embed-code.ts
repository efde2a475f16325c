/**
 * Instagram's embed code, versions 4 (2013) to 14: caption in a paragraph of its own up to version 12, then a byline
 * with the date in `<time>`; since 13 only "View this post on Instagram" and the byline.
 */
import type { Cheerio } from 'cheerio/slim';
import { type Element, isText } from 'domhandler';
import { fold, found, textOf } from '../../extract/fields.ts';
import { loneLink } from '../../extract/lone-link.ts';
import type { Candidate, Found, Post, PostRef } from '../../extract/network.ts';
import { type Byline, readByline } from './attribution.ts';

/** The first version whose embed code never shows the caption. */
const WITHOUT_CAPTION = 13;
const PROFILE = /^https?:\/\/(?:www\.)?instagram\.com\/([\w.]{1,30})\/?(?:[?#].*)?$/i;
/** "View this post on Instagram" in any language: a short line with the name of the service. */
const CHROME = /instagram/i;
const LONGEST_CHROME = 70;

export function readEmbedCode(candidate: Candidate): Post | null {
  const { root } = candidate;
  const permalink = candidate.claim(root.attr('data-instgrm-permalink'));
  const ref = permalink ?? firstPost(candidate);
  return ref && readPost(candidate, ref);
}

/** A blockquote without the class: a byline, or nothing but the link, must show that it is an embed. */
export function readBareBlockquote(candidate: Candidate): Post | null {
  const only = loneLink(candidate);
  if (only && isChrome(textOf(candidate.root))) return { ref: only, form: 'blockquote-link' };
  const ref = firstPost(candidate);
  const post = ref && readPost(candidate, ref);
  return post?.handle ? post : null;
}

function firstPost({ root, claim }: Candidate): PostRef | null {
  for (const link of root.find('a[href]').toArray()) {
    const ref = claim(link.attribs['href']);
    if (ref) return ref;
  }
  return null;
}

function readPost({ $, root }: Candidate, ref: PostRef): Post {
  const paragraphs = root
    .find('p')
    .toArray()
    .map((element) => $(element));
  const line = bylineOf(paragraphs, root);
  const text = captionOf({ root, paragraphs: paragraphs.filter((p) => p[0] !== line?.where[0]) });
  const time = root.find('time').last();
  const byline = line?.byline;
  return {
    ref,
    name: found(byline?.name, 'attribution', line?.where),
    handle: found(byline?.handle, 'attribution', line?.where),
    datetime: found(time.attr('datetime'), 'time[datetime]', time),
    date: found(textOf(time), 'time', time) ?? found(byline?.date, 'attribution', line?.where),
    text,
    form: byline || text ? 'blockquote' : 'blockquote-link',
  };
}

interface Line {
  readonly byline: Byline;
  readonly where: Cheerio<Element>;
}

/** The byline's paragraph is the last that names an account; editors sometimes leave only its link. */
function bylineOf(paragraphs: readonly Cheerio<Element>[], root: Cheerio<Element>): Line | null {
  for (const where of [...paragraphs].reverse()) {
    const byline = bylineIn(where);
    if (byline) return { byline, where };
  }
  const link = root.find('a').last();
  const behind = link[0]?.next;
  const after = behind && isText(behind) ? textOf(behind) : '';
  const byline = paragraphs.length === 0 && link.length > 0 ? bylineIn(link, after) : null;
  return byline && { byline, where: link };
}

/** `after`: the bare text behind the link, which holds the date where nothing is a paragraph. */
function bylineIn(where: Cheerio<Element>, after = ''): Byline | null {
  const date = textOf(where.find('time'));
  const line = `${textOf(where)} ${after}`.trim();
  const byline = readByline(date && line.endsWith(date) ? line.slice(0, -date.length) : line);
  // Versions 9 to 12 link the name to the profile: nothing to guess.
  const profile = where
    .find('a')
    .filter((_, a) => PROFILE.test(a.attribs['href'] ?? ''))
    .last();
  const name = textOf(profile);
  return byline && name && !name.includes('@') ? { ...byline, name } : byline;
}

interface Captioned {
  readonly root: Cheerio<Element>;
  readonly paragraphs: readonly Cheerio<Element>[];
}

function captionOf({ root, paragraphs }: Captioned): Found<string> | null {
  const version = Number.parseInt(root.attr('data-instgrm-version') ?? '', 10);
  if (version >= WITHOUT_CAPTION) return null;
  const shown = paragraphs.filter((p) => !isChrome(textOf(p)));
  return found(fold(shown.map((p) => textOf(p)).join(' ')), 'caption', shown[0]);
}

const isChrome = (text: string): boolean => text.length <= LONGEST_CHROME && CHROME.test(text);
