/** Data: which words say that it is another article's, or analytics. */
import { describe, expect, it } from 'vitest';
import { extract } from '../../src/extract/index.ts';
import { ADDRESS, answerOf, data, PAGE, unlike } from './answers.ts';

const post = { type: 'embed', url: ADDRESS };
const TITLE = 'Another long headline of theirs';
const other = { headline: TITLE, url: '/another', author: 'Bo' };

describe('data of others', () => {
  it.each([
    [
      'under a key',
      'related recommend most-read most_viewed popular trending latest sidebar teaser promo more-from more_stories moreNews read-more readNext nextArticles our_next_story feed comments timeline footer navigation playlist next prev previous nextPost prevArticle prev-story nextItem nextPage next_entry nextNode',
      (key: string) => ({ [key]: [{ a: post }] }),
    ],
    [
      'in an object typed as a collection',
      'teaser teasers related recommended recommendation recommendations most-read mostviewed most_popular article-teaser page_related block-related content-related story-related news-related teaser-list teasers-lists teaser-collection related-block related_blocks related-box related-grid related-item related-items related-article related-articles related-posts related-post related-stories related-content related-contents related-slider related-carousel related-module related-link related-links',
      (type: string) => ({ type, items: [post] }),
    ],
    [
      'with a headline and an address of its own',
      'headline title name headlines seoTitle hed',
      (key: string) => ({
        [key]: TITLE,
        url: '/another',
        author: 'Bo',
        section: 'News',
        a: [post],
      }),
    ],
    [
      'with an address of its own',
      'url canonical_url canonicalUrl website_url link permalink slug uri href path shareUrl webUrl',
      (key: string) => ({ headline: TITLE, [key]: 'another', author: 'Bo', a: [post] }),
    ],
    [
      'with a headline in an object',
      'rendered basic text value default plain title headline',
      (key: string) => ({
        title: { [key]: TITLE },
        url: '/another',
        author: 'Bo',
        date: '1',
        a: [post],
      }),
    ],
    [
      'with what articles have',
      'headlineText published_at date publishDate article_body articleBody body content description summary author category canonical modified created updated dek lead teaserText',
      (key: string) => ({ title: TITLE, url: '/another', section: 'News', [key]: 'x', a: [post] }),
    ],
    [
      'with a slug',
      ['slug'],
      (key: string) => ({ title: TITLE, author: 'Bo', [key]: 'another', a: [post] }),
    ],
    [
      'with a section',
      ['section'],
      (key: string) => ({ title: TITLE, url: '/another', author: 'Bo', [key]: 'x', a: [post] }),
    ],
  ])('%s', (_, list, make) => {
    expect(unlike('', list, (word) => data(make(word)))).toEqual([]);
  });

  it.each([
    ['the page’s own headline', { headline: 'The bridge is open', url: '/another', author: 'Bo' }],
    ['the page’s own address', { ...other, url: '/the-bridge' }],
    ['the page’s own slug', { ...other, url: 'the-bridge' }],
    ['a short title', { ...other, headline: 'A new ferry' }],
    ['no address', { headline: TITLE, author: 'Bo' }],
    ['no title', { url: '/another', author: 'Bo', section: 'News' }],
    ['nothing else of an article', { title: TITLE, url: '/another', section: 'News' }],
    [
      'a headline under another key',
      { title: [{ text: TITLE }], url: '/another', author: 'Bo', date: '' },
    ],
    [
      'a headline in an object for something else',
      { image: { text: TITLE }, url: '/a', author: 'Bo', date: '' },
    ],
    [
      'a key that ends in an article’s',
      { title: TITLE, url: '/a', section: 'News', subauthor: 'Bo' },
    ],
    ['a type that goes on', { type: 'related-tweet' }],
    ['a type that begins before', { type: 'un-related' }],
    ['a key that goes on', { nextPosting: 1 }],
  ])('not: %s', (_, value) => {
    const inside = 'nextPosting' in value ? { nextPosting: [post] } : { ...value, a: [post] };
    expect(answerOf(data(inside))).toBe('embed');
  });

  it('where the page says what it is itself, by headline or address', () => {
    const inData = data({ ...other, a: [post] });
    const roles = (head: string, options: { url?: string }) =>
      extract(
        Buffer.from(`<html><head>${head}</head><body><p>x</p>${inData}</body></html>`),
        options,
      ).embeds.map(({ role }) => role);
    const canonical = `<link rel="canonical" href="${PAGE}">`;
    expect(roles(canonical, {})).toEqual([]);
    expect(roles('<title>The bridge</title>', { url: PAGE })).toEqual([]);
    expect(roles('', { url: PAGE })).toEqual(['embed']);
    expect(roles('<title>The bridge</title>', {})).toEqual(['embed']);
  });

  it('not: what is titled after a post on its network', () => {
    const hosts = 'twitter x instagram facebook tiktok youtube';
    const make = (host: string) =>
      data({
        title: TITLE,
        url: `https://www.${host}.com/mara`,
        author: 'Bo',
        date: '1',
        a: [post],
      });
    expect(unlike('embed', hosts, make)).toEqual([]);
  });
});

describe('analytics', () => {
  const json = JSON.stringify(post);

  it.each([
    [
      'calls',
      [
        ...[
          'dataLayer.push(',
          'adobeDataLayer.push(',
          'gtag(',
          'ga(',
          '_gaq.push(',
          'fbq(',
          'twq(',
        ],
        ...['ttq.track(', '_satellite.track(', 'trackEvent(', 'newrelic.interaction('],
        ...['analytics', 'mixpanel', 'amplitude', 'heap', 'snowplow', 'plausible', 'segment'].map(
          (name) => `${name}.track(`,
        ),
        ...['page', 'push', 'logEvent'].map((name) => `analytics.${name}(`),
        ...['utag.link(', 'utag.view('],
      ],
      (call: string) => `<script>${call}${json})</script>`,
    ],
    [
      'objects',
      'dataLayer digitalData utag_data _sf_async_config parsely PARSELY s_code',
      (name: string) => `<script>window.${name} = ${json}</script>`,
    ],
    [
      'events',
      'eventCategory event_action hitType hit_type',
      (key: string) => data({ [key]: 'x', a: [post] }),
    ],
    [
      'happenings',
      'click view impression load scroll share interact track',
      (event: string) => data({ event, a: [post] }),
    ],
  ])('%s', (_, list, make) => {
    expect(unlike('', list, make)).toEqual([]);
  });

  it.each([
    ['a function of the page', `<script>draw(${json})</script>`],
    ['a longer name', `<script>window.mydataLayer = ${json}</script>`],
    ['behind a call', `<script>dataLayer = []; draw(${json})</script>`],
    ['an event of a calendar', data({ event: 'opening', a: [post] })],
    ['a word under another key', data({ state: 'loaded', a: [post] })],
    ['a key that goes on', data({ eventCategoryOf: 'x', a: [post] })],
    ['a key that begins before', data({ theHitType: 'x', a: [post] })],
  ])('not: %s', (_, body) => {
    expect(answerOf(body)).toBe('embed');
  });
});
