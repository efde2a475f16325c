/**
 * ActivityPub servers, whatever the host. Sources: mastodon/mastodon (app/serializers/oembed_serializer.rb since 4.3;
 * the frame before), its API's Status entity (docs.joinmastodon.org/entities/Status), the embed frames of Misskey,
 * Pleroma, Pixelfed and PeerTube. The embed code shows no text, name or date.
 */
import { found, textOf } from '../../extract/fields.ts';
import type { Candidate, Network, Post } from '../../extract/network.ts';
import { readHandle } from '../../normalise/handle.ts';
import { cleanName } from '../../normalise/name.ts';
import { claim, claimFrame } from './address.ts';
import { objects } from './objects.ts';

/** "Post by @user@host". */
const POST_BY = /@([\w.-]{1,64}@[\w-]+(?:\.[\w-]+)+)/;

function embedCode({ root, claim: claimAddress }: Candidate): Post | null {
  const ref =
    claimAddress(root.attr('data-embed-url')) ??
    claimAddress(root.find('a[href]').first().attr('href'));
  if (!ref) return null;
  const handle = readHandle('mastodon', POST_BY.exec(textOf(root))?.[1]);
  return { ref, handle: found(handle, 'attribution', root) };
}

/** The card of a shortcode for static sites, copied from blog to blog since 2022; its parts are named by classes. */
function tootCard({ root, claim: claimAddress }: Candidate): Post | null {
  const date = root.find('.toot-date').first();
  const ref = claimAddress(root.attr('cite')) ?? claimAddress(date.attr('href'));
  if (!ref) return null;
  const name = root.find('.toot-author-name').first();
  const handle = root.find('.toot-author-handle').first();
  const text = root.find('.toot-body');
  return {
    ref,
    name: found(cleanName(textOf(name)), 'card author', name),
    handle: found(readHandle('mastodon', textOf(handle)), 'card handle', handle),
    date: found(textOf(date), 'card date', date),
    text: found(textOf(text), 'card text', text),
  };
}

/** The class says what the frame is, so that a number too short to tell by itself is taken too. */
function frame({ root, claim: claimAddress }: Candidate): Post | null {
  for (const name of ['src', 'data-src']) {
    const address = root.attr(name);
    const ref = claimAddress(address) ?? claimFrame(address ?? '');
    if (ref) return { ref };
  }
  return null;
}

/**
 * An address with a user in it, the slash as the page may have escaped it. The shapes without one are met where the
 * host, a class or an attribute names the software: a look for `notes/` or `videos/` in every page costs more than it finds.
 */
const ADDRESS =
  /@[\w.@-]{1,100}(?:\\?\/|%2F|\\u002F)(?:(?:posts|statuses)(?:\\?\/|%2F|\\u002F))?[0-9A-Z]{15,26}/;

/** The same as a parameter of another address. */
const ENCODED_ADDRESS = /%40[\w.%-]{1,100}(?:%2F|\/)[0-9A-Z]{15,26}/;

export const network: Network = {
  name: 'mastodon',
  markers: [
    'mastodon',
    'statuses',
    'misskey',
    'pleroma',
    'akkoma',
    'pixelfed',
    'peertube',
    'lemmy',
    'feddit',
    // PeerTube's frame says nothing of itself but what it may do.
    'allow-popups',
    ADDRESS,
    ENCODED_ADDRESS,
  ],
  claim,
  placeholders: [
    {
      match: { tags: ['blockquote', 'div'], classes: ['mastodon-embed'] },
      reason: 'an element for a post without its address',
    },
  ],
  elements: [
    {
      form: 'blockquote',
      match: { tags: ['blockquote'], classes: ['mastodon-embed'], attributes: ['data-embed-url'] },
      read: embedCode,
    },
    {
      form: 'card',
      match: { tags: ['blockquote'], classes: ['toot-blockquote'] },
      read: tootCard,
    },
    {
      form: 'iframe',
      match: {
        tags: ['iframe'],
        classes: ['mastodon-embed', 'pixelfed__embed'],
        attributes: ['data-misskey-embed-id'],
      },
      read: frame,
    },
    {
      form: 'iframe',
      match: { tags: ['iframe'], attributes: ['sandbox'] },
      read: ({ root, claim: claimAddress }) => {
        const ref = claimAddress(root.attr('src')) ?? claimAddress(root.attr('data-src'));
        return ref && { ref };
      },
    },
  ],
  objects,
};
