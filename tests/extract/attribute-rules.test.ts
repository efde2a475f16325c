/** Addresses, markup and data in attributes: on which elements and under which names they are an embed. */
import { describe, expect, it } from 'vitest';
import { extract } from '../../src/extract/index.ts';
import { ADDRESS, answerOf, ID, unlike, words } from './answers.ts';
import { page } from './samples.ts';

describe('an address in an attribute', () => {
  it.each([
    [
      'of an element',
      'div p span li td a-box blockquote video',
      (tag: string) => `<${tag} data-source="${ADDRESS}">x</${tag}>`,
    ],
    [
      'named as one likes',
      'data-src data-url url data-href data-original data-content value cite',
      (name: string) => `<div ${name}="${ADDRESS}"></div>`,
    ],
  ])('%s', (_, list, make) => {
    expect(unlike('embed', list, make)).toEqual([]);
  });

  it.each([
    [
      'of elements that point at resources',
      'link meta img svg image use source form input button option base area path track picture select label',
      (tag: string) => `<${tag} data-source="${ADDRESS}">`,
    ],
    [
      'for something else',
      'data-share addthis-url versionurl data-original-href originalurl data-original-url data-orig-url data-referrer data-track data-analytics data-ga-label data-gtm-x title data-alt caption data-style data-class id onload data-utm data-widget-id data-discussion',
      (name: string) => `<div ${name}="${ADDRESS}"></div>`,
    ],
    [
      'on a button',
      'share shares sharer sharing sharethis share-this addthis add-this addtoany a2a shariff sociallikes social-likes my-share share-link share_x',
      (word: string) => `<div class="${word}" data-link="${ADDRESS}"></div>`,
    ],
    [
      'on a button’s part',
      'share my_sharing-box',
      (word: string) => `<div id="${word}"><p><i data-link="${ADDRESS}"></i></p></div>`,
    ],
    [
      'the source of a quotation',
      'q blockquote ins del',
      (tag: string) => `<${tag} cite="${ADDRESS}">x</${tag}>`,
    ],
  ])('not: %s', (_, list, make) => {
    expect(unlike('', list, make)).toEqual([]);
  });

  it('not of the whole page', () => {
    const whole = (tag: string) => `</article></body><${tag} data-source="${ADDRESS}">`;
    expect(unlike('', 'html body head', whole)).toEqual([]);
  });

  it.each([
    [
      'a quotation that says it is a post',
      'embed media social tweet twitter toot fb- post',
      (word: string) => `<blockquote class="my-${word}-x" cite="${ADDRESS}">x</blockquote>`,
    ],
    [
      'an element of a post named for sharing',
      'embed media tweet twitter toot fb-x post',
      (word: string) => `<div class="share ${word}" data-link="${ADDRESS}"></div>`,
    ],
    [
      'an address far inside what is named for sharing',
      ['share'],
      (word: string) =>
        `<div class="${word}"><div><div><p data-link="${ADDRESS}"></p></div></div></div>`,
    ],
    [
      'a word that only sounds so',
      'shared shareable marshare',
      (word: string) => `<div class="${word}" data-link="${ADDRESS}"></div>`,
    ],
    [
      'another attribute of what is quoted',
      ['data-cite'],
      (name: string) => `<blockquote ${name}="${ADDRESS}">x</blockquote>`,
    ],
  ])('%s is an embed', (_, list, make) => {
    expect(unlike('embed', list, make)).toEqual([]);
  });

  it('a click on an address is no embed, one that loads a frame is, other events are not', () => {
    const frame = `load('<iframe src=&quot;${ADDRESS}&quot;></iframe>')`;
    expect(answerOf(`<div onclick="${ADDRESS}">x</div>`)).toBe('');
    expect(answerOf(`<div onclick="${frame}">x</div>`)).toBe('embed');
    expect(answerOf(`<div onload="${frame}">x</div>`)).toBe('');
  });

  it.each([
    ['iframe', 'iframe embed object frame amp-iframe'],
    ['amp', 'amp-box'],
    ['attribute', 'div a-amp'],
  ])('is of the form %s on %s', (form, tags) => {
    const formOn = (tag: string) =>
      extract(page(`<${tag} data-src="${ADDRESS}"></${tag}>`)).embeds.map((embed) => embed.form);
    for (const tag of words(tags)) expect(formOn(tag), tag).toEqual([form]);
  });

  it.each([
    ['a script', `<script data-url="${ADDRESS}" src="/a.js"></script>`],
    ['a link of a site’s own making', `<my-link href="${ADDRESS}">x</my-link>`],
    [
      'an address that does something',
      '<div data-url="https://twitter.com/intent/like?tweet_id=1431562348571234304"></div>',
    ],
    ['a quotation with a class', `<blockquote class="pull" cite="${ADDRESS}">x</blockquote>`],
  ])('not: %s', (_, body) => {
    expect(answerOf(body)).toBe('');
  });

  it('a frame’s own address is an embed, on a button or a link too', () => {
    const address = 'https://www.tiktok.com/embed/v2/7012345678901234567';
    expect(answerOf(`<div class="share" data-src="${address}"></div>`)).toBe('embed');
    expect(answerOf(`<p>See <a href="/x" data-src="${address}">this</a>.</p>`)).toBe('embed');
  });

  it('another attribute of a link says where it leads', () => {
    expect(answerOf(`<p>On <a href="/x" data-link="${ADDRESS}">the bridge</a>.</p>`)).toBe('');
  });
});

