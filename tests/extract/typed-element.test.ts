/** Ids in attributes of elements that are named for a network: which names make them a post's. */
import { describe, expect, it } from 'vitest';
import { answerOf, ID, unlike, words } from './answers.ts';

const CODE = 'CabcDEF12_x';

describe('an id in an attribute of an element that is named for a network', () => {
  it.each([
    [
      'of the elements that scripts fill',
      'div figure section span p blockquote aside article my-box',
      (tag: string) => `<${tag} class="lazy-tweet" data-key="${ID}">x</${tag}>`,
    ],
    [
      'named in an attribute that says what it is',
      [
        ...words(
          'class id kind service platform network source media vendor module component name',
        ),
        ...words(
          'type provider provider-name widget embed embed-type embed-provider embed-service',
        ),
        ...words('embedname embed-name social social-type socialnetwork block role testid'),
        ...words('data-type data-kind data-provider data-platform data-testid'),
      ],
      (name: string) => `<div ${name}="my-tweet-box" data-key="${ID}"></div>`,
    ],
    [
      'named by the attribute with the id',
      'tweetkey data-tweet-key my-tweet-no',
      (name: string) => `<div ${name}="${ID}"></div>`,
    ],
    [
      'the id of a component',
      ['id'],
      (name: string) => `<my-tweet-box ${name}="${ID}"></my-tweet-box>`,
    ],
    [
      'today’s ids',
      '10000000000000000 1431562348571234304 1999999999999999999',
      (id: string) => `<div class="lazy-tweet" data-key=" ${id} "></div>`,
    ],
  ])('%s', (_, list, make) => {
    expect(unlike('embed', list, make)).toEqual([]);
  });

  it.each([
    [
      'of elements with ids of their own',
      'li img td main',
      (tag: string) => `<${tag} class="lazy-tweet" data-key="${ID}">x</${tag}>`,
    ],
    [
      'named in an attribute that says something else',
      'title data-title data-name-of typeof data-for embedded-in',
      (name: string) => `<div ${name}="my-tweet-box" data-key="${ID}"></div>`,
    ],
    [
      'ids of something else',
      'user account author profile owner creator my-widget list page article app pixel campaign track analytic adid ad-id my-ad client session time date stamp style share class parent reply conversation thread hash nonce uuid width height count'
        .split(' ')
        .map((word) => `data-${word}`),
      (name: string) => `<div class="lazy-tweet" ${name}="${ID}"></div>`,
    ],
    [
      'what says what it is holds no id',
      'data-source data-media name data-block',
      (name: string) => `<div class="lazy-tweet" ${name}="${ID}"></div>`,
    ],
    [
      'an element named for something else',
      'share follow button btn icon timeline feed profile account avatar counter login connect sign-in signin like-box likebox menu nav',
      (word: string) => `<div class="tweet-${word}" data-key="${ID}"></div>`,
    ],
    [
      'the id of an element of HTML’s own',
      ['id'],
      (name: string) => `<div class="lazy-tiktok" ${name}="7012345678901234567"></div>`,
    ],
    [
      'numbers that are no id of today',
      '143156234 1431562348571234 01431562348571234304 143156234857123430 x1431562348571234304 21474836480000000000'
        .split(' ')
        .filter((id) => id.length !== 18),
      (id: string) => `<div class="lazy-tweet" data-key="${id}"></div>`,
    ],
  ])('not: %s', (_, list, make) => {
    expect(unlike('', list, make)).toEqual([]);
  });

  it('of a network whose ids are letters, as long as they are and no longer', () => {
    const code = (value: string) => `<div class="lazy-instagram" data-video_code="${value}"></div>`;
    expect(answerOf(code(CODE))).toBe('embed');
    expect(answerOf(code('CabcDEF'))).toBe('');
    expect(answerOf(code(`C${'abcdEFG1'.repeat(3)}`))).toBe('');
  });

  it('beside the article it is none', () => {
    expect(
      answerOf(`</article><aside><div class="lazy-tweet" data-key="${ID}"></div></aside>`),
    ).toBe('');
  });
});
