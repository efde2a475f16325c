/** Data: which words say that an object is an embed. */
import { describe, expect, it } from 'vitest';
import { ADDRESS, answerOf, data, unlike } from './answers.ts';

const NETWORKS =
  'instagram facebook tiktok youtube bluesky mastodon threads telegram reddit linkedin pinterest tumblr';
describe('an address in data is an embed', () => {
  it.each([
    [
      'typed by a key that says what an object is',
      'type _type @type __typename subtype subType sub_type kind component componentName provider providerName provider_name providerNameSlug service resourceType elementType contentType model widget blockName element schema source embedType embed_type socialType network platform format',
      (key: string) => ({ [key]: 'a rich block', url: ADDRESS }),
    ],
    [
      'typed by a word',
      `embed tweet twitter social external bsky iframe rich ${NETWORKS}`,
      (type: string) => ({ type: `a ${type} block`, url: ADDRESS }),
    ],
    ['typed as a post of X', 'xpost x-post x_status', (type: string) => ({ type, url: ADDRESS })],
    [
      'under a key that says so',
      'embed tweet iframe htmlData mediaResource socialMedia social_media',
      (key: string) => ({ [`my${key}s`]: ADDRESS }),
    ],
    [
      'in an object under such a key, or above it',
      'embed tweet iframe',
      (key: string) => ({ [key]: { a: { url: ADDRESS } } }),
    ],
    [
      'under the key for an address of a network',
      `${NETWORKS.split(' ')
        .map((name) => `${name}Url`)
        .join(' ')} vkUrl xUrl twitterPostLink twitter_video_src x-status-href twitterUri`,
      (key: string) => ({ [key]: ADDRESS }),
    ],
    [
      'named under any key',
      `x x-post tweet twitter vk truth-social truthsocial embed oembed social social-media social_embed socialpost ${NETWORKS} ${NETWORKS.split(
        ' ',
      )
        .filter((name) =>
          'instagram facebook tiktok bluesky threads linkedin reddit'.includes(name),
        )
        .map((name) => `${name}-post`)
        .join(' ')} twitter_embed twittervideo`,
      (is: string) => ({ is, url: ADDRESS }),
    ],
  ])('%s', (_, list, make) => {
    expect(unlike('embed', list, (word) => data(make(word)))).toEqual([]);
  });

  it.each([
    ['no type, no key', { url: ADDRESS }],
    ['another key', { what: 'a rich block', url: ADDRESS }],
    ['another type', { type: 'paragraph', url: ADDRESS }],
    ['a sentence as type', { type: `On twitter ${'and so on '.repeat(8)}`, url: ADDRESS }],
    ['an object of its own between', { type: 'embed', a: { type: 'card', b: { url: ADDRESS } } }],
    ['too far above', { embed: { a: { b: { c: { url: ADDRESS } } } } }],
    ['a name that goes on', { is: 'twitter account', url: ADDRESS }],
    ['a key that goes on', { twitterUrlOfMara: ADDRESS }],
    ['a key that begins before', { ourTwitterUrl: ADDRESS }],
    ['a name that begins before', { is: 'our twitter', url: ADDRESS }],
    ['a link', { type: 'external-link', url: ADDRESS }],
    ['an external link', { type: 'externallink', url: ADDRESS }],
  ])('not: %s', (_, value) => {
    expect(answerOf(data(value))).toBe('');
  });

  it('typed two objects above, past an object typed as something else', () => {
    expect(answerOf(data({ type: 'embed', a: { type: 'card', url: ADDRESS } }))).toBe('embed');
    expect(answerOf(data({ type: 'embed', a: [{ url: ADDRESS }] }))).toBe('embed');
    expect(answerOf(data({ type: 'embed', a: { b: { url: ADDRESS } } }))).toBe('embed');
  });

  it('named under a key that only looks like a label', () => {
    expect(
      unlike('embed', 'context contentKind', (key) => data({ [key]: 'tweet', url: ADDRESS })),
    ).toEqual([]);
  });

  it('typed as a link of another kind', () => {
    const types = 'external-link-card an-external-link';
    expect(unlike('embed', types, (type) => data({ type, url: ADDRESS }))).toEqual([]);
  });

  it('of a network whose name says no more than that', () => {
    const url = 'https://vine.co/v/hBFP5LFKUnD';
    expect(answerOf(data({ type: 'vine', url }))).toBe('embed');
    expect(answerOf(data({ type: 'wine', url }))).toBe('');
  });

  it.each([
    [
      'a label is no type',
      'text label title alt caption content children anchor link_text linktext description',
      (key: string) => ({ [key]: 'tweet', url: ADDRESS }),
    ],
    [
      'an account, a button, a part of the page',
      'share follow sameAs profile account handle footer header navigation menu author byline person organization newsArticle theLink',
      (key: string) => ({ type: 'embed', [key]: ADDRESS }),
    ],
  ])('not: %s', (_, list, make) => {
    expect(unlike('', list, (word) => data(make(word)))).toEqual([]);
  });
});