describe('markup or data in an attribute', () => {
  const frame = `<iframe src="${ADDRESS}"></iframe>`;
  const quote = `<blockquote class="twitter-tweet"><a href="${ADDRESS}">x</a></blockquote>`;
  const escaped = (text: string) =>
    text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
  const json = JSON.stringify({ type: 'embed', url: ADDRESS });
  const base64 = (text: string) => Buffer.from(text).toString('base64');

  it.each([
    ['markup', frame],
    ['markup of another element', `<amp-twitter data-tweetid="${ID}"></amp-twitter>`],
    ['markup with a bracket in it', `<p>{ [</p>${frame}`],
    ['markup behind text', `Tweet: ${frame}`],
    ['a blockquote behind text', `Tweet: ${quote}`],
    ['an object', json],
    ['an array', `[${json}]`],
    ['markup, escaped twice', escaped(frame)],
    ['markup, percent-encoded', encodeURIComponent(frame)],
    ['an object, percent-encoded', encodeURIComponent(json)],
    ['an array, percent-encoded', encodeURIComponent(`[${json}]`)],
    ['markup in base64', base64(frame)],
    ['an object in base64', base64(json)],
    ['an array in base64', base64(`[${json}]`)],
    ['percent-encoded in base64', base64(encodeURIComponent(quote))],
    ['a page in its own address', `data:text/html;charset=utf-8,${frame}`],
    ['a page in its own address, plain', `data:text/html,${frame}`],
    ['such a page, percent-encoded', `data:text/html,${encodeURIComponent(frame)}`],
  ])('%s', (_, value) => {
    expect(answerOf(`<div data-twitter="${escaped(value)}"></div>`)).toBe('embed');
    expect(answerOf(`</article><aside><div data-twitter="${escaped(value)}"></div></aside>`)).toBe(
      '',
    );
  });

  it.each([
    ['text', `Tweet of ${ADDRESS}`],
    ['text in base64', base64(`Tweet of ${ADDRESS} and more`)],
    ['too short for base64', 'dHdpdHRlcg=='],
  ])('not: %s', (_, value) => {
    expect(answerOf(`<div data-twitter="${escaped(value)}"></div>`)).toBe('');
  });

  it('data whose quotes a serialiser left as they are', () => {
    expect(answerOf(`<div data-attrs="${json}" id="x"></div>`)).toBe('embed');
    expect(answerOf(`<div data-attrs="[${json}]" id="x"></div>`)).toBe('embed');
    const brackets = JSON.stringify({ a: '} ] \\" }', type: 'embed', url: ADDRESS });
    expect(answerOf(`<div data-attrs="${brackets}" id="x"></div>`)).toBe('embed');
    expect(answerOf(`</article><aside><div data-attrs="${json}"></div></aside>`)).toBe('');
  });
});
