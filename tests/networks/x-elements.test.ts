/** Elements that are a post of X by an id alone, the names they bear; timelines and buttons, which are none. */
import { describe, expect, it } from 'vitest';
import { extract } from '../../src/extract/index.ts';
import { ADDRESS, answerOf, ID, unlike, words } from '../extract/answers.ts';

/** Of 2009: too short for any rule but those of these names. */
const OLD = '2104628571';

describe('an id of X', () => {
  it.each([
    [
      'in the attribute',
      'data-tweet-id data-tweetid data-twitter-tweet-id data-twitter-id data-tweet tweetid tweet-id tweet twitterid twitter-id data-twitterid data-tweet-status-id data-status-id',
      (name: string) => `<div class="twitter" ${name}="${OLD}"></div>`,
    ],
    [
      'in an attribute of anybody’s, where it is said of X',
      'data-embed-type data-embed data-type data-provider class data-network data-media data-service data-media-type',
      (name: string) => `<div ${name}="twitter" data-embed-id="${OLD}"></div>`,
    ],
    [
      'on a component',
      'tweet x-tweet tweet-embed embed-tweet twitter-tweet twitter-embed lite-tweet react-tweet',
      (tag: string) => `<${tag} id="${OLD}"></${tag}>`,
    ],
    [
      'in a component’s',
      'tweet-id tweetid data-tweet-id status-id status id :id url src',
      (name: string) => `<lite-tweet ${name}="${OLD}"></lite-tweet>`,
    ],
    [
      'as address in a component’s',
      'url src',
      (name: string) => `<lite-tweet ${name}="${ADDRESS}"></lite-tweet>`,
    ],
    [
      'in the properties of React',
      'tweetId tweet_id tweetID id',
      (key: string) => `<div class="tweet" data-react-props='{"${key}":"${OLD}"}'></div>`,
    ],
    [
      'in an island',
      'id tweetId tweet_id tweetID status',
      (key: string) =>
        `<astro-island component-export="Tweet" props='{"${key}":[0,"${ID}"]}'></astro-island>`,
    ],
    [
      'in an element’s own id',
      [
        ...['tweet', 'twitter'].map((word) => `${word}-${ID}`),
        ...words('embed embedded tweet post container wrapper id status card frame').map(
          (word) => `twitter_${word}-${ID}`,
        ),
        ...[`tweet${ID}`, `tweet-embed-card-frame_${ID}-2`],
      ],
      (id: string) => `<div id="${id}"></div>`,
    ],
    [
      'in the id of an element with its post’s address',
      [`xpost-${ID}`],
      (id: string) => `<div id="${id}" data-of="x.com"></div>`,
    ],
    [
      'in the id of an element to be filled',
      'div figure section span p blockquote',
      (tag: string) => `<${tag} class="my_tweet box" id="${ID}"></${tag}>`,
    ],
    [
      'in the id of a box of',
      'tweet twitter a-tweet twitter-b',
      (word: string) => `<div class="${word}" id="${ID}"></div>`,
    ],
    [
      'said of X by its letter',
      ['x'],
      (type: string) =>
        `<div data-embed-type="${type}" data-of="x.com" data-embed-id="${OLD}"></div>`,
    ],
    ['in AMP', ['data-tweetid'], (name: string) => `<amp-twitter ${name}="${OLD}"></amp-twitter>`],
    [
      'in embetty',
      ['status'],
      (name: string) => `<embetty-tweet ${name}="${OLD}"></embetty-tweet>`,
    ],
    [
      'in a call',
      [
        `twttr.widgets.createTweet("${OLD}", box)`,
        `createTweetEmbed( '${OLD}', box)`,
        `createTweet('x'); createTweet ("${OLD}")`,
      ],
      (call: string) => `<script>${call}</script>`,
    ],
  ])('%s', (_, list, make) => {
    expect(unlike('embed', list, make)).toEqual([]);
  });

  it.each([
    [
      'in an attribute of anybody’s',
      ['my-box'],
      (word: string) => `<div class="${word}" data-x="tweet" data-embed-id="${OLD}"></div>`,
    ],
    [
      'of another component',
      'my-box tweet-list-item',
      (tag: string) => `<${tag} tweet="x" id="${OLD}"></${tag}>`,
    ],
    [
      'in an island of something else',
      ['Chart'],
      (name: string) =>
        `<astro-island component-export="${name}" title="tweet" props='{"id":[0,"${ID}"]}'></astro-island>`,
    ],
    [
      'in an id that goes on',
      [`my-tweet-${ID}`, `tweet-of-${ID}`, `tweet-${ID}-a`, `tweet-${OLD}`],
      (id: string) => `<div id="${id}"></div>`,
    ],
    [
      'in the id of a box for something else',
      'tweeted retweets my-news',
      (word: string) => `<li class="${word} x" title="tweet" id="${ID}"></li>`,
    ],
    [
      'too long, or no number',
      ['12345678901234567890', 'a1', '12'],
      (id: string) => `<div data-tweet-id="${id}"></div>`,
    ],
    [
      'on a button',
      'share follow button btn icon timeline feed',
      (word: string) => `<div class="twitter-${word}" data-id="${ID}"></div>`,
    ],
  ])('not %s', (_, list, make) => {
    expect(unlike('', list, make)).toEqual([]);
  });

  it('not in the attributes that hold ids of anything, unless it is as long as today’s', () => {
    const names =
      'data-id data-post-id data-media-id data-external-id data-content-id data-resource-id';
    const box = (id: string) => (name: string) => `<div class="tweet-box" ${name}="${id}"></div>`;
    expect(unlike('embed', names, box(ID))).toEqual([]);
    expect(unlike('', names, box(OLD))).toEqual([]);
  });
});

