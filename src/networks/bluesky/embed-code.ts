/**
 * Bluesky's embed code, in both spellings: the page of embed.bsky.app puts the handle alone in the profile link,
 * `&mdash; NAME (<a>@handle</a>) <a>DATE</a>`, the server's oEmbed name and handle, `&mdash; <a>NAME (@handle)</a>`,
 * with an ISO date. WordPress may wrap the byline in a paragraph of its own.
 */
import type { Cheerio } from 'cheerio/slim';
import { type AnyNode, type Element, hasChildren } from 'domhandler';
import { fold, found, textOf } from '../../extract/fields.ts';
import { loneLink } from '../../extract/lone-link.ts';
import type { Candidate, Post, PostRef } from '../../extract/network.ts';
import { readAttribution } from '../../normalise/attribution.ts';
import { readHandle } from '../../normalise/handle.ts';
import { cleanName } from '../../normalise/name.ts';
import { claimAtUri } from './address.ts';

const PROFILE = /^https?:\/\/(?:www\.)?bsky\.app\/profile\/([^/?#\s]+)\/?(?:[?#].*)?$/i;
const BRACKETS = /^(.*?)[\s]*[(（]\s*[@＠]([^()（）@\s]+)\s*[)）]?\s*$/su;
const BARE_HANDLE = /^[@＠]([^()（）@\s]+)$/u;
const LEADING = /^[\s>]*[—–―-]+\s*/u;
const TRAILING = /[\s([（]+$/u;
/** Where the post had more than text, the code says so in its own words. */
const MORE = /\s*\[image or embed\]\s*$/i;
/** A display name has at most 64 characters; a whole text before the link is no byline. */
const LONGEST_BYLINE = 300;
const MAX_LINKS = 200;
const ISO = /^\d{4}-\d\d-\d\dT/;

export function readEmbedCode(candidate: Candidate): Post | null {
  const { root } = candidate;
  const dateLink = lastPostLink(candidate);
  const ref =
    claimAtUri(root.attr('data-bluesky-uri') ?? '') ?? candidate.claim(dateLink?.attribs['href']);
  return ref && readPost(candidate, { ref, dateLink });
}

/** A blockquote whose class and attributes an editor has stripped: a byline must show that it was an embed. */
export function readBareBlockquote(candidate: Candidate): Post | null {
  const dateLink = lastPostLink(candidate);
  const ref = candidate.claim(dateLink?.attribs['href']);
  const post = ref && readPost(candidate, { ref, dateLink });
  return post?.handle && post.date ? post : null;
}

function lastPostLink({ root, claim }: Candidate): Element | undefined {
  const links = root.find('a[href]').slice(-MAX_LINKS).toArray().reverse();
  return links.find((link) => claim(link.attribs['href']) !== null);
}

interface Located {
  readonly ref: PostRef;
  readonly dateLink: Element | undefined;
}

function readPost(candidate: Candidate, { ref, dateLink }: Located): Post {
  const { $, root } = candidate;
  const profile = profileLink(candidate);
  const byline = profile.closest('p')[0];
  const paragraphs = root.find('p').filter((_, p) => p !== byline);
  const inText = byline !== undefined && !isByline(profile.closest('p'));
  const shown = inText
    ? textAbove(byline, profile[0])
    : paragraphs.length > 0
      ? textOf(paragraphs)
      : textWithoutParagraphs(profile[0]);
  const author = profile.length > 0 ? authorOf(profile) : plainAuthor(root, paragraphs);
  const lang = root.find('p[lang]').first();
  const date = author && dateLink ? datesOf($(dateLink)) : {};
  // "View on Bluesky": an element that says nothing but its own link shows no text of the post.
  const lone = author === null ? loneLink(candidate) : null;
  const text = lone ? '' : shown.replace(MORE, '').trim();
  return {
    ref: lone?.handle && ref.handle === null ? { ...ref, handle: lone.handle } : ref,
    name: author && found(author.name, 'attribution', profile),
    handle: author && found(author.handle, 'attribution', profile),
    ...date,
    text: found(text, 'p', paragraphs),
    lang: found(lang.attr('lang')?.trim(), 'p[lang]', lang),
    form: author || text ? 'blockquote' : 'blockquote-link',
  };
}

/** The author's: outside the post's text, or in the paragraph that WordPress made of the byline. */
function profileLink({ $, root }: Candidate): Cheerio<Element> {
  const links = root.find('a[href]').slice(-MAX_LINKS).toArray().reverse();
  const profile = links.find((link) => {
    if (!PROFILE.test(link.attribs['href'] ?? '')) return false;
    const paragraph = $(link).closest('p');
    return paragraph.length === 0 || isByline(paragraph) || SIGNS.test(textBefore(link));
  });
  return profile ? $(profile) : root.slice(0, 0);
}

/** Some editors leave only breaks: the text is all that stands before the byline. */
function textWithoutParagraphs(profile: Element | undefined): string {
  const before: AnyNode[] = [];
  let node = profile?.prev ?? null;
  while (node?.type === 'text') node = node.prev;
  for (; node; node = node.prev) before.unshift(node);
  return textOf(before);
}

/** Converters that drop end tags leave the byline in the text's own paragraph: the text ends at its dash. */
function textAbove(paragraph: AnyNode, profile: Element | undefined): string {
  const all: readonly AnyNode[] = hasChildren(paragraph) ? paragraph.children : [];
  const before = all.slice(0, profile ? all.indexOf(profile) : 0);
  return textOf(before).replace(SIGNATURE, '');
}
/** `… — NAME (` in front of the profile's link. */
const SIGNS = /[—–―][^—–―]{0,140}[(（]$/u;
const SIGNATURE = /\s*[—–―][^—–―]{0,140}[(（]\s*$/u;

interface Author {
  readonly name: string | null;
  readonly handle: string | null;
}

/** The byline without a link to the profile: `— NAME (@handle)`. */
function plainAuthor(root: Cheerio<Element>, paragraphs: Cheerio<Element>): Author | null {
  const rest = root.clone();
  if (paragraphs.length > 0) rest.find('p').slice(0, paragraphs.length).remove();
  const line = textOf(rest);
  const read = LEADING.test(line) ? readAttribution(line) : null;
  const handle = readHandle('bluesky', read?.handle);
  return read && handle ? { name: read.name, handle } : null;
}

const isByline = (paragraph: Cheerio<AnyNode>): boolean => LEADING.test(textOf(paragraph));

/** The date's link, unless it is the "[image or embed]" of a code without a byline, or the handle of one without a date. */
function datesOf(link: Cheerio<Element>): Pick<Post, 'date' | 'datetime'> {
  const text = textOf(link);
  if (MORE.test(text) || text.includes('@')) return {};
  const time = link.find('time[datetime]');
  return {
    date: found(text, 'attribution', link),
    datetime: ISO.test(text)
      ? found(text, 'attribution[iso]', link)
      : found(time.attr('datetime'), 'time[datetime]', time),
  };
}

function authorOf(profile: Cheerio<Element>): Author {
  const inside = textOf(profile);
  const [, name, handle] = BRACKETS.exec(inside) ?? [];
  if (handle) return { name: cleanName(name), handle: readHandle('bluesky', handle) };
  const bare = BARE_HANDLE.exec(inside)?.[1];
  const before = textBefore(profile[0]).replace(LEADING, '').replace(TRAILING, '');
  return { name: cleanName(bare ? before : inside), handle: readHandle('bluesky', bare) };
}

/** The bare text between the last element and the profile's link. */
function textBefore(element: Element | undefined): string {
  const parts: string[] = [];
  for (let node: AnyNode | null = element?.prev ?? null; node?.type === 'text'; node = node.prev) {
    parts.unshift(textOf(node));
  }
  return fold(parts.join(' ')).slice(-LONGEST_BYLINE);
}
