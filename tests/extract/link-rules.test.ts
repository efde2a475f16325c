/** Links and bare addresses: where they stand alone and are an embed, and where they are a citation. */
import { describe, expect, it } from 'vitest';
import { ADDRESS, answerOf, ID, unlike, words } from './answers.ts';

const LINK = `<a href="${ADDRESS}">${ADDRESS}</a>`;
const OTHER = ADDRESS.replace(ID, '1431562348571234999');
const lone = (label: string): string => `<p><a href="${ADDRESS}">${label}</a></p>`;

describe('a link that is its own address', () => {
  it.each([
    [
      'alone in',
      'p div figure center section content:encoded',
      (tag: string) => `<${tag}>${LINK}</${tag}>`,
    ],
    [
      'in what a script would replace',
      ['b'],
      (tag: string) => `<noscript><${tag}>${LINK}</${tag}></noscript>`,
    ],
    [
      'inside',
      'span strong em b i u font small',
      (tag: string) => `<p><${tag}>${LINK}</${tag}></p>`,
    ],
    [
      'labelled',
      `${ADDRESS} twitter.com/mara/status/${ID} www.twitter.com/mara/status/${ID} https://twitter.com/mara/stat… twitter.com/mara/sta...`,
      lone,
    ],
    [
      'in an item with text',
      ['li'],
      (tag: string) => `<ul><${tag}>It says: <p>${LINK}</p></${tag}></ul>`,
    ],
  ])('%s', (_, list, make) => {
    expect(unlike('embed', list, make)).toEqual([]);
  });

  it.each([
    ['alone in', 'td h2 dd main li', (tag: string) => `<${tag}>${LINK}</${tag}>`],
    ['inside', 'q code mark', (tag: string) => `<p><${tag}>${LINK}</${tag}></p>`],
    [
      'labelled',
      [
        'the post',
        'twitter.com',
        `See ${ADDRESS}`,
        `${ADDRESS} on X`,
        'https://news.example/the-ferry',
        'twitter.com/mara/st… on',
      ],
      lone,
    ],
    [
      'with text',
      ['before', 'after'],
      (side: string) => (side === 'before' ? `<p>See ${LINK}</p>` : `<p>${LINK} says it</p>`),
    ],
    [
      'as an item of a list',
      ['p', 'div'],
      (tag: string) => `<ul><li><${tag}>${LINK}</${tag}></li></ul>`,
    ],
  ])('not %s', (_, list, make) => {
    expect(unlike('citation', list, make)).toEqual([]);
  });

  it('alone in a box that is alone in a box', () => {
    expect(answerOf(`<section><div><p>${LINK}</p></div></section>`)).toBe('embed');
  });

  it('beside the article is none, nor is one that does something', () => {
    const like = `https://twitter.com/intent/like?tweet_id=${ID}`;
    expect(answerOf(`</article><aside><p>${LINK}</p></aside>`)).toBe('');
    expect(answerOf(`</article><aside><p>${ADDRESS}</p></aside>`)).toBe('');
    expect(answerOf(`<p>Like <a href="${like}">this</a>.</p>`)).toBe('');
  });

  it('that is short says what is missed only where it is all there is', () => {
    const short = 'https://vm.tiktok.com/ZMabcdefg/';
    const link = (label: string) => `<a href="${short}">${label}</a>`;
    expect(answerOf(`<p>${link(short)}</p>`)).toBe('suspected');
    expect(answerOf(`<p>${link('a video')}</p>`)).toBe('');
    expect(answerOf(`<p>See ${link(short)}.</p>`)).toBe('');
    expect(answerOf(`</article><aside><p>${link(short)}</p></aside>`)).toBe('');
  });

  it('is a post whatever it says where a script leaves it for readers without', () => {
    const without = (text: string) =>
      `<noscript>${text}<a href="${ADDRESS}">Show the post</a></noscript>`;
    expect(answerOf(without(''))).toBe('embed');
    expect(answerOf(without('Once more: '))).toBe('citation');
  });
});

