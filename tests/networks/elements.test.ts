/** Elements, plugins and data of the networks other than X: which names are a post, a feed or an empty place, one by one. */
import { describe, expect, it } from 'vitest';
import { answerOf, data, unlike, words } from '../extract/answers.ts';

const FACEBOOK = 'https://www.facebook.com/ferry/posts/10158000000000001';
const CODE = 'CabcDEF12_x';
const INSTAGRAM = `https://www.instagram.com/p/${CODE}/`;
const VIDEO = '7012345678901234567';
const THREADS = 'https://www.threads.com/@ferry/post/DDzbnVKx57R';
const TOOT = 'https://social.example/@mara/109876543210987654';

describe('a post of', () => {
  it.each([
    [
      'Facebook, by class',
      'fb-post fb-video fb-comment-embed',
      (name: string) => `<div class="${name}" data-href="${FACEBOOK}"></div>`,
    ],
    [
      'Facebook, by element',
      'fb:post fb:video',
      (tag: string) => `<${tag} href="${FACEBOOK}"></${tag}>`,
    ],
    [
      'Facebook, AMP',
      ['amp-facebook'],
      (tag: string) => `<${tag} data-href="${FACEBOOK}"></${tag}>`,
    ],
    [
      'Facebook, of what an editor left',
      [`class="fb-xfbml-parse-ignore" cite="${FACEBOOK}"`, `cite="${FACEBOOK}"`],
      (attributes: string) =>
        `<blockquote ${attributes}><p>Open.</p><a href="${FACEBOOK}">Ferry</a></blockquote>`,
    ],
    [
      'Instagram, by attribute',
      [
        ...words(
          'data-instgrm-permalink data-shortcode data-instagram-id data-instagram-shortcode',
        ).map(
          (name) =>
            `class="an-instagram" ${name}="${name === 'data-instgrm-permalink' ? INSTAGRAM : CODE}"`,
        ),
        ...words('data-embed-type data-embed class').map(
          (name) => `${name}="an instagram" data-embed-id="${CODE}"`,
        ),
        ...words('data-service data-provider').flatMap((name) =>
          words('data-id data-shortcode').map((id) => `${name}="instagram" ${id}="${CODE}"`),
        ),
      ],
      (attributes: string) => `<div ${attributes}></div>`,
    ],
    [
      'Instagram, AMP',
      ['amp-instagram'],
      (tag: string) => `<${tag} data-shortcode="${CODE}"></${tag}>`,
    ],
    [
      'Instagram, by class',
      ['instagram-media'],
      (name: string) =>
        `<blockquote class="${name}"><a href="${INSTAGRAM}">A post</a></blockquote>`,
    ],
    [
      'TikTok, by attribute',
      [`data-video-id="${VIDEO}"`, `cite="https://www.tiktok.com/@ferry/video/${VIDEO}"`],
      (attribute: string) =>
        `<blockquote class="tiktok-embed" ${attribute}><section></section></blockquote>`,
    ],
    [
      'TikTok, for consent',
      words('data-service data-provider data-embed-type').flatMap((name) =>
        words('data-id data-video-id data-embed-id').map(
          (id) => `${name}="tiktok" ${id}="${VIDEO}"`,
        ),
      ),
      (attributes: string) => `<li ${attributes}></li>`,
    ],
    ['TikTok, AMP', ['amp-tiktok'], (tag: string) => `<${tag} data-src="${VIDEO}"></${tag}>`],
    [
      'Threads, by class or attribute',
      [
        `class="text-post-media" data-text-post-permalink="${THREADS}"`,
        `data-text-post-permalink="${THREADS}"`,
      ],
      (attributes: string) => `<blockquote ${attributes}></blockquote>`,
    ],
    [
      'Mastodon',
      [`class="mastodon-embed" data-embed-url="${TOOT}/embed"`, `data-embed-url="${TOOT}/embed"`],
      (attributes: string) => `<blockquote ${attributes}><a href="${TOOT}">x</a></blockquote>`,
    ],
    [
      'Mastodon, in a frame',
      'src data-src',
      (name: string) => `<iframe class="mastodon-embed" ${name}="${TOOT}/embed"></iframe>`,
    ],
  ])('%s', (_, list, make) => {
    expect(unlike('embed', list, make)).toEqual([]);
  });

  it('Instagram or TikTok, as data keeps it', () => {
    expect(answerOf(data({ instagram_id: CODE, title: 'x' }))).toBe('embed');
    expect(answerOf(data({ embed_product_id: VIDEO, by: 'tiktok' }))).toBe('embed');
  });
});

