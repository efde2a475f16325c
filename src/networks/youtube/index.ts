/**
 * YouTube. Sources: the player parameters (developers.google.com/youtube/player_parameters), AMP's amp-youtube,
 * paulirish/lite-youtube-embed, heise's embetty, Substack's Youtube2ToDOM, WordPress's lazy players.
 * A frame shows neither author nor date; its title attribute is the page's, not the video's.
 */
import type { Candidate, Network, Post } from '../../extract/network.ts';
import { claim, typed } from './address.ts';

const ID = /^[\w-]{11}$/;

/** The first of these attributes that holds a video's id or address. */
const fromAttributes =
  (...names: readonly string[]) =>
  ({ root, claim: claimAddress }: Candidate): Post | null => {
    for (const name of names) {
      const text = root.attr(name)?.trim() ?? '';
      const ref = claimAddress(ID.test(text) ? `https://www.youtube.com/watch?v=${text}` : text);
      if (ref) return { ref };
    }
    return null;
  };

/** Attributes that name the network in themselves. */
const OWN = [
  'data-youtube-id',
  'data-youtubeid',
  'data-youtube-video-id',
  'data-youtube',
  'data-ytid',
  'data-yt-id',
];
/** Attributes that any player may have: the element must say that it is YouTube's. */
const ANY = [
  'data-videoid',
  'data-video-id',
  'data-id',
  'data-vid',
  'data-embed-id',
  'data-plyr-embed-id',
  'video-id',
  'videoid',
];
const SAYS_YOUTUBE = /youtube|(?:^|[\s"_-])yt[\s"_-]/i;

function placeholder(candidate: Candidate): Post | null {
  const { root } = candidate;
  const says = [
    'class',
    'type',
    'data-type',
    'data-embed-type',
    'data-embed',
    'data-provider',
    'data-service',
    'data-plyr-provider',
    'data-video-provider',
    'data-player',
    'provider',
  ]
    .map((name) => root.attr(name) ?? '')
    .join(' ');
  return SAYS_YOUTUBE.test(says) ? fromAttributes(...ANY)(candidate) : null;
}

export const network: Network = {
  name: 'youtube',
  markers: ['youtube', 'youtu.be', 'yewtu.be', 'invidious', 'invidio.us'],
  claim,
  typed,
  elements: [
    {
      form: 'amp',
      match: { tags: ['amp-youtube'], attributes: ['data-videoid'] },
      read: fromAttributes('data-videoid'),
    },
    {
      form: 'attribute',
      match: { tags: ['lite-youtube', 'youtube-video', 'youtube-embed', 'embetty-video'] },
      read: (candidate) =>
        candidate.element.name === 'embetty-video'
          ? placeholder(candidate)
          : fromAttributes('videoid', 'video-id', 'data-videoid', 'src')(candidate),
    },
    { form: 'attribute', match: { attributes: OWN }, read: fromAttributes(...OWN) },
    { form: 'attribute', match: { attributes: ANY }, read: placeholder },
  ],
  objects: [
    {
      // Substack's player.
      form: 'json',
      keys: ['videoId'],
      read: (object, tools) => {
        const id = object['videoId'];
        const ours = 'startTime' in object && 'endTime' in object;
        const ref =
          ours && typeof id === 'string' && ID.test(id)
            ? tools.claim(`https://www.youtube.com/watch?v=${id}`)
            : null;
        return ref && { ref };
      },
    },
  ],
};