describe('an address of X', () => {
  it('is found on mirrors, where nothing else names X', () => {
    const hosts =
      'nitter.net xcancel.com fixvx.com fxtwitter.com vxtwitter.com fixupx.com twittpr.com';
    const make = (host: string) => `<p>https://${host}/mara/status/${ID}</p>`;
    expect(unlike('embed', hosts, make)).toEqual([]);
  });

  it('is not that of a component’s own id, where its post has an attribute of its own', () => {
    const idOf = (name: string) =>
      extract(Buffer.from(`<lite-tweet id="12345" ${name}="${OLD}"></lite-tweet>`)).embeds[0]
        ?.postId;
    for (const name of words('tweet-id tweetid data-tweet-id status-id status'))
      expect(idOf(name), name).toBe(OLD);
  });
});

describe('what is no post of X', () => {
  const link = `<a href="${ADDRESS}">x</a>`;

  it.each([
    [
      'a timeline',
      'div iframe',
      (tag: string) => `<${tag} class="twitter-timeline"><p>${link}</p></${tag}>`,
    ],
    [
      'a timeline as drawn',
      ['div'],
      (tag: string) => `<${tag} class="twitter-timeline-rendered"><p>${link}</p></${tag}>`,
    ],
    [
      'a timeline’s link',
      ['a'],
      (tag: string) => `<${tag} class="twitter-timeline" href="${ADDRESS}">x</${tag}>`,
    ],
    [
      'a button',
      'share follow mention hashtag',
      (word: string) => `<a class="twitter-${word}-button" href="${ADDRESS}">x</a>`,
    ],
  ])('%s', (_, list, make) => {
    expect(unlike('', list, make)).toEqual([]);
  });

  it('but the same classes on other elements say nothing of what is in them', () => {
    expect(answerOf(`<p class="twitter-share-button">See ${link}.</p>`)).toBe('citation');
    expect(
      answerOf(`<section class="twitter-timeline-rendered"><p>See ${link}.</p></section>`),
    ).toBe('citation');
  });
});

describe('a place of X without a post is suspected', () => {
  it.each([
    [
      'an element without id, text or author',
      'twitter-tweet twitter-tweet-rendered twitter-video nojs-tweet',
      (word: string) => `<div class="${word}"></div>`,
    ],
    [
      'a quotation',
      'twitter-tweet twitter-video',
      (word: string) => `<blockquote class="${word}"></blockquote>`,
    ],
    [
      'a frame by its title',
      ['"Mara on Twitter: x"', "'Mara on X: x'", '"Twitter Tweet"', "'X Post'", '"X Post"'],
      (title: string) => `<iframe title=${title} src="https://frames.example/tweet"></iframe>`,
    ],
    [
      'a frame by its address',
      [
        'https://platform.twitter.com/embed/Tweet.html?theme=dark',
        'https://platform.x.com/embed/Tweet.html?theme=dark',
        'https://frames.example/?src=https%3A%2F%2Fplatform.twitter.com%2Fwidgets.js',
        'https://frames.example/?src=https%3A%2F%2Fplatform.x.com%2Fembed%2FTweet.html',
        'https://frames.example/?a=1&amp;schema=twitter',
      ],
      (address: string) => `<iframe src="${address}"></iframe>`,
    ],
    [
      'a lazy frame',
      ['data-src'],
      (name: string) => `<iframe ${name}="https://platform.twitter.com/embed/Tweet.html"></iframe>`,
    ],
    ['an AMP component', ['amp-twitter'], (tag: string) => `<${tag} width="1"></${tag}>`],
  ])('%s', (_, list, make) => {
    expect(unlike('suspected', list, make)).toEqual([]);
  });

  it.each([
    [
      'a frame by its title',
      ['"Twitter Tweet Button"', '"Tweets on Twitter"', '"X Posts"'],
      (title: string) => `<iframe title=${title} src="https://frames.example/tweet"></iframe>`,
    ],
    [
      'a frame of a button',
      [
        'https://platform.twitter.com/widgets/tweet_button.html',
        'https://frames.example/?schema=twitterish',
      ],
      (address: string) => `<iframe src="${address}"></iframe>`,
    ],
    ['another element', 'section p', (tag: string) => `<${tag} class="nojs-tweet"></${tag}>`],
  ])('not %s', (_, list, make) => {
    expect(unlike('', list, make)).toEqual([]);
  });
});
