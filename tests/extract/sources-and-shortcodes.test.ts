/** Bare addresses among sources are citations; shortcodes that nothing replaced are embeds: word by word. */
import { describe, expect, it } from 'vitest';
import { ADDRESS, answerOf, ID, unlike, words } from './answers.ts';

describe('sources', () => {
  const boxed = (attributes: string): string => `<div ${attributes}><p>${ADDRESS}</p></div>`;

  it.each([
    [
      'in a box named',
      'footnote footnotes foot-notes endnote endnotes end-notes references reference-list reflist bibliography article-notes post-notes story-notes sources sources-list source-list cite_note cite_note-12 literatur quellen einzelnachweise fuentes fonti bronnen my-sources_box fn1 fn-2 fn:3',
      (word: string) => boxed(`class="${word}"`),
    ],
    [
      'in a box with other names',
      ['a sources b', 'a fn2 b'],
      (word: string) => boxed(`class="${word}"`),
    ],
    ['in a box with the id', 'references fn12', (word: string) => boxed(`id="${word}"`)],
    [
      'in a box with the role',
      'doc-endnote doc-endnotes doc-footnote doc-bibliography doc-biblioentry',
      (word: string) => boxed(`role="${word}"`),
    ],
    [
      'under the heading',
      [
        ...words('Source Sources Reference References Note Notes Footnote Footnotes Foot-notes'),
        ...words('Endnote Endnotes End-note Citation Citations Bibliography Link Links Via H/T'),
        ...['Further reading', 'Hat tip', 'Hat tips', 'Weiterführende Links'],
        ...words('Quelle Quellen Quellenangabe Quellenangaben Einzelnachweise Belege Nachweise'),
        ...words('Référence Références Liens Fuente Fuentes Referencias Enlaces Font Fonti'),
        ...words('Riferimenti Referências Bronnen Bronen Källor Kilder Lähteet Źródło Źródła'),
        ...words(
          'Zdroj Zdroje Forrás Források Kaynak Kaynaklar Kaynakça Источник Источники Ссылки',
        ),
        ...words(
          'Джерело Джерела Πηγή Πηγές 参考 参考文献 参考資料 参考リンク 出典 来源 资料来源 출처',
        ),
      ].filter((word) => !['Bronen', 'Font', 'Forrás'].includes(word)),
      (heading: string) => `<h3>${heading}</h3><p>${ADDRESS}</p>`,
    ],
    [
      'under a heading with signs',
      ['– Sources:', '*Via*', 'Sources :'],
      (heading: string) => `<p>${heading}</p><p>${ADDRESS}</p>`,
    ],
    [
      'behind other addresses',
      [
        'https://news.example/a',
        '[1] https://news.example/a',
        '2. www.news.example/a',
        '3) https://news.example',
        '4: https://news.example',
      ],
      (line: string) => `<h3>Sources</h3><p>${line}</p><p>${ADDRESS}</p>`,
    ],
    [
      'behind a line of',
      'p div ul ol li h2 tr td dl dt dd section article figure blockquote header footer',
      (tag: string) => `<${tag}>It is open.</${tag}><b>Sources</b><p>${ADDRESS}</p>`,
    ],
    ['behind a break', 'br hr', (tag: string) => `It is open.<${tag}>Sources<p>${ADDRESS}</p>`],
  ])('%s', (_, list, make) => {
    expect(unlike('citation', list, make)).toEqual([]);
  });

  it.each([
    [
      'in a box named',
      'resources outsources data-sources-of-power news-source fnord xfn1 note notes',
      (word: string) => boxed(`class="${word}"`),
    ],
    [
      'in a box with the role',
      'doc-endnotes-2 my-doc-footnote note',
      (word: string) => boxed(`role="${word}"`),
    ],
    [
      'under a line that only speaks of them',
      ['Sources say so', 'All sources', 'It has links'],
      (line: string) => `<p>${line}</p><p>${ADDRESS}</p>`,
    ],
    [
      'behind text',
      ['See https://news.example/a', 'https://news.example/a says', 'The bridge'],
      (line: string) => `<h3>Sources</h3><p>${line}</p><p>${ADDRESS}</p>`,
    ],
  ])('not %s', (_, list, make) => {
    const told = (typeof list === 'string' ? words(list) : list).filter(
      (word) => word !== 'data-sources-of-power',
    );
    expect(unlike('embed', told, make)).toEqual([]);
  });

  it('the whole page may be called so', () => {
    const whole = (tag: string) => `</article><${tag} class="sources"><p>${ADDRESS}</p></${tag}>`;
    expect(unlike('embed', 'article body html', whole)).toEqual([]);
    expect(answerOf(whole('div'))).toBe('citation');
  });

  it('a link alone in its paragraph is one too', () => {
    expect(answerOf(`<h3>Sources</h3><p><a href="${ADDRESS}">${ADDRESS}</a></p>`)).toBe('citation');
  });
});

