/**
 * Bluesky. Sources: bluesky-social/social-app (bskyembed/src/screens/landing.tsx, bskyweb/cmd/embedr/snippet.go),
 * the lexicon app.bsky.feed.post, Substack's BlueskyCreateBlueskyEmbed.
 */
import { emptyBox } from '../../extract/empty-box.ts';
import type { Network } from '../../extract/network.ts';
import { claim } from './address.ts';
import { readBareBlockquote, readEmbedCode } from './embed-code.ts';
import { objects } from './objects.ts';

export const network: Network = {
  name: 'bluesky',
  markers: ['bsky.', 'bluesky', 'bskx.app', 'deer.social'],
  claim,
  placeholders: [
    emptyBox('bluesky'),
    {
      match: { tags: ['blockquote', 'div'], classes: ['bluesky-embed'] },
      reason: 'an element for a post without its address',
    },
  ],
  elements: [
    {
      form: 'blockquote',
      match: { classes: ['bluesky-embed'], attributes: ['data-bluesky-uri'] },
      read: readEmbedCode,
    },
    { form: 'blockquote', match: { tags: ['blockquote'] }, read: readBareBlockquote },
  ],
  objects,
};
