/** The words and places that make a page suspected of a post it does not hold, one by one. */
import { describe, expect, it } from 'vitest';
import { extract } from '../../src/extract/index.ts';
import { networks } from '../../src/networks/index.ts';
import { ADDRESS, answerOf, unlike, words } from './answers.ts';
import { page } from './samples.ts';

const SERVICES = [
  'Twitter',
  'X',
  'Instagram',
  'Facebook',
  'TikTok',
  'Threads',
  'Bluesky',
  'Truth Social',
  'Telegram',
];
const empty = (line: string): string => `<p>${line}:</p><figure></figure>`;

describe('a lead-in before an empty place', () => {
  it.each([
    [
      'ends in a verb',
      'tweet tweets tweeted tweeting tweetet tweetete tweeté twitterte tuiteó',
      (word: string) => empty(`Of twitter, where she ${word}`),
    ],
    [
      'names the service',
      ['on', 'auf'].flatMap((on) => SERVICES.map((name) => `${on} ${name}`)),
      (words: string) => empty(`Of twitter fame, so she said ${words} today`),
    ],
    [
      'in another language',
      'auf bei sur en su no op på na',
      (on: string) => empty(`Dijo ${on} Twitter`),
    ],
  ])('%s', (_, list, make) => {
    const told = (typeof list === 'string' ? words(list) : list).filter((word) => word !== 'tuite');
    expect(unlike('suspected', told, make)).toEqual([]);
  });

  it.each([
    [
      'a figure, or a box named for a post',
      [
        '<figure class="x"> </figure>',
        ...words('embed tweet twitter social instagram oembed').map(
          (word) => `<div class="my-${word}-1"></div>`,
        ),
        ...words('div section span blockquote').map((tag) => `<${tag} id="embed"> </${tag}>`),
      ],
      (place: string) => place,
    ],
    [
      'behind what a reader does not see',
      [
        ...words('p div span section center strong em b i a script').map(
          (tag) => `<${tag}></${tag}>`,
        ),
        '<br>',
        ' \n',
        '<!-- ad -->',
      ],
      (before: string) => `${before}<figure></figure>`,
    ],
  ])('%s', (_, list, make) => {
    expect(unlike('suspected', list, (word) => `<p>She tweeted:</p>${make(word)}`)).toEqual([]);
  });

  it.each([
    [
      'no colon',
      ['She tweeted', 'She tweeted.', 'She tweeted: it is so'],
      (line: string) => `<p>${line}</p><figure></figure>`,
    ],
    [
      'a sentence between',
      ['She tweeted a lot. He said:', 'On Twitter! So it was:'],
      (line: string) => `<p>${line}</p><figure></figure>`,
    ],
    [
      'other words',
      ['They retweetedly say:', 'Tweeters:', 'The twitter:'],
      (line: string) => `<p>${line}</p><figure></figure>`,
    ],
    [
      'a place that is filled, or of something else',
      [
        '<figure><img src="a.jpg"></figure>',
        '<p>It is so.</p><figure></figure>',
        '<div class="photo"></div>',
        '<ul class="embed"></ul>',
        '<img><figure></figure>',
      ],
      (place: string) => `<p>She tweeted:</p>${place}`,
    ],
  ])('not: %s', (_, list, make) => {
    expect(unlike('', list, make)).toEqual([]);
  });
});

describe('a sign of a post', () => {
  const post = `<blockquote class="twitter-tweet"><a href="${ADDRESS}"></a></blockquote>`;
  const sign = '<p>She tweeted:</p><figure></figure>';

  it('is none where a post follows at once, and one where it stands far behind or before', () => {
    const far = `<p>${'So it is. '.repeat(200)}</p>`;
    expect(answerOf(sign + post)).toBe('embed');
    expect(answerOf(sign + far + post)).toBe('embed suspected');
    expect(answerOf(post + sign)).toBe('embed suspected');
  });

  it.each([
    ['the address of a post’s picture', '<p>“On deck” pic.twitter.com/AbCdEf1234</p>'],
    ['the address of a post’s picture', '<p>“On deck” pic.x.com/AbCdEf1234</p>'],
    ['a lead-in to a post', sign],
  ])('says why: %s', (why, body) => {
    const { suspected } = extract(page(body));
    expect(suspected.map(({ reason }) => reason.startsWith(why))).toEqual([true]);
    const [{ evidence }] = suspected as [(typeof suspected)[number]];
    const shown = page(body).subarray(evidence.start, evidence.end).toString();
    expect(shown).toContain(why.startsWith('a lead-in') ? '<figure>' : 'pic.');
    expect(shown.includes('</p>')).toBe(why.startsWith('a lead-in'));
  });
});

describe('an empty box whose class names a network and an embed', () => {
  const around = (name: string) =>
    `NAME-embed NAME_embed NAME__embed NAME-embedded js-NAME-embed NAMEembed embed-NAME embed_NAME embed--NAME embed__NAME embedded-NAME social-embed-NAME social-embed--NAME article-embed--NAME article__embed--NAME NAME-placeholder NAME-post NAME-container is-provider-NAME wp-block-embed-NAME`.replaceAll(
      'NAME',
      name,
    );

  it.each([
    ['of X', around('twitter'), (name: string) => `<div class="${name}"></div>`],
    ['of a post of X', around('tweet'), (name: string) => `<div class="${name}"></div>`],
    ['of TikTok', around('tiktok'), (name: string) => `<div class="${name}"></div>`],
    ['on', 'div figure section span p', (tag: string) => `<${tag} class="tweet-embed"></${tag}>`],
    [
      'around what shows nothing',
      words('div span p figure figcaption section blockquote script').map(
        (tag) => `<${tag} class="a"></${tag}>`,
      ),
      (inside: string) => `<div class="tweet-embed"> ${inside}<br><!-- later --></div>`,
    ],
  ])('%s', (_, list, make) => {
    expect(unlike('suspected', list, make)).toEqual([]);
  });

  it.each([
    [
      'around something',
      ['x', '<img src="a">', '<b></b>', '<p>Follow her</p>'],
      (inside: string) => `<div class="tweet-embed">${inside}</div>`,
    ],
    [
      'named for other things',
      'twitter-button tweet-list embeds-twitter',
      (name: string) => `<div class="${name}"></div>`,
    ],
    ['another element', 'li b', (tag: string) => `<${tag} class="tweet-embed"></${tag}>`],
  ])('not %s', (_, list, make) => {
    expect(unlike('', list, make)).toEqual([]);
  });
});

describe('an address that only its network resolves', () => {
  it('is one of theirs', () => {
    const opaque = (address: string): string[] =>
      networks.filter((network) => network.opaque?.(new URL(address))).map(({ name }) => name);
    expect(opaque('https://www.instagram.com/share/BAabc/')).toEqual(['instagram']);
    expect(opaque('https://www.instagram.com/mara/share/')).toEqual([]);
    expect(opaque('https://www.facebook.com/share/p/1BxyzAbCdE/')).toEqual(['facebook']);
    expect(opaque('https://fb.watch/abcDEF123/')).toEqual(['facebook']);
    expect(opaque('https://vm.tiktok.com/ZMabcdefg/')).toEqual(['tiktok']);
    expect(opaque('https://www.tiktok.com/t/ZTabcdefg/')).toEqual(['tiktok']);
    expect(opaque('https://www.reddit.com/r/ferries/s/AbCdEfGhIj')).toEqual(['reddit']);
    expect(opaque('https://news.example/share/p/1BxyzAbCdE/')).toEqual([]);
  });
});
