import { expect, it } from 'vitest';
import { extract } from '../../src/extract/index.ts';

const post = `<blockquote class="instagram-media" data-instgrm-permalink="https://www.instagram.com/p/ByxilPNJK3M/" data-instgrm-version="12"><div><p><a href="https://www.instagram.com/p/ByxilPNJK3M/">Caption</a></p><p>A post shared by Example Name (@example.name) on <time datetime="2019-06-16T14:30:55+00:00">Jun 16, 2019 at 7:30am PDT</time></p></div></blockquote>`;
const page = (time: string): Buffer =>
  Buffer.from(
    `<html><head><title>T</title></head><body><article><h1>T</h1>${time}<p>x</p>${post}</article></body></html>`,
  );

it('the time of a post is not taken for the time of its article', () => {
  const { article, embeds } = extract(page(''));
  expect(embeds[0]?.postedAt.instant).not.toBeNull();
  expect(article.publishedAt).toBeNull();
});

it("the article's own time beside a post's is the only one left", () => {
  const { article } = extract(page('<time datetime="2019-06-17T08:00:00+02:00">17 June</time>'));
  expect(article.publishedAt).toBe('2019-06-17T08:00:00+02:00');
});
