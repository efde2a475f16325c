/**
 * TikTok. Sources: TikTok's oEmbed and embed player documentation (developers.tiktok.com/doc/embed-videos,
 * …/embed-player), AMP's amp-tiktok, Substack's TikTokCreateTikTokEmbed.
 * The embed code shows handle, caption and music; display name and date are not in it.
 */
import type { Cheerio } from 'cheerio/slim';
import type { AnyNode, Element } from 'domhandler';
import { emptyBox } from '../../extract/empty-box.ts';
import { fold, found, textOf } from '../../extract/fields.ts';
import type { Candidate, JsonObject, Network, Post, PostRef } from '../../extract/network.ts';
import { readHandle } from '../../normalise/handle.ts';
import { cleanName } from '../../normalise/name.ts';
import { claim, typed } from './address.ts';

const ID = /^\d{15,20}$/;
const MAX_LINKS = 200;
const ASIDE = /tiktok\.com\/(?:@[^/]+\/?(?:[?#]|$)|music\/)/i;
const PROFILE = /tiktok\.com\/@([\w.]{1,64})\/?(?:[?#]|$)/i;

function byId(text: string | undefined, claimAddress: Candidate['claim']): PostRef | null {
  const id = text?.trim() ?? '';
  return claimAddress(ID.test(id) ? `https://www.tiktok.com/@/video/${id}` : id);
}

/**
 * `<section><a title="@user">@user</a><p>CAPTION</p><a title="♬ …">♬ …</a></section>` from oEmbed; the site's own code has
 * no paragraph around the caption; often the section is empty.
 */
function embedCode({ $, root, claim: claimAddress }: Candidate): Post | null {
  // Creator and tag embeds carry no video: their address claims nothing and their id is empty.
  const ref =
    claimAddress(root.attr('cite')) ??
    byId(root.attr('data-video-id'), claimAddress) ??
    claimAddress(root.find('a[href*="/video/"]').first().attr('href'));
  if (!ref) return null;
  const paragraphs = root.find('p').filter((_, p) => isCaption($(p)));
  const captions = new Set<AnyNode>(paragraphs.toArray());
  const author = root
    .find('a')
    .slice(0, MAX_LINKS)
    .filter((_, a) => PROFILE.test(a.attribs['href'] ?? ''))
    // Somebody mentioned in the caption is not the author.
    .filter((_, a) => !captions.has($(a).closest('p')[0] ?? a))
    .first();
  const handle = readHandle('tiktok', PROFILE.exec(author.attr('href') ?? '')?.[1]);
  const section = root.find('section').first();
  const text =
    paragraphs.length > 0 ? captionIn(paragraphs, null) : captionIn(section, author[0] ?? null);
  return {
    ref,
    handle: found(handle, 'section', author),
    text: found(text, 'caption', paragraphs[0] ?? section),
    form: handle || text ? 'blockquote' : 'blockquote-link',
  };
}

const NOTE = /^\s*♬/;
const MUSIC = /tiktok\.com\/music\//i;

/** "View on TikTok" and its like: a short link to the video that names the service. */
const CHROME = /tiktok/i;
const VIDEO = /\/(?:video|photo)\/\d/;
const LONGEST_CHROME = 60;

function isAside(link: Element): boolean {
  const href = link.attribs['href'] ?? '';
  const label = textOf(link);
  if (MUSIC.test(href) || NOTE.test(label)) return true;
  return VIDEO.test(href) && label.length <= LONGEST_CHROME && CHROME.test(label);
}

/** The text but for the author's link, that of the music and those to the video itself. */
function captionIn(nodes: Cheerio<Element>, author: Element | null): string {
  const at = author === null ? -1 : nodes.find('a').index(author);
  const copy = nodes.clone();
  copy
    .find('a')
    .filter((i, a) => i === at || isAside(a))
    .remove();
  return textOf(copy);
}

/** WordPress wraps the author's and the music's link in paragraphs of their own. */
function isCaption(paragraph: Cheerio<Element>): boolean {
  const links = paragraph.find('a').toArray();
  const aside = links.some((a) => ASIDE.test(a.attribs['href'] ?? ''));
  return !(aside && links.length === 1 && textOf(links) === textOf(paragraph));
}

const string = (object: JsonObject, key: string): string | null => {
  const value = object[key];
  return typeof value === 'string' ? value : null;
};

/** The answer of TikTok's oEmbed, kept as it came. */
function oembed(object: JsonObject, claimAddress: Candidate['claim']): Post | null {
  const ref = byId(string(object, 'embed_product_id') ?? undefined, claimAddress);
  return (
    ref && {
      ref,
      name: found(cleanName(string(object, 'author_name')), 'author_name'),
      handle: found(readHandle('tiktok', string(object, 'author_unique_id')), 'author_unique_id'),
      text: found(fold(string(object, 'title') ?? ''), 'title'),
    }
  );
}

/** Substack keeps the address, the caption and the author's page. */
function substack(object: JsonObject, claimAddress: Candidate['claim']): Post | null {
  const ref = claimAddress(string(object, 'url') ?? undefined);
  if (!ref || string(object, 'thumbnail_url') === null) return null;
  const handle = PROFILE.exec(string(object, 'author_url') ?? '')?.[1];
  return {
    ref,
    handle: found(readHandle('tiktok', handle), 'author_url'),
    text: found(fold(string(object, 'title') ?? ''), 'title'),
  };
}

const SHORT_HOST = /^v[mt]\.tiktok\.com$/;
const SHORT_PATH = /^\/t\/\w/;

export const network: Network = {
  name: 'tiktok',
  markers: ['tiktok', 'tnktok.com'],
  claim,
  typed,
  opaque: ({ hostname, pathname }) =>
    SHORT_HOST.test(hostname) || (hostname.endsWith('tiktok.com') && SHORT_PATH.test(pathname)),
  placeholders: [
    emptyBox('tiktok'),
    {
      match: { tags: ['blockquote'], classes: ['tiktok-embed'] },
      // Embeds of creators and tags are no posts.
      says: /^(?![\s\S]*data-(?:unique-id|embed-type|tag-id))/i,
      reason: 'an element for a post without its id',
    },
  ],
  elements: [
    {
      form: 'blockquote',
      match: {
        tags: ['blockquote'],
        classes: ['tiktok-embed'],
        attributes: ['data-video-id', 'cite'],
      },
      read: embedCode,
    },
    {
      // Consent managers and lazy loaders name the service and keep the id beside it.
      form: 'attribute',
      match: { attributes: ['data-service', 'data-provider', 'data-embed-type'] },
      read: ({ root }) => {
        const service = ['data-service', 'data-provider', 'data-embed-type'].map((name) =>
          root.attr(name),
        );
        const ids = ['data-id', 'data-video-id', 'data-embed-id'].map((name) => root.attr(name));
        const said = service.some((value) => value !== undefined && typed.says.test(value));
        const id = said
          ? ids.find((value) => value !== undefined && typed.ref(value.trim()))
          : undefined;
        const ref = id === undefined ? null : typed.ref(id.trim());
        return ref && { ref };
      },
    },
    {
      form: 'amp',
      match: { tags: ['amp-tiktok'] },
      read: ({ root, claim: claimAddress }) => {
        const ref = byId(root.attr('data-src'), claimAddress);
        return ref && { ref };
      },
    },
  ],
  objects: [
    {
      form: 'json',
      keys: ['embed_product_id'],
      read: (object, tools) => oembed(object, tools.claim),
    },
    { form: 'json', keys: ['embed_url'], read: (object, tools) => substack(object, tools.claim) },
  ],
};