describe('a link in a container for embeds', () => {
  const inside = (attributes: string): string =>
    `<div ${attributes}><p>This needs your consent. <a href="${ADDRESS}">Show it</a></p></div>`;

  it.each([
    [
      'named so',
      'embed oembed embedly embedded o-embed my_embed embed_my iframely a-iframely-b social-media-post socialmediapost socialmedia-embed a-social-mediaembed',
      (word: string) => inside(`class="${word}"`),
    ],
    [
      'named for a network, in front',
      'twitter tweet instagram tiktok facebook bluesky mastodon threads social o',
      (word: string) => inside(`class="my${word}_embeds"`),
    ],
    [
      'named for a network or part, behind',
      'twitter tweet instagram tiktok facebook bluesky mastodon threads social container wrapper block card consent',
      (word: string) => inside(`class="myembed${word}s"`),
    ],
    [
      'named in',
      'class id data-type data-embed-type data-component data-testid',
      (name: string) => inside(`${name}="a embed"`),
    ],
    ['of iframely', 'data-iframely-url data-iframely', (name: string) => inside(`${name}="x"`)],
    [
      'four elements up',
      ['div'],
      (tag: string) =>
        `<${tag} class="embed"><b><b><p><a href="${ADDRESS}">x</a></p></b></b></${tag}>`,
    ],
    [
      'with the post twice',
      ['a'],
      (tag: string) =>
        `<div class="embed">x ${LINK} or <${tag} href="${ADDRESS}?s=20">here</${tag}></div>`,
    ],
  ])('%s', (_, list, make) => {
    expect(unlike('embed', list, make)).toEqual([]);
  });

  it.each([
    [
      'named otherwise',
      'embedding remembered membership iframe',
      (word: string) => inside(`class="${word}"`),
    ],
    [
      'named in another attribute',
      'title data-name data-class',
      (name: string) => inside(`${name}="embed"`),
    ],
    [
      'five elements up',
      ['div'],
      (tag: string) =>
        `<${tag} class="embed"><b><b><b><p>x <a href="${ADDRESS}">y</a></p></b></b></b></${tag}>`,
    ],
    [
      'that holds an article',
      ['div'],
      (tag: string) => `<${tag} class="embed"><p>${'So it is. '.repeat(60)}${LINK}</p></${tag}>`,
    ],
    [
      'of much markup',
      ['div'],
      (tag: string) => `<${tag} class="embed"><p>x ${LINK}</p>${'<i></i>'.repeat(1200)}</${tag}>`,
    ],
  ])('not %s', (_, list, make) => {
    expect(unlike('citation', list, make)).toEqual([]);
  });

  it('that holds two posts shows neither', () => {
    const both = `<div class="embed">x ${LINK} or <a href="${OTHER}">that</a></div>`;
    expect(answerOf(both)).toBe('citation citation');
  });
});

describe('a bare address', () => {
  it.each([
    [
      'alone in',
      'p div figure section center content:encoded article',
      (tag: string) => `<${tag}>${ADDRESS}</${tag}>`,
    ],
    [
      'of any kind',
      [
        `www.twitter.com/mara/status/${ID}`,
        'at://did:plc:vjug55kidv6sye7ykr5faxxn/app.bsky.feed.post/3jhnzcfawac27',
      ],
      (address: string) => `<p> ${address} </p>`,
    ],
    [
      'on a line of a feed',
      ['description'],
      (tag: string) => `<${tag}>x<br>${ADDRESS}<br></${tag}>`,
    ],
    [
      'on a line of a cell',
      ['td'],
      (tag: string) => `<table><tr><${tag}>x<br>${ADDRESS}<br></${tag}></tr></table>`,
    ],
    [
      'in what a script would replace',
      ['noscript'],
      (tag: string) => `<${tag}>${ADDRESS}</${tag}>`,
    ],
    [
      'between',
      'p div figure figcaption section center noscript blockquote h2 ul ol script iframe content:encoded',
      (tag: string) => `<div>x<${tag}></${tag}>${ADDRESS}<${tag}></${tag}>y</div>`,
    ],
    ['between articles', ['article'], (tag: string) => `<div><${tag}></${tag}>${ADDRESS}</div>`],
    ['between breaks', ['br'], (tag: string) => `<p>x<${tag}>${ADDRESS}<${tag}>y</p>`],
    ['between comments', ['!-- x --'], (tag: string) => `<div>x<${tag}>${ADDRESS}<${tag}>y</div>`],
  ])('%s', (_, list, make) => {
    expect(unlike('embed', list, make)).toEqual([]);
  });

  it.each([
    ['alone in', 'h2 dd main li span', (tag: string) => `<${tag}>${ADDRESS}</${tag}>`],
    ['on a line of', 'li dd th', (tag: string) => `<${tag}>x<br>${ADDRESS}<br></${tag}>`],
    ['behind', 'b span a', (tag: string) => `<p><${tag}>x</${tag}>${ADDRESS}</p>`],
    ['before', 'b span a', (tag: string) => `<p>${ADDRESS}<${tag}>x</${tag}></p>`],
    ['with text', ['See ', 'x '], (text: string) => `<p>${text}${ADDRESS}</p>`],
    [
      'of a frame or a button',
      [
        `https://platform.twitter.com/embed/Tweet.html?id=${ID}`,
        `https://twitter.com/intent/like?tweet_id=${ID}`,
      ],
      (address: string) => `<p>${address}</p>`,
    ],
  ])('not %s', (_, list, make) => {
    expect(unlike('', list, make)).toEqual([]);
  });

  it('in a feed’s text, however its markup is escaped', () => {
    const escapes = '&lt; &#60; &#060; &#x3c; &#x03C;';
    const fields = words('description content:encoded content summary');
    const item = (field: string, lt: string) =>
      `<${field}>It is: ${lt}blockquote class="twitter-tweet">${lt}a href="${ADDRESS}">x${lt}/a>${lt}/blockquote></${field}>`;
    expect(unlike('embed', fields, (field) => item(field, '&lt;'))).toEqual([]);
    expect(unlike('embed', escapes, (lt) => item('summary', lt))).toEqual([]);
    expect(answerOf(item('p', '&lt;'))).toBe('');
  });
});
