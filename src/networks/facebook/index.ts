/**
 * Facebook: posts, photos, videos, reels. Sources: the embedded post and video player documentation
 * (developers.facebook.com/docs/plugins), XFBML of the JavaScript SDK since version 2.3, AMP's amp-facebook,
 * plugin frames as stored pages keep them.
 */
import type { Network } from '../../extract/network.ts';
import { claim } from './address.ts';
import { readPlugin } from './plugin.ts';

const OWN = /^(?:[\w-]{1,12}\.)?(?:facebook|fb)\.com$/;
const SHARED = /^\/share\/(?:[prv]\/)?\w/;

export const network: Network = {
  name: 'facebook',
  markers: ['facebook.com', 'fb.com', 'fb.watch'],
  claim,
  elements: [
    {
      form: 'blockquote',
      match: { classes: ['fb-post', 'fb-video', 'fb-comment-embed'] },
      read: readPlugin,
    },
    { form: 'blockquote', match: { tags: ['fb:post', 'fb:video'] }, read: readPlugin },
    {
      form: 'amp',
      match: { tags: ['amp-facebook'] },
      read: (candidate) => {
        const ref = candidate.claim(candidate.root.attr('data-href'));
        return ref && { ref };
      },
    },
    {
      // What is left when an editor strips the outer element.
      form: 'blockquote',
      match: { tags: ['blockquote'], classes: ['fb-xfbml-parse-ignore'], attributes: ['cite'] },
      read: readPlugin,
    },
  ],
  placeholders: [
    {
      match: { classes: ['fb-post', 'fb-video'], tags: ['div', 'fb:post', 'fb:video'] },
      reason: 'an element for a post without its address',
    },
    {
      match: { tags: ['iframe'], attributes: ['src', 'data-src', 'data-lazy-src'] },
      says: /facebook\.com\/plugins\/(?:post|video)\.php/i,
      reason: 'a frame for a post whose address names none',
    },
    { match: { tags: ['amp-facebook'] }, reason: 'an AMP component without the address of a post' },
  ],
  opaque: ({ hostname, pathname }) =>
    hostname === 'fb.watch' || (OWN.test(hostname) && SHARED.test(pathname)),
  ignore: [
    {
      classes: [
        'fb-page',
        'fb-like',
        'fb-like-box',
        'fb-likebox',
        'fb-comments',
        'fb-comments-count',
        'fb-share-button',
        'fb-follow',
        'fb-send',
        'fb-save',
        'fb-group',
        'fb-activity',
        'fb-recommendations',
        'fb-facepile',
      ],
    },
    { tags: ['fb:like', 'fb:like-box', 'fb:comments', 'fb:share-button', 'fb:fan', 'fb:activity'] },
    { tags: ['amp-facebook-page', 'amp-facebook-like', 'amp-facebook-comments'] },
  ],
};
