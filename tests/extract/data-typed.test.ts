/** Objects in data that name a post by a type and an id alone, and rows of React's that use a component: word by word. */
import { describe, expect, it } from 'vitest';
import { ADDRESS, answerOf, data, ID, unlike } from './answers.ts';

const OTHER = ADDRESS.replace(ID, '1431562348571234999');
const CODE = 'CabcDEF12_x';
const type = 'my tweet box';

describe('an object that says what it is, and an id', () => {
  it.each([
    [
      'under the key',
      'id id_str idStr tweet_id twitterId status-id postId embed_id externalId video_id socialId source_id xId shortcode short_code code value tweet status',
      (key: string) => ({ type, [key]: ID }),
    ],
    [
      'in an object inside',
      'attrs attributes data props params fields settings payload value options config model embed tweet post content',
      (key: string) => ({ type, [key]: { id: ID } }),
    ],
    [
      'named by any key with nothing but a name',
      'xpost x-post tweet twitter tweet-embed twitter_post twitterVideo',
      (what: string) => ({ what, id: ID, by: 'x.com' }),
    ],
    [
      'named by the key it stands under',
      'tweet tweetBox theTwitter',
      (key: string) => ({ [key]: { id: ID } }),
    ],
    [
      'with an address of something else',
      ['https://news.example/a'],
      (url: string) => ({ type, id: ID, url }),
    ],
    ['with the post’s own address, which wins', [OTHER], (url: string) => ({ type, id: ID, url })],
    ['far below an account', 'author', (key: string) => ({ [key]: [[[[{ type, id: ID }]]]] })],
    [
      'beside words that only begin like an account’s',
      'htmlId rawness myavatar',
      (key: string) => ({ type, id: ID, [key]: 'x' }),
    ],
  ])('%s', (_, list, make) => {
    expect(unlike('embed', list, (word) => data(make(word)))).toEqual([]);
  });

  it.each([
    ['of Instagram', { what: 'instagram', shortcode: CODE }],
    ['of Instagram, inside', { what: 'instagram-post', data: { shortcode: CODE } }],
    ['of TikTok', { what: 'tiktok', id: '7012345678901234567' }],
    ['of YouTube', { what: 'youtube-video', videoId: 'dQw4w9WgXcQ' }],
  ])('%s', (_, value) => {
    expect(answerOf(data(value))).toBe('embed');
  });

  it.each([
    [
      'an account, or more than an id',
      'html markup raw rawOembed raw_oembed oembed embedHtml embed_code followers followers_count account accountName username user_name screen_name profileImage avatar handle',
      (key: string) => ({ type, id: ID, [key]: 'x' }),
    ],
    [
      'of somebody, or a part of the page',
      'theAuthor byline profile account follow share sameAs same_as person contributor publisher organization organisation socials social social_link socialNetworks social_profiles socialAccount footer header menu',
      (key: string) => ({ [key]: { type, id: ID } }),
    ],
    ['a label', 'text label title alt caption', (key: string) => ({ [key]: 'tweet', id: ID })],
    ['a sentence', [`${'On a tweet. '.repeat(6)}`], (said: string) => ({ type: said, id: ID })],
    [
      'a name that goes on or begins before',
      ['tweets', 'retweet', 'twitter account'],
      (what: string) => ({ what, id: ID }),
    ],
    [
      'another key for the id',
      'ident parent_id idOfMine userId',
      (key: string) => ({ type, [key]: ID }),
    ],
    [
      'in another object',
      'user related_to props2 myprops',
      (key: string) => ({ type, [key]: { id: ID } }),
    ],
    ['a list under the key', 'tweetBoxes', (key: string) => ({ [key]: [{ id: ID }] })],
    ['another id', ['12', '210462857', 'x1431562348571234304'], (id: string) => ({ type, id })],
  ])('not %s', (_, list, make) => {
    expect(unlike('', list, (word) => data(make(word)))).toEqual([]);
  });
});

describe('an address in data of a network without ids of its own', () => {
  const address = 'https://www.reddit.com/r/ferries/comments/1abcde2/the_bridge/';
  it.each([
    ['as it is', address],
    ['with escaped slashes', address.replaceAll('/', '\\/')],
    ['percent-encoded', encodeURIComponent(address)],
    ['behind the address of a player', `/player?url=${address}`],
  ])('%s', (_, url) => {
    expect(answerOf(`<script>draw({"type":"embed","url":"${url}"})</script>`)).toBe('embed');
  });
});

describe('markup in a string, without an address', () => {
  it.each(['<', '\\u003c', '\\x3c', '&lt;', '%3c'])('escaped as %s', (lt) => {
    const escaped = (text: string) =>
      lt === '%3c' ? encodeURIComponent(text) : text.replaceAll('"', "'").replaceAll('<', lt);
    const post = escaped(
      '<blockquote class="twitter-tweet"><p>The ferry is back.</p>&mdash; Mara (@mara) August 28, 2021</blockquote>',
    );
    expect(answerOf(`<script>var page = {"a":"${post}"}</script>`)).toBe('embed');
  });
});

describe('a component that React’s rows name and use', () => {
  const row = (text: string) =>
    `<script>self.__next_f.push([1,${JSON.stringify(`${text}\n`)}])</script>`;
  const used = (properties: object) => row(`5:["$","$L2c",null,${JSON.stringify(properties)}]`);
  const named = (name: string) => row(`2c:I[1234,["11","static/c.js"],"${name}"]`);

  it.each([
    ['named for posts', 'TweetEmbed Tweet XPost', (name: string) => named(name) + used({ id: ID })],
    [
      'with the id under',
      'id postId code tweet theStatus video',
      (key: string) => named('TweetEmbed') + used({ a: 'b', [key]: ID }),
    ],
  ])('%s', (_, list, make) => {
    const told = (typeof list === 'string' ? list.split(' ') : list).filter(
      (name) => name !== 'XPost',
    );
    expect(unlike('embed', told, make)).toEqual([]);
  });

  it.each([
    [
      'named for something else',
      'Timeline Feed Share Button Follow Profile Provider Script Icon Link Count',
      (word: string) => named(`Tweet${word}`) + used({ id: ID }),
    ],
    ['named for no network', ['bbpboxEmbed'], (name: string) => named(name) + used({ id: ID })],
    [
      'with a name as long as a sentence',
      ['Tweet'.repeat(13)],
      (name: string) => named(name) + used({ id: ID }),
    ],
    [
      'used by another row',
      ['2d'],
      (other: string) => named('TweetEmbed') + used({ id: ID }).replace('2c', other),
    ],
    [
      'a module that is no component',
      ['TweetEmbed'],
      (name: string) => named(name).replace(':I[', ':H[') + used({ id: ID }),
    ],
    ['without an id', ['12'], (id: string) => named('TweetEmbed') + used({ id })],
    [
      'with an id under another key',
      ['theme'],
      (key: string) => named('TweetEmbed') + used({ [key]: ID }),
    ],
  ])('not %s', (_, list, make) => {
    expect(unlike('', list, make)).toEqual([]);
  });
});
