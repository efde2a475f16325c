/**
 * Bluesky's embed code, in both spellings: the page of embed.bsky.app puts the handle alone in the profile link,
 * `&mdash; NAME (<a>@handle</a>) <a>DATE</a>`, the server's oEmbed name and handle, `&mdash; <a>NAME (@handle)</a>`,
 * with an ISO date. WordPress may wrap the byline in a paragraph of its own.
 */
import type { Cheerio } from 'cheerio/slim';
import type { AnyNode, Element } from 'domhandler';
import { fold, found, textOf } from '../../extract/fields.ts';
import type { Candidate, Found, Post, PostRef } from '../../extract/network.ts';
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
  const links = root.find('a[href]').toArray().reverse();
  return links.find((link) => claim(link.attribs['href']) !== null);
}

interface Located {
  readonly ref: PostRef;
  readonly dateLink: Element | undefined;
}

function readPost({ $, root }: Candidate, { ref, dateLink }: Located): Post {
  const profile = root
    .find('a[href]')
    .filter((_, link) => PROFILE.test(link.attribs['href'] ?? ''))
    .filter((_, link) => $(link).closest('p').length === 0 || isByline($(link).closest('p')))
    .last();
  const bylineParagraph = profile.closest('p');
  const paragraphs = root
    .find('p')
    .toArray()
    .filter((p) => p !== bylineParagraph[0]);
  const shown = textOf(paragraphs);
  const text = found(fold(shown.replace(MORE, '')), 'p', paragraphs[0]);
  const author = profile.length > 0 ? authorOf(profile) : null;
  const date = dateLink && dateOf($(dateLink), profile);
  const lang = $(paragraphs).filter('[lang]').first();
  return {
    ref,
    name: author && found(author.name, 'attribution', profile),
    handle: author && found(author.handle, 'attribution', profile),
    date: date ?? null,
    datetime: date && ISO.test(date.value) ? { ...date, rule: 'attribution[iso]' } : null,
    text,
    lang: found(lang.attr('lang')?.trim(), 'p[lang]', lang),
    form: author || text ? 'blockquote' : 'blockquote-link',
  };
}

const isByline = (paragraph: Cheerio<AnyNode>): boolean => LEADING.test(textOf(paragraph));

/** The date's link, unless it is the "[image or embed]" of a code without a byline. */
function dateOf(link: Cheerio<Element>, profile: Cheerio<Element>): Found<string> | null {
  const text = textOf(link);
  return profile.length > 0 && !MORE.test(text) ? found(text, 'attribution', link) : null;
}

function authorOf(profile: Cheerio<Element>): { name: string | null; handle: string | null } {
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
  return fold(parts.join(' '));
}
