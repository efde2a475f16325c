/** Cards of X that sites draw themselves, or keep as X drew them: what must agree, and which part is which field. */
import { describe, expect, it } from 'vitest';
import { extract } from '../../src/extract/index.ts';
import { ADDRESS, ID, words } from '../extract/answers.ts';
import { page } from '../extract/samples.ts';

const OTHER = ADDRESS.replace(ID, '1431562348571234999');
const TEXT = 'The ferry is back.';
const link = (label: string, href = ADDRESS): string => `<a href="${href}">${label}</a>`;

function read(body: string) {
  const { author, text, postedAt, form } = extract(page(body)).embeds[0] ?? {};
  return { name: author?.name, handle: author?.handle, text, date: postedAt?.text, form };
}

describe('a card of a site’s own making', () => {
  interface Parts {
    readonly name?: string;
    readonly handle?: string;
    readonly body?: string;
    readonly links?: string;
    readonly of?: string;
  }
  const card = ({ of = 'tweet-card', name = '<b>Mara Vey</b>', ...parts }: Parts): string =>
    `<div class="${of}"><div>${name}${parts.handle ?? '<i>@mara</i>'}</div>${parts.body ?? `<p>${TEXT}</p>`}${parts.links ?? link('Aug 28, 2021')}</div>`;
  const whole = {
    name: 'Mara Vey',
    handle: 'mara',
    text: TEXT,
    date: 'Aug 28, 2021',
    form: 'card',
  };

  it('gives author, text and date, whatever it is called', () => {
    const names =
      'tweet-card tweet-embed tweet-container tweet-wrapper tweet-box tweet-block tweet-preview embedded-tweet embed-tweet static-tweet twitter-embed';
    for (const of of words(names)) expect(read(card({ of })), of).toEqual(whole);
    const said = `x-post" data-href="https://x.com/mara`;
    expect(read(card({ of: said }))).toEqual(whole);
    expect(read(card({ of: 'tweet-list' })).form).not.toBe('card');
  });

  it.each(words('text tweet-text text-b body card_body content message'))(
    'its text is what is called %s',
    (name) => {
      const body = `<p>Published.</p><div class="${name}">${TEXT}</div>`;
      expect(read(card({ body })).text).toBe(TEXT);
    },
  );

  it('of several paragraphs the first that is not called otherwise', () => {
    expect(read(card({ body: `<p class="context">${TEXT}</p><p>More</p>` })).text).toBe(TEXT);
  });

  it.each([
    ['another’s handle in the address', { handle: '<i>@bo</i>' }],
    ['links to two posts', { links: link('1') + link('2', OTHER) }],
    ['no text', { body: '<p> </p>' }],
    ['no handle', { handle: '<i>mara</i>' }],
    ['a handle with more to it', { handle: '<i>by @mara today</i>' }],
    ['no link', { links: '' }],
    ['a byline as in the official markup', { body: `<p>${TEXT}</p><p>— Mara (@mara)</p>` }],
    ['more elements than a card has', { body: `<p>${TEXT}</p>${'<u></u>'.repeat(200)}` }],
  ])('is none with %s', (_, parts) => {
    expect(read(card(parts)).form).not.toBe('card');
  });

  it('may name another post in a button, or write its handle otherwise', () => {
    const like = link('Like', 'https://twitter.com/intent/like?tweet_id=1431562348571234999');
    expect(read(card({ links: like + link('Aug 28, 2021') }))).toEqual(whole);
    expect(read(card({ handle: '<i>@Mara</i>' })).form).toBe('card');
    const plain = `https://twitter.com/i/status/${ID}`;
    expect(read(card({ links: link('Aug 28, 2021', plain) }))).toEqual(whole);
  });

  it.each([
    ['its time', { links: `<time>28 Aug</time>${link('See 1 more')}` }, '28 Aug'],
    ['no number in the link', { links: link('View on X') }, null],
    ['an address in the link', { links: link('twitter.com/mara/1') }, null],
  ])('its date: %s', (_, parts, date) => {
    expect(read(card(parts)).date).toBe(date);
  });

  it.each([
    ['none', { name: '' }, null],
    ['another handle', { name: '<b>@bo</b>' }, null],
    ['before a picture and a break', { name: '<b>Mara Vey</b><img src="a.jpg"><br>' }, 'Mara Vey'],
  ])('its name: %s', (_, parts, name) => {
    expect(read(card(parts)).name).toBe(name);
  });
});

describe('a post as X draws it', () => {
  const NAME = link('Mara Vey', 'https://twitter.com/mara');
  const TIME = link('<time datetime="2021-08-28T06:11:53.000Z">Aug 28</time>');
  const drawn = (name = NAME, time = TIME): string =>
    `${name}<div><span>@mara</span></div>${time}<div data-testid="tweetText" lang="en">${TEXT}</div>`;
  const article = (inside: string, id = 'tweet'): string =>
    `<article data-testid="${id}">${inside}</article>`;
  const frame = (inside: string): string =>
    `<iframe title="X Post" srcdoc="${inside.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"></iframe>`;
  const whole = { name: 'Mara Vey', handle: 'mara', text: TEXT, date: 'Aug 28', form: 'card' };

  it('gives author, text and date, on a page or in its frame', () => {
    expect(read(article(drawn()))).toEqual(whole);
    expect(read(frame(drawn()))).toEqual(whole);
    expect(read(article(drawn(), 'tweetDetail')).form).not.toBe('card');
    expect(read(article(drawn(NAME, ''))).form).not.toBe('card');
  });

  it('gives its language and its instant', () => {
    const early = article(drawn().replace(ID, '2104628571'));
    const [post] = extract(page(early)).embeds;
    expect(post?.lang).toBe('en');
    expect(post?.postedAt.instant).toBe('2021-08-28T06:11:53Z');
    expect(post?.sources['text']?.start).toBeGreaterThan(post?.evidence?.start ?? Infinity);
  });

  it('a frame is a post only with text or a date, and an address of X', () => {
    expect(read(frame(link('<time datetime="x"></time>'))).form).not.toBe('card');
    expect(read(frame(link('<time datetime="x">Aug 28</time>'))).form).toBe('card');
    expect(
      read(frame(`${link('<time datetime="x"></time>')}<p data-testid="tweetText">${TEXT}</p>`))
        .form,
    ).toBe('card');
  });

  it.each([
    '/mara',
    'https://x.com/mara',
    'https://www.twitter.com/mara',
    'http://mobile.twitter.com/mara?s=20#a',
  ])('its name links to the account: %s', (href) => {
    expect(read(article(drawn(link('Mara Vey', href)))).name).toBe('Mara Vey');
  });

  it.each([
    ['another account', link('Bo', 'https://twitter.com/bo')],
    ['the account on another site', link('Bo', 'https://bo.example/twitter.com/mara')],
    ['the handle', link('@mara', '/mara')],
    ['a picture', link('<img src="a.jpg">', '/mara')],
    ['a list of the account', link('Lists', '/mara/lists')],
  ])('its name is not that of %s', (_, other) => {
    expect(read(article(drawn(other))).name).toBeNull();
    expect(read(article(drawn(other + NAME))).name).toBe('Mara Vey');
  });
});
