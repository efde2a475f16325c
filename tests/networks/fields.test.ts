/** Which part of an embed code or of kept data is the author, the handle and the text: TikTok and Instagram. */
import { describe, expect, it } from 'vitest';
import { extract } from '../../src/extract/index.ts';
import { data } from '../extract/answers.ts';
import { page } from '../extract/samples.ts';

function read(body: string) {
  const { author, text, form, postId } = extract(page(body)).embeds[0] ?? {};
  return {
    name: author?.name ?? null,
    handle: author?.handle ?? null,
    text: text ?? null,
    form,
    postId,
  };
}

const VIDEO = '7012345678901234567';
const ADDRESS = `https://www.tiktok.com/@ferry/video/${VIDEO}`;
const CODE = 'CabcDEF12_x';

describe('the embed code of TikTok', () => {
  const code = (inside: string): string =>
    `<blockquote class="tiktok-embed" cite="https://www.tiktok.com/@/video/${VIDEO}"><section>${inside}</section></blockquote>`;
  const link = (label: string, path: string): string =>
    `<a href="https://www.tiktok.com/${path}">${label}</a>`;
  const author = link('@ferry', '@ferry?refer=embed');
  const music = link('♬ original sound', 'music/original-7012?refer=embed');
  const whole = {
    name: null,
    handle: 'ferry',
    text: 'On deck again',
    form: 'blockquote',
    postId: VIDEO,
  };

  it.each([
    ['in paragraphs', `${author}<p>On deck again</p>${music}`],
    ['without paragraphs', `${author} On deck again ${music}`],
    ['each in a paragraph', `<p>${author}</p><p>On deck again</p><p>${music}</p>`],
    ['the author without a query', `${link('@ferry', '@ferry')}<p>On deck again</p>`],
    ['the author with a slash', `<p>${link('@ferry', '@ferry/')}</p><p>On deck again</p>`],
    [
      'the music by its note',
      `${author}<p>On deck again <a href="/sound">♬ original sound</a></p>`,
    ],
    [
      'the music by its address',
      `${author}<p>On deck again ${link('original sound', 'music/a-1')}</p>`,
    ],
    [
      'a link to the video',
      `${author}<p>On deck again</p><p>${link('Watch on TikTok', `@ferry/video/${VIDEO}`)}</p>`,
    ],
    [
      'a link to a photo',
      `${author}<p>On deck again</p><p>${link('View on TikTok', '@ferry/photo/7012')}</p>`,
    ],
  ])('%s', (_, inside) => {
    expect(read(code(inside))).toEqual(whole);
  });

  it.each([
    ['somebody mentioned', `${author}<p>With ${link('@bo', '@bo')}</p>`, 'With @bo'],
    ['a mention alone with a word', `${author}<p>${link('@bo', '@bo')} sails</p>`, '@bo sails'],
    ['a tag', `${author}<p>Sail ${link('#sea', 'tag/sea')}</p>`, 'Sail #sea'],
    [
      'a video spoken of',
      `${author}<p>See ${link('the first one', '@ferry/video/7011')}</p>`,
      'See the first one',
    ],
    [
      'a long sentence in a link',
      `${author}<p>${link(`On TikTok ${'again '.repeat(12)}`.trim(), '@ferry/video/7011')}</p>`,
      `On TikTok ${'again '.repeat(12)}`.trim(),
    ],
  ])('the text keeps %s', (_, inside, text) => {
    expect(read(code(inside))).toEqual({ ...whole, text });
  });

  it('without author and text it is a link', () => {
    expect(read(code(''))).toEqual({ ...whole, handle: null, text: null, form: 'blockquote-link' });
  });

  it('its video is named by address, id or a link', () => {
    const element = (attributes: string, inside = '') =>
      read(`<blockquote class="tiktok-embed" ${attributes}>${inside}</blockquote>`).postId;
    expect(element(`cite="${ADDRESS}"`)).toBe(VIDEO);
    expect(element(`data-video-id="${VIDEO}"`)).toBe(VIDEO);
    expect(element('', `<section><a href="${ADDRESS}">x</a></section>`)).toBe(VIDEO);
  });
});

describe('TikTok as data', () => {
  it('keeps the answer of oEmbed', () => {
    const kept = {
      embed_product_id: VIDEO,
      author_name: 'The Ferry',
      author_unique_id: 'ferry',
      title: 'On deck',
    };
    expect(read(data({ ...kept, from: 'tiktok' }))).toMatchObject({
      name: 'The Ferry',
      handle: 'ferry',
      text: 'On deck',
    });
  });

  it('keeps what Substack does', () => {
    const kept = {
      embed_url: 'x',
      url: ADDRESS,
      author_url: 'https://www.tiktok.com/@ferry',
      title: 'On deck',
    };
    expect(read(data({ ...kept, thumbnail_url: 'a.jpg' }))).toMatchObject({
      handle: 'ferry',
      text: 'On deck',
    });
    expect(read(data(kept)).text).toBeNull();
  });
});

describe('Instagram as Substack keeps it', () => {
  const kept = (title: unknown, more: object = {}) =>
    read(data({ instagram_id: CODE, title, author_name: 'ferry', from: 'instagram', ...more }));

  it.each([
    ['The Ferry on Instagram: "On deck"', { name: 'The Ferry', text: 'On deck' }],
    ['The Ferry on Instagram: "On de', { name: 'The Ferry', text: null }],
    ['The Ferry on Instagram', { name: 'The Ferry', text: null }],
    ['On deck', { name: null, text: 'On deck' }],
    ['', { name: null, text: null }],
    [7, { name: null, text: null }],
  ])('its title is %s', (title, fields) => {
    expect(kept(title)).toMatchObject({ ...fields, handle: 'ferry', postId: CODE });
  });

  it('its code may be an address, and its author no text', () => {
    const address = `https://www.instagram.com/p/${CODE}/`;
    expect(kept('On deck', { instagram_id: address }).postId).toBe(CODE);
    expect(kept('On deck', { author_name: 7 }).handle).toBeNull();
    expect(kept('On deck', { instagram_id: 7 }).postId).toBeUndefined();
  });
});