describe('an address where nothing else names the network', () => {
  it.each([
    'https://fb.com/ferry/posts/10158000000000001',
    `https://www.tnktok.com/@ferry/video/${VIDEO}`,
    'https://bskx.app/profile/mara.example/post/3jhnzcfawac27',
    'https://deer.social/profile/mara.example/post/3jhnzcfawac27',
    'https://www.threads.net/@ferry/post/DDzbnVKx57R',
    'https://yewtu.be/watch?v=dQw4w9WgXcQ',
    'https://t.me/ferry/1234',
  ])('%s', (address) => {
    expect(answerOf(`<p>${address}</p>`)).toBe('embed');
  });

  it('a short one of Facebook is suspected', () => {
    expect(answerOf('<p>https://fb.watch/abcDEF123/</p>')).toBe('suspected');
  });
});

describe('no post', () => {
  it.each([
    [
      'a plugin of Facebook for a page',
      'page like like-box likebox comments comments-count share-button follow send save group activity recommendations facepile',
      (word: string) =>
        `<div class="fb-${word}" data-href="${FACEBOOK}"><a href="${FACEBOOK}">x</a></div>`,
    ],
    [
      'an element of Facebook',
      'fb:like fb:like-box fb:comments fb:share-button fb:fan fb:activity amp-facebook-page amp-facebook-like amp-facebook-comments',
      (tag: string) => `<${tag} data-href="${FACEBOOK}"><a href="${FACEBOOK}">x</a></${tag}>`,
    ],
    [
      'a feed of Instagram',
      'wpcom-instagram-images instagram-pics null-instagram-feed sbi sbi_item sb_instagram widget_wpcom_instagram_widget instagram-feed',
      (name: string) => `<div class="${name}" id="instagram"><a href="${INSTAGRAM}">x</a></div>`,
    ],
    [
      'ids of another service',
      ['tiktoks', 'my-instagram'],
      (service: string) => `<li data-service="${service}" data-id="12"></li>`,
    ],
  ])('%s', (_, list, make) => {
    expect(unlike('', list, make)).toEqual([]);
  });
});

describe('an empty place of', () => {
  it.each([
    [
      'Facebook, by class',
      'fb-post fb-video',
      (name: string) => `<div class="${name}" data-href="https://www.facebook.com/ferry"></div>`,
    ],
    [
      'Facebook, its frame',
      'src data-src data-lazy-src',
      (name: string) =>
        `<iframe ${name}="https://www.facebook.com/plugins/video.php?href=x"></iframe>`,
    ],
    [
      'Facebook, AMP',
      ['amp-facebook'],
      (tag: string) => `<${tag} data-href="https://www.facebook.com/ferry"></${tag}>`,
    ],
    [
      'Instagram',
      'instagram-media instagram-media-rendered',
      (name: string) => `<div class="${name}"></div>`,
    ],
    [
      'Instagram, quoted',
      ['instagram-media'],
      (name: string) => `<blockquote class="${name}"></blockquote>`,
    ],
    ['Instagram, AMP', ['amp-instagram'], (tag: string) => `<${tag}></${tag}>`],
    ['Threads', 'blockquote div', (tag: string) => `<${tag} class="text-post-media"></${tag}>`],
    ['Mastodon', 'blockquote div', (tag: string) => `<${tag} class="mastodon-embed"></${tag}>`],
    ['Bluesky', 'blockquote div', (tag: string) => `<${tag} class="bluesky-embed"></${tag}>`],
    ['TikTok', ['blockquote'], (tag: string) => `<${tag} class="tiktok-embed"></${tag}>`],
  ])('%s is suspected', (_, list, make) => {
    expect(unlike('suspected', list, make)).toEqual([]);
  });

  it.each([
    [
      'creators and tags of TikTok',
      'data-unique-id data-embed-type data-tag-id',
      (name: string) => `<blockquote class="tiktok-embed" ${name}="ferry"></blockquote>`,
    ],
    [
      'other elements',
      'section li',
      (tag: string) => `<${tag} class="instagram-media-rendered"></${tag}>`,
    ],
    [
      'a frame of Facebook’s page',
      ['page', 'like'],
      (word: string) => `<iframe src="https://www.facebook.com/plugins/${word}.php"></iframe>`,
    ],
  ])('%s is not', (_, list, make) => {
    expect(unlike('', list, make)).toEqual([]);
  });
});
