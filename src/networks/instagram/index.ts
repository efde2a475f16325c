/**
 * Instagram. Sources: the embed code of instagram.com versions 4–14 as published pages keep it, Meta's oEmbed
 * documentation (developers.facebook.com/docs/instagram/oembed), AMP's amp-instagram, Substack's InstagramToDOM.
 */
import { emptyBox } from '../../extract/empty-box.ts';
import { fold, found } from '../../extract/fields.ts';
import type { Candidate, JsonObject, Network, Post, PostRef } from '../../extract/network.ts';
import { readHandle } from '../../normalise/handle.ts';
import { cleanName } from '../../normalise/name.ts';
import { claim, typed } from './address.ts';
import { readByline } from './attribution.ts';
import { readBareBlockquote, readEmbedCode } from './embed-code.ts';

const SAYS_INSTAGRAM = /instagram/i;
const SHORTCODE = /^[\w-]{5,60}$/;

/** A shortcode alone, as AMP and CMS placeholders carry it; some write the whole address. */
function byShortcode(code: string | undefined, claimAddress: Candidate['claim']): PostRef | null {
  const text = code?.trim() ?? '';
  return claimAddress(SHORTCODE.test(text) ? `https://www.instagram.com/p/${text}/` : text);
}

const fromAttribute =
  (name: string) =>
  ({ root, claim: claimAddress }: Candidate): Post | null => {
    const ref = byShortcode(root.attr(name), claimAddress);
    return ref && { ref };
  };

const ON_INSTAGRAM = /^(.{1,100}?) on Instagram(?:: ["“](.*))?$/su;
const WHOLE_QUOTE = /^(.*)["”]$/su;

/** Substack's `title`: the byline of the embed code, `NAME on Instagram: "CAPTION…"`, seldom the caption itself. */
function readTitle(title: string): { name: string | null; text: string | null } {
  const byline = readByline(title);
  if (byline) return { name: byline.name, text: null };
  const page = ON_INSTAGRAM.exec(title);
  if (!page) return { name: null, text: title };
  // A quotation that does not end was cut off.
  return { name: cleanName(page[1]), text: WHOLE_QUOTE.exec(page[2] ?? '')?.[1] ?? null };
}

function substack(object: JsonObject, claimAddress: Candidate['claim']): Post | null {
  const code = object['instagram_id'];
  const ref = typeof code === 'string' ? byShortcode(code, claimAddress) : null;
  if (!ref) return null;
  const { name, text } = readTitle(typeof object['title'] === 'string' ? object['title'] : '');
  const author = typeof object['author_name'] === 'string' ? object['author_name'] : null;
  const timestamp = object['timestamp'];
  return {
    ref,
    name: found(name, 'title'),
    handle: found(readHandle('instagram', author), 'author_name'),
    text: found(fold(text ?? ''), 'title'),
    datetime: found(typeof timestamp === 'string' ? timestamp : null, 'timestamp'),
  };
}

export const network: Network = {
  name: 'instagram',
  markers: ['instagr'],
  claim,
  typed,
  opaque: ({ hostname, pathname }) =>
    hostname.endsWith('instagram.com') && pathname.startsWith('/share/'),
  placeholders: [
    {
      match: {
        tags: ['blockquote', 'div'],
        classes: ['instagram-media', 'instagram-media-rendered'],
      },
      reason: 'an element for a post without its address',
    },
    emptyBox('instagram'),
    { match: { tags: ['amp-instagram'] }, reason: 'an AMP component without the code of a post' },
  ],
  elements: [
    {
      form: 'blockquote',
      match: {
        tags: ['blockquote', 'div'],
        classes: ['instagram-media'],
        attributes: ['data-instgrm-permalink', 'data-instgrm-version'],
      },
      read: readEmbedCode,
    },
    { form: 'blockquote', match: { tags: ['blockquote'] }, read: readBareBlockquote },
    {
      form: 'amp',
      match: { tags: ['amp-instagram'], attributes: ['data-shortcode'] },
      read: fromAttribute('data-shortcode'),
    },
    {
      form: 'attribute',
      match: { attributes: ['data-embed-id'] },
      read: (candidate) => {
        const { root } = candidate;
        const kind = `${root.attr('data-embed-type') ?? root.attr('data-embed') ?? root.attr('class') ?? ''}`;
        return SAYS_INSTAGRAM.test(kind) ? fromAttribute('data-embed-id')(candidate) : null;
      },
    },
    {
      // Consent managers name the service and keep the code beside it.
      form: 'attribute',
      match: { attributes: ['data-service', 'data-provider'] },
      read: ({ root }) => {
        const service = root.attr('data-service') ?? root.attr('data-provider') ?? '';
        const code = root.attr('data-id') ?? root.attr('data-shortcode') ?? '';
        const ref = SAYS_INSTAGRAM.test(service) ? typed.ref(code.trim(), 'code') : null;
        return ref && { ref };
      },
    },
    {
      form: 'attribute',
      match: { attributes: ['data-instagram-id', 'data-instagram-shortcode'] },
      read: (candidate) =>
        fromAttribute('data-instagram-id')(candidate) ??
        fromAttribute('data-instagram-shortcode')(candidate),
    },
  ],
  objects: [
    {
      form: 'json',
      keys: ['instagram_id'],
      read: (object, tools) => substack(object, tools.claim),
    },
  ],
  // Feeds that plugins put into sidebars and footers.
  ignore: [
    {
      classes: [
        'wpcom-instagram-images',
        'instagram-pics',
        'null-instagram-feed',
        'sbi',
        'sbi_item',
        'sb_instagram',
        'widget_wpcom_instagram_widget',
        'instagram-feed',
      ],
    },
  ],
};
