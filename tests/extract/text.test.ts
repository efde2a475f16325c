/** Plain text: what text extractors leave of a page. */
import { describe, expect, it } from 'vitest';
import { extract } from '../../src/extract/index.ts';
import { residue, weight } from '../../src/networks/x/residue.ts';

const read = (text: string) => extract(Buffer.from(text), { plainText: true }).embeds;

const ONE =
  "Two weeks before the storm, the town's @harbour_master had asked everybody to stay at home.";
const TWO = 'At that time nobody thought the water would reach the bridge, let alone the mill.';
const THREE = 'As it turned out, these were "words to remember." pic.twitter.com/AbCdEf1234';

describe('posts in plain text', () => {
  it('are put together in order when the attribution stands in the middle', () => {
    const [embed, ...more] = read(
      `An article.\n\n${ONE}\n— Ada Example 360° (@AdaE360) August 28, 2021\n${TWO}\n${THREE}\nThe article goes on.`,
    );
    expect(more).toEqual([]);
    expect(embed).toMatchObject({
      platform: 'x',
      postId: null,
      url: null,
      author: { name: 'Ada Example 360°', handle: 'AdaE360' },
      postedAt: { date: '2021-08-28', source: 'text', instant: null },
      text: `${ONE} ${TWO} ${THREE}`,
      media: [{ display: 'pic.twitter.com/AbCdEf1234', url: 'https://t.co/AbCdEf1234' }],
      form: 'text',
    });
  });

  it('end at their attribution when their picture stands before it', () => {
    const [embed] = read(
      `${THREE}\n— Ada Example (@ada_example) 28. August 2021\nThe article goes on. pic.twitter.com/ZzZzZz1234`,
    );
    expect(embed?.text).toBe(THREE);
  });

  it('keep several paragraphs where quote marks show them', () => {
    const [embed] = read(
      `Before.\n> ${ONE}\n>\n> ${TWO}\n> — Ada Example (@ada_example) August 28, 2021\nAfter.`,
    );
    expect(embed?.text).toBe(`${ONE} ${TWO}`);
  });

  it('stand one after the other without mixing', () => {
    const embeds = read(
      `First.\n— A (@aaa) August 28, 2021\nSecond.\n— B (@bbb) August 29, 2021\n`,
    );
    expect(embeds.map(({ text, author }) => [text, author.handle])).toEqual([
      ['First.', 'aaa'],
      ['Second.', 'bbb'],
    ]);
  });

  it('longer than a post can be: whose they are is known, their text is not', () => {
    const [embed] = read(`${'A long line. '.repeat(40)}\n— A (@aaa) August 28, 2021`);
    expect(embed).toMatchObject({ text: null, author: { name: 'A', handle: 'aaa' } });
  });

  it('on the same line as the article: text unknown, picture and author known', () => {
    const [embed, ...more] = read(
      `The harbour closed. Here is what he wrote. ${ONE} — Ada Example 360° (@AdaE360) August 28, 2021 ${TWO} ${THREE} The article goes on.`,
    );
    expect(more).toEqual([]);
    expect(embed).toMatchObject({
      text: null,
      author: { name: 'Ada Example 360°', handle: 'AdaE360' },
      postedAt: { date: '2021-08-28' },
      media: [{ display: 'pic.twitter.com/AbCdEf1234' }],
    });
  });

  it('all the input on one line: where the post begins is unknown', () => {
    const line = `The harbour closed on Friday. ${THREE} — Ada (@ada_example) August 28, 2021`;
    expect(read(line)[0]).toMatchObject({
      text: null,
      media: [{ display: 'pic.twitter.com/AbCdEf1234' }],
    });
    expect(read(`Closed! — Ada (@ada_example) August 28, 2021`)[0]?.text).toBe('Closed!');
  });

  it.each([
    'The tweet reads: ',
    'He tweeted on Friday: ',
    'Am Freitag schrieb sie auf Twitter: ',
    'Publicó en Twitter: ',
  ])('behind %j begin after the colon', (intro) => {
    const [embed] = read(
      `Before.\n${intro}${ONE}\n— Ada (@ada_example) August 28, 2021\nThe article goes on.`,
    );
    expect(embed?.text).toBe(ONE);
  });

  it('behind another post on the same line have no text that can be told', () => {
    const embeds = read(
      `First. — A (@aaa) August 28, 2021 The article. Second. — B (@bbb) August 29, 2021`,
    );
    expect(embeds.map(({ text, author }) => [text, author.handle])).toEqual([
      [null, 'aaa'],
      [null, 'bbb'],
    ]);
  });

  it('an address alone on its line is an embed, in a line nothing', () => {
    const url = 'https://x.com/ada_example/status/1431500000000000000';
    expect(read(`Text.\n${url}\nText.`)).toMatchObject([
      { form: 'bare-url', postId: '1431500000000000000' },
    ]);
    expect(read(`Text ${url} text.`)).toEqual([]);
  });

  it('evidence holds the whole post, in bytes', () => {
    const text = `Füße.\n${ONE}\n— Ada (@ada) August 28, 2021\nEnd.`;
    const [embed] = read(text);
    const { start, end } = embed?.evidence ?? { start: 0, end: 0 };
    expect(Buffer.from(text).subarray(start, end).toString()).toBe(
      `${ONE}\n— Ada (@ada) August 28, 2021`,
    );
  });

  it.each([
    ['', 0],
    ['abc', 3],
    ['日本', 4],
    ['see https://example.com/a/very/long/address', 27],
    ['photo pic.twitter.com/AbCdEf1234', 5],
  ])('%j weighs %i', (text, expected) => {
    expect(weight(text)).toBe(expected);
  });

  it('a byline without handle or date gives nothing', () => {
    expect(residue('Text.\n— Ada Example, August 28, 2021')).toEqual([]);
    expect(residue('Text.\n— Ada Example (@ada)')).toEqual([]);
  });
});
