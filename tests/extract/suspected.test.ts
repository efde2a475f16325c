/** Signs of posts that the page does not carry, and look-alikes that are no sign. */
import { describe, expect, it } from 'vitest';
import { extract } from '../../src/extract/index.ts';

const page = (body: string) =>
  extract(
    Buffer.from(
      `<html><head><title>The bridge</title></head><body><article><h1>The bridge</h1><p>It is open.</p>${body}<p>It was closed.</p></article><div id="comments"><p>lol pic.twitter.com/AbCdEf1239</p></div></body></html>`,
    ),
  );
const POST =
  '<blockquote class="twitter-tweet"><a href="https://twitter.com/mara/status/1431562348571234304"></a></blockquote>';

describe('suspected', () => {
  it.each([
    ['an empty element of X', '<blockquote class="twitter-tweet"></blockquote>'],
    ['an empty element of Instagram', '<div class="instagram-media"></div>'],
    [
      'an empty element of Facebook',
      '<div class="fb-post" data-href="https://www.facebook.com/share/p/1BxyzAbCdE/"></div>',
    ],
    [
      'an empty element of TikTok',
      '<blockquote class="tiktok-embed"><section></section></blockquote>',
    ],
    ['an empty element of Bluesky', '<blockquote class="bluesky-embed"></blockquote>'],
    ['an empty element of Reddit', '<blockquote class="reddit-embed-bq"></blockquote>'],
    ['a lead-in and an empty figure', '<p>She tweeted:</p><figure></figure>'],
    ['a lead-in and an empty box', '<p>Er schrieb auf Instagram:</p><div class="embed"> </div>'],
    ['a picture’s address in a sentence', '<p>“All on deck” pic.twitter.com/AbCdEf1234</p>'],
    [
      'a frame of another service',
      '<iframe src="https://frames.example/1" title="Mara on Twitter: &quot;Hi&quot;"></iframe>',
    ],
    ['a share link of Facebook', '<p>https://www.facebook.com/share/p/1BxyzAbCdE/</p>'],
    [
      'a share link of Reddit',
      '<p><a href="https://www.reddit.com/r/ferries/s/AbCdEfGhIj">https://www.reddit.com/r/ferries/s/AbCdEfGhIj</a></p>',
    ],
    ['a short link of TikTok', '<p>https://vm.tiktok.com/ZMabcdefg/</p>'],
    ['a short link of Facebook', '<p>https://fb.watch/abcDEF123/</p>'],
  ])('%s', (_, body) => {
    const { embeds, suspected } = page(body);
    expect(embeds).toEqual([]);
    expect(suspected).toHaveLength(1);
  });

  it.each([
    ['a lead-in with its post', `<p>She tweeted:</p><figure>${POST}</figure>`],
    ['an element filled elsewhere', `${POST}<div class="twitter-tweet"></div>`],
    [
      'the embed of a creator',
      '<blockquote class="tiktok-embed" data-unique-id="ferry" data-embed-type="creator"><section></section></blockquote>',
    ],
    [
      'a share button’s frame',
      '<iframe src="https://platform.twitter.com/widgets/tweet_button.html" title="Twitter Tweet Button"></iframe>',
    ],
    ['a sentence on tweeting', '<p>She tweeted a lot: every day.</p><p>And more.</p>'],
    [
      'a share link in a sentence',
      '<p>See https://www.facebook.com/share/p/1BxyzAbCdE/ for more.</p>',
    ],
    ['a profile alone in its paragraph', '<p>https://www.facebook.com/ferryline</p>'],
  ])('not: %s', (_, body) => {
    expect(page(body).suspected).toEqual([]);
  });
});
