/** X, formerly Twitter. */
import { emptyBox } from '../../extract/empty-box.ts';
import type { Network } from '../../extract/network.ts';
import { claim, permalink, typed } from './address.ts';
import { readBlockquote, readClassless } from './blockquote.ts';
import {
  readCard,
  readOnebox,
  readQuill,
  readReactTweet,
  readRendered,
  readSubstack,
  readSubstackCard,
} from './cards.ts';
import { readDrawn, readSavedFrame } from './drawn.ts';
import {
  FILLED_ATTRIBUTES,
  FILLED_TAGS,
  ID_ATTRIBUTES,
  readCalls,
  readId,
  readIsland,
  TWEET_TAG_IDS,
  TWEET_TAGS,
} from './ids.ts';
import { CARD_CLASSES, readNamedCard } from './named-card.ts';
import { objects } from './objects.ts';
import { residue } from './residue.ts';
import { readBlackbirdPie, readBlackbirdPlugin, readForem, readGhostCard } from './static-cards.ts';

export const network: Network = {
  name: 'x',
  markers: [
    'twitter',
    'x.com',
    'tweet',
    'nitter.',
    'bbpbox',
    'xcancel.com',
    'fixvx.com',
    'fixupx.com',
    'twittpr.com',
  ],
  claim,
  typed,
  permalink: (ref, handle) => permalink(ref.postId, handle),
  ignore: [
    { tags: ['a', 'div', 'iframe'], classes: ['twitter-timeline', 'twitter-timeline-rendered'] },
    {
      tags: ['a'],
      classes: [
        'twitter-share-button',
        'twitter-follow-button',
        'twitter-mention-button',
        'twitter-hashtag-button',
      ],
    },
  ],
  elements: [
    { form: 'card', match: { attributes: ['data-attrs'] }, read: readSubstack },
    { form: 'card', match: { attributes: ['data-component-name'] }, read: readSubstackCard },
    { form: 'card', match: { tags: ['aside'], classes: ['twitterstatus'] }, read: readOnebox },
    { form: 'card', match: { classes: ['bbptweet'] }, read: readBlackbirdPie },
    { form: 'card', match: { classes: ['bbpbox'] }, read: readBlackbirdPlugin },
    {
      form: 'card',
      match: { classes: ['ltag__twitter-tweet', 'ltag__twitter-tweet__main'] },
      read: readForem,
    },
    {
      form: 'card',
      match: { tags: ['table', 'div'], classes: ['kg-twitter-card'] },
      read: readGhostCard,
    },
    { form: 'card', match: { tags: ['blockquote'], classes: ['tweet'] }, read: readRendered },
    { form: 'card', match: { tags: ['article'], attributes: ['data-testid'] }, read: readDrawn },
    { form: 'card', match: { tags: ['iframe'], attributes: ['srcdoc'] }, read: readSavedFrame },
    { form: 'card', match: { classes: ['tweet'] }, read: readCard },
    {
      form: 'card',
      match: { classes: ['quill-tweet'], attributes: ['data-tweet'] },
      read: readQuill,
    },
    {
      form: 'card',
      match: { classes: ['react-tweet-theme', 'subbuzz-tweet__container', 'social-embed-post'] },
      read: readReactTweet,
    },
    {
      form: 'blockquote',
      match: {
        tags: ['blockquote'],
        classes: ['twitter-tweet', 'nojs-tweet', 'twitter-video', 'tweet', 'twitter-tweet-quote'],
        attributes: ['data-twitter', 'data-tweetid', 'data-tweet-id', 'data-twitter-tweet-id'],
      },
      read: readBlockquote,
    },
    { form: 'card', match: { classes: CARD_CLASSES }, read: readNamedCard },
    { form: 'blockquote', match: { tags: ['blockquote'] }, read: readClassless },
    { form: 'amp', match: { tags: ['amp-twitter'] }, read: (c) => readId(c, ['data-tweetid']) },
    { form: 'attribute', match: { tags: ['embetty-tweet'] }, read: (c) => readId(c, ['status']) },
    { form: 'attribute', match: { tags: TWEET_TAGS }, read: (c) => readId(c, TWEET_TAG_IDS) },
    { form: 'attribute', match: { tags: ['astro-island'] }, read: readIsland },
    { form: 'iframe', match: { tags: ['iframe'] }, read: (c) => readId(c, ['data-tweet-id']) },
    {
      form: 'attribute',
      match: { attributes: ID_ATTRIBUTES },
      read: (c) => readId(c, ID_ATTRIBUTES),
    },
    {
      form: 'attribute',
      match: { tags: FILLED_TAGS, attributes: FILLED_ATTRIBUTES },
      read: (c) => readId(c, FILLED_ATTRIBUTES),
    },
    { form: 'script', match: { tags: ['script'], holds: 'createTweet' }, read: readCalls },
  ],
  placeholders: [
    {
      match: {
        tags: ['blockquote', 'div'],
        classes: ['twitter-tweet', 'twitter-tweet-rendered', 'twitter-video', 'nojs-tweet'],
      },
      reason: 'an element for a post without its id, text or author',
    },
    {
      match: { tags: ['iframe'], attributes: ['title'] },
      says: /\btitle=(?:"[^"]*|'[^']*)(?:\bon (?:Twitter|X)\b\s*:|Twitter Tweet["']|X Post["'])/i,
      reason: 'a frame that shows a post, without its id',
    },
    {
      match: { tags: ['iframe'], attributes: ['src', 'data-src'] },
      says: /platform\.(?:twitter|x)\.com(?:\/embed\/|%2Fwidgets\.js|%2Fembed)|[?&;]schema=twitter\b/i,
      reason: 'a frame that shows a post, without its id',
    },
    emptyBox('twitter', 'tweet'),
    { match: { tags: ['amp-twitter'] }, reason: 'an AMP component without the id of a post' },
  ],
  objects,
  residue,
};
