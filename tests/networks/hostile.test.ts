/** What a page can do to a network's readers: be long, and nothing else. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extract } from '../../src/extract/index.ts';
import { networks } from '../../src/networks/index.ts';
import { readByline } from '../../src/networks/instagram/attribution.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
/** Each would take the square of its length where a reader goes back and forth. */
const GROWING: [what: string, page: (n: number) => string][] = [
  [
    'brackets before a Bluesky profile',
    (n) =>
      `<blockquote class="bluesky-embed"><p>x</p>${'('.repeat(n)}<a href="https://bsky.app/profile/a.example">@a.example</a> <a href="https://bsky.app/profile/a.example/post/3l4omsoyuxc2c">May 1, 2024</a></blockquote>`,
  ],
  [
    'links in a Bluesky quote',
    (n) =>
      `<blockquote class="bluesky-embed">${'<p><a href="https://bsky.app/profile/a.example">@a</a></p>'.repeat(n)}</blockquote>`,
  ],
  [
    'nested links',
    (n) =>
      `<blockquote>${'<a href="https://www.instagram.com/p/CExAmPlE_1a/">'.repeat(n)}</blockquote>`,
  ],
  [
    'mentions in a TikTok caption',
    (n) =>
      `<blockquote class="tiktok-embed" data-video-id="7000000000000000001"><p>${'<a href="https://www.tiktok.com/@friend">@friend</a>'.repeat(n)}</p></blockquote>`,
  ],
  [
    'paragraphs in a Facebook quote',
    (n) =>
      `<div class="fb-post" data-href="https://www.facebook.com/a/posts/1234567"><blockquote>${'<div>'.repeat(200)}${'<p>x</p>'.repeat(n)}<a href="https://www.facebook.com/a">A</a></blockquote></div>`,
  ],
  [
    'brackets in an Instagram byline',
    (n) =>
      `<blockquote class="instagram-media" data-instgrm-permalink="https://www.instagram.com/p/CExAmPlE_1a/"><p>${'(@ '.repeat(n)}</p></blockquote>`,
  ],
  [
    'opening brackets in a Mastodon status',
    (n) =>
      `<script type="application/json">{"embed":{"url":"https://social.example/@example/109500000000000000","account":{"acct":"a"},"content":"${'<br'.repeat(n)}"}}</script>`,
  ],
  ['a call that VK never hears', (n) => `<script>${'VK . Widgets . Post ( '.repeat(n)}</script>`],
];

describe('a page made to be slow', () => {
  // Going back and forth over this many would take hours, not the seconds that a test has.
  it.each(GROWING)('%s: a hundred thousand of them are answered', (_, page) => {
    const { embeds } = extract(bytes(page(100_000)));
    expect(embeds.length).toBeLessThan(2);
  });
});

describe('an address of any kind', () => {
  const parts = fc.oneof(
    fc.string({ maxLength: 20 }),
    fc.constantFrom(
      'posts',
      'videos',
      'status',
      '@a',
      'p',
      'reel',
      'embed',
      'comments',
      'wall-1_2',
      'pin',
      '%',
      '%E0%A4%A',
      '..',
      '123456',
      'pfbid02',
    ),
  );
  const hosts = fc.constantFrom(
    'www.facebook.com',
    'instagram.com',
    't.me',
    'vk.com',
    'www.tiktok.com',
    'youtu.be',
    'bsky.app',
    'social.example',
    'a.tumblr.com',
    'pinterest.de',
    's9e.github.io',
  );

  it('is claimed by at most one network, and never throws', () => {
    fc.assert(
      fc.property(
        hosts,
        fc.array(parts, { maxLength: 6 }),
        fc.string({ maxLength: 30 }),
        (host, path, query) => {
          const url = URL.parse(`https://${host}/${path.join('/')}?href=${query}&v=${query}`);
          if (!url) return;
          const claiming = networks.filter((network) => network.claim(url) !== null);
          expect(claiming.length).toBeLessThan(2);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('an Instagram byline of any kind', () => {
  it('never throws, and its handle is a handle', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (line) => {
        const handle = readByline(`${line} (@a.b_c)`)?.handle;
        expect(handle).toMatch(/^[\w.]{1,30}$/);
      }),
    );
  });
});