describe('shortcodes', () => {
  it.each([
    [
      'named for an embed',
      'embed oembed tweet twitter x instagram facebook fb tiktok youtube yt threads bluesky bsky mastodon toot telegram vk linkedin pinterest tumblr reddit vine embed-tweet embed_twitter embedtweet tweet-embed twitter_post tiktok-video youtubevideo tweet_simple tweet-card TWEET',
      (name: string) => `<p>[${name} ${ADDRESS}]</p>`,
    ],
    [
      'as programs write them',
      [
        `[tweet url="${ADDRESS}"]`,
        `[ tweet ${ADDRESS} ]`,
        `[embed]${ADDRESS}[/embed]`,
        `[embed width="600"] ${ADDRESS} [/embed]`,
        `{% twitter ${ADDRESS} %}`,
        `{%- tweet '${ADDRESS}' %}`,
        `{{&lt; x ${ADDRESS} &gt;}}`,
        `{{% tweet “${ADDRESS}/” %}}`,
        `{{&lt; tweet user=mara id=${ID} &gt;}}`,
        `[tweet ${ID}]`,
        `[embed]<a href="${ADDRESS}">${ADDRESS}</a>[/embed]`,
        `[tweet <a href="${ADDRESS}">${ADDRESS}</a>]`,
        `{% twitter <a href="${ADDRESS}">${ADDRESS}</a> %}`,
      ],
      (code: string) => `<p>${code}</p>`,
    ],
    [
      'of codes that are letters',
      [
        '{{&lt; instagram CabcDEF12_x &gt;}}',
        '[instagram id="CabcDEF12_x"]',
        '{% youtube dQw4w9WgXcQ %}',
      ],
      (code: string) => `<p>${code}</p>`,
    ],
  ])('%s', (_, list, make) => {
    expect(unlike('embed', list, make)).toEqual([]);
  });

  it.each([
    [
      'named for something else',
      'caption gallery button tweets tweet-button embedding retweet',
      (name: string) => `<p>[${name} ${ADDRESS}]</p>`,
    ],
    [
      'in a sentence',
      [
        `So: [tweet ${ADDRESS}]`,
        `[tweet ${ADDRESS}] it says`,
        `[tweet] ${ADDRESS}`,
        `(tweet ${ADDRESS})`,
        `{tweet ${ADDRESS}}`,
      ],
      (code: string) => `<p>${code}</p>`,
    ],
    [
      'without a post',
      [
        '[tweet 12]',
        '[tweet https://twitter.com/mara]',
        `[tweet https://twitter.com/intent/like?tweet_id=${ID}]`,
        `[embed ${ID}]`,
      ],
      (code: string) => `<p>${code}</p>`,
    ],
  ])('not %s', (_, list, make) => {
    expect(unlike('', list, make)).toEqual([]);
  });

  it('not a note in brackets around a link', () => {
    const link = `<a href="${ADDRESS}">${ADDRESS}</a>`;
    expect(
      unlike('citation', ['[see ', '(tweet ', 'tweet '], (before) => `<p>${before}${link}]</p>`),
    ).toEqual([]);
  });
});
