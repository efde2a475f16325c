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
    [
      'an empty box named for a tweet',
      '<div class="embed embed--twitter" data-item="8213"><div></div></div>',
    ],
    [
      'what WordPress leaves around nothing',
      '<figure class="wp-block-embed is-provider-instagram"><div class="wp-block-embed__wrapper">\n</div></figure>',
    ],
    ['an empty box of TikTok', '<div class="tiktok-placeholder"><!-- filled later --></div>'],
    ['an empty box of Bluesky', '<section class="bluesky-post"></section>'],
    [
      'a frame of Facebook without a post',
      '<iframe src="https://www.facebook.com/plugins/post.php?href=https%3A%2F%2Fwww.facebook.com%2Fferry&amp;width=500"></iframe>',
    ],
    [
      'a lazy frame of X without an id',
      '<iframe data-src="https://platform.twitter.com/embed/Tweet.html?theme=light"></iframe>',
    ],
    [
      'a frame of another service that loads X’s script',
      '<iframe src="https://cdn.example/widgets/media.html?src=https%3A%2F%2Fplatform.twitter.com%2Fwidgets.js&amp;type=text%2Fhtml"></iframe>',
    ],
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
      'an empty element in a sidebar',
      '</article><div class="sidebar"><blockquote class="twitter-tweet"></blockquote></div><article>',
    ],
    ['a named box with words', '<div class="twitter-container"><p>Follow the ferry.</p></div>'],
    [
      'a named box around a timeline',
      '<div class="embed-twitter"><a class="twitter-timeline" href="https://twitter.com/ferry">Tweets</a></div>',
    ],
    ['a named box around its post', `<div class="twitter-embed"> ${POST} </div>`],
    [
      'a frame of a page of Facebook',
      '<iframe src="https://www.facebook.com/plugins/page.php?href=https%3A%2F%2Fwww.facebook.com%2Fferry"></iframe>',
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
