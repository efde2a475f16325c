/** Every wrapper with every network: a wrapper knows no network, a network no wrapper. */
import { describe, expect, it } from 'vitest';
import { extract } from '../../src/extract/index.ts';
import { networks } from '../../src/networks/index.ts';
import { escapeHtml, page, sampleOf } from './samples.ts';
import { aroundMarkup } from './wrappings.ts';

const rss = (description: string): Buffer =>
  Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>News</title><item><title>The bridge</title>${description}</item></channel></rss>`,
  );

describe.each(networks.map((network) => [network.name, network] as const))('%s', (_, network) => {
  const { markup, embed } = sampleOf(network);
  const claims = (bytes: Buffer) =>
    extract(bytes).embeds.map(({ role, platform, postId }) => ({ role, platform, postId }));
  const expected = [{ role: 'embed', platform: embed.platform, postId: embed.postId }];

  it.each(Object.entries(aroundMarkup))('is found in %s', (_name, wrap) => {
    expect(claims(page(wrap(markup)))).toEqual(expected);
  });

  it('is found in a feed, in CDATA and escaped', () => {
    expect(
      claims(rss(`<content:encoded><![CDATA[<p>Text.</p>${markup}]]></content:encoded>`)),
    ).toEqual(expected);
    expect(
      claims(rss(`<description>${escapeHtml(`<p>Text.</p>${markup}`)}</description>`)),
    ).toEqual(expected);
  });

  it('is an embed in the article and none in a sidebar, comment, footer or comment markup', () => {
    for (const outside of [
      `<aside class="sidebar">${markup}</aside>`,
      `<section id="comments">${markup}</section>`,
      `<div class="related-posts">${markup}</div>`,
      `<!-- ${markup} -->`,
    ]) {
      expect(claims(page(outside)), outside.slice(0, 40)).toEqual([]);
    }
  });

  const address = embed.url;
  const around = {
    'alone in a paragraph': (url: string) => `<p>${escapeHtml(url)}</p>`,
    'a link alone in a paragraph': (url: string) =>
      `<p><a href="${escapeHtml(url)}">${escapeHtml(url)}</a></p>`,
    embedly: (url: string) =>
      `<iframe class="embedly-embed" src="https://cdn.embedly.com/widgets/media.html?type=text%2Fhtml&amp;key=1&amp;url=${encodeURIComponent(url)}&amp;image=x"></iframe>`,
    iframely: (url: string) =>
      `<div class="iframely-embed"><div class="iframely-responsive"><a href="${escapeHtml(url)}" data-iframely-url="//cdn.iframe.ly/api/iframe?url=${encodeURIComponent(url)}&amp;key=1"></a></div></div>`,
    "a CMS's oEmbed frame": (url: string) =>
      `<iframe src="/media/oembed?url=${encodeURIComponent(url)}&amp;max_width=0&amp;hash=abc"></iframe>`,
    'a placeholder': (url: string) =>
      `<div class="c-oembed" data-oembed-url="${escapeHtml(url)}"></div>`,
    'a consent frame': (url: string) =>
      `<iframe data-consent-src="${escapeHtml(url)}" src="about:blank"></iframe>`,
    'a block comment': (url: string) => `<!-- wp:embed {"url":"${url}","type":"rich"} -->`,
    'typed data': (url: string) =>
      `<script type="application/json">{"blocks":[{"type":"embed","url":${JSON.stringify(url)}}]}</script>`,
    'typed data with escaped slashes': (url: string) =>
      `<script>var s={"blocks":[{"type":"oembed","url":${JSON.stringify(url).replaceAll('/', '\\/')}}]}</script>`,
  };
  it.runIf(address).each(Object.entries(around))('its address is an embed: %s', (_name, wrap) => {
    expect(claims(page(wrap(address ?? '')))).toEqual(expected);
  });

  it.runIf(address)('its address in a sentence is a citation, in a share link nothing', () => {
    const link = `<p>She <a href="${escapeHtml(address ?? '')}">wrote</a> it.</p>`;
    expect(claims(page(link))).toEqual([{ ...expected[0], role: 'citation' }]);
    const share = `<a href="https://share.example/share?url=${encodeURIComponent(address ?? '')}">Share</a>`;
    expect(claims(page(share))).toEqual([]);
  });
});
