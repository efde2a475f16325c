/**
 * The page is an adversary. On any bytes: no exception, an answer that fits its schema, spans inside the page. Shapes that
 * made parsers quadratic (docs of cheerio, htmlparser2, parse5 and own finds) come at a size at which quadratic work
 * would not end within the test's time; what is measured is that it ends.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extractionSchema } from '../../src/embed.ts';
import { extract } from '../../src/extract/index.ts';
import { networks } from '../../src/networks/index.ts';
import { fixtures, page } from './samples.ts';

const ID = '1431500000000000000';
const POST = `<blockquote class="twitter-tweet"><a href="https://twitter.com/ada/status/${ID}">x</a></blockquote>`;
const ADDRESS = `https://twitter.com/ada/status/${ID}`;
const N = 100_000;
const many = (count: number, each: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => each(i)).join('');

/** What must hold of every answer. */
function sound(bytes: Uint8Array) {
  const answer = extractionSchema.parse(extract(bytes));
  for (const { evidence, sources } of answer.embeds) {
    for (const span of [evidence, ...Object.values(sources)]) {
      if (!span || span.start === null || span.end === null) continue;
      expect(span.start).toBeLessThan(span.end);
      expect(span.end).toBeLessThanOrEqual(bytes.length);
    }
  }
  expect(JSON.stringify(answer).isWellFormed()).toBe(true);
  return answer;
}

const withPost: Readonly<Record<string, () => string>> = {
  '100,000 nested div': () => '<div>'.repeat(N) + POST,
  '100,000 nested div, closed': () => '<div>'.repeat(N) + POST.repeat(50) + '</div>'.repeat(N),
  '100,000 nested template': () => '<template>'.repeat(N) + POST,
  '100,000 nested aside': () => '<aside>'.repeat(N) + POST,
  '10,000 nested blockquotes': () => '<blockquote class="twitter-tweet">'.repeat(10_000) + POST,
  '500,000 attributes on one tag': () => `<div ${many(500_000, (i) => `a${i}="twitter" `)}>${POST}`,
  'an attribute of megabytes': () => `<div data-x="${'twitter.com/x '.repeat(N)}">${POST}`,
  'an escaped attribute of megabytes': () => `<div data-x="${'&lt;'.repeat(5 * N)}twitter">${POST}`,
  'a flood of <': () => '<'.repeat(10 * N) + POST,
  'a flood of &': () => '&'.repeat(10 * N) + POST,
  'a flood of NUL': () => '\0'.repeat(10 * N) + POST,
  'a flood of spaces': () => `twitter${' '.repeat(10 * N)}${POST}`,
  'end tags of nothing': () => '</p></b></zzz>'.repeat(N) + POST,
  'lists never closed': () => '<ul><li>'.repeat(N) + POST,
  '100,000 comments': () => '<!-- twitter -->'.repeat(N) + POST,
  '20,000 scripts': () => '<script>var twitter</script>'.repeat(N / 5) + POST,
  'objects nested in JSON': () =>
    `<script>${`{"type":"embed","url":"${ADDRESS}","x":`.repeat(N / 10)}</script>`,
  'keys nested in JSON': () => `<script>${'{"tweet":'.repeat(N)}"${ADDRESS}"</script>`,
  'regular expressions': () => `<script>"${ADDRESS}" ${'=/['.repeat(N)}</script>${POST}`,
  'quotes and backslashes': () => `<script>"${ADDRESS}" ${'"\\'.repeat(3 * N)}</script>${POST}`,
  'links in a blockquote': () =>
    `<blockquote>${`<a href="${ADDRESS}">x</a>`.repeat(N / 10)}</blockquote>`,
  'devalue of many objects': () =>
    `<script>[${'{"a":1,"type":2},'.repeat(N)}"${ADDRESS}","embed"]</script>${POST}`,
  'one key of an object, many times': () =>
    `<script>{${`"a":"${ADDRESS}",`.repeat(N / 5)}"b":1}</script>${POST}`,
  'text cut by stray <': () => `<p>${'twitter < '.repeat(N / 2)}</p>${POST}`,
  'titles and metas': () => '<title>x</title><meta name="author" content="x">'.repeat(N) + POST,
};

const withoutPost: Readonly<Record<string, () => string>> = {
  'comments never closed': () => `${'<!--'.repeat(N)}twitter`,
  'a script never closed': () => '<script>'.repeat(N) + POST,
  'almost end tags': () => `<script>${'</scrip'.repeat(N)}twitter`,
  'arrays nested in JSON': () => `<script>{"tweetId":${'['.repeat(3 * N)}"${ADDRESS}"`,
  'JSON-LD never closed': () => '<script type="application/ld+json">{'.repeat(N),
  'a handle of megabytes': () => `(@${'a'.repeat(10 * N)})`,
  'many at-signs': () => '(@a) '.repeat(N),
  'a feed cut by stray <': () => `<rss><description>${'twitter < &lt '.repeat(N / 2)}`,
  'dots after at': () => `@${'a.'.repeat(5 * N)}/1`,
  'base64 of markup, cut': () => `<div data-x="${'PGJsb2NrcXVvdGUg'.repeat(N)}">`,
};

describe('hostile pages', () => {
  it.each(Object.entries(withPost))(
    '%s: the post is found, or the answer says that it was cut',
    (_, make) => {
      const answer = sound(Buffer.from(make()));
      const found = answer.embeds.some(({ postId }) => postId === ID);
      expect(found || answer.truncated !== null).toBe(true);
    },
  );

  it.each(Object.entries(withoutPost))('%s: nothing is found', (_, make) => {
    expect(sound(Buffer.from(make())).embeds).toEqual([]);
  });

  it('50,000 posts are cut, and the answer says so', () => {
    const posts = many(50_000, (i) => POST.replace(ID, `14315${String(i).padStart(14, '0')}`));
    const answer = sound(Buffer.from(posts));
    expect(answer.embeds.length).toBeGreaterThanOrEqual(500);
    expect(answer.truncated).toMatch(/more (?:markers|than)/);
  });

  it('5,000 signed paragraphs and 5,000 signed lines end', () => {
    sound(Buffer.from(many(5000, (i) => `<p>Text ${i}.</p><p>— a (@abc) August 28, 2021</p>`)));
    sound(Buffer.from(many(5000, (i) => `Text ${i}.\n— a (@abc) August 28, 2021\n`)));
  });

  it('wrappers in wrappers are undone to a depth, not for ever', () => {
    let markup = POST;
    for (let i = 0; i < 12; i++)
      markup = `<div data-html="${Buffer.from(markup).toString('base64')}"></div>`;
    sound(Buffer.from(markup));
  });

  it('data with __proto__ and constructor pollutes nothing', () => {
    const json = `{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"type":"embed","url":"${ADDRESS}","n":1e400,"id_str":"1","id_str":"2"}`;
    sound(page(`<script type="application/json">${json}</script>`));
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('NUL, lone surrogates and cut emoji in a post come out well-formed', () => {
    const json = JSON.stringify({ html: POST.replace('>x<', '>a\ud83d\0b<') });
    sound(page(`<script>var s=${json}</script>`));
    sound(
      Buffer.concat([
        page(POST.replace('>x<', '>ab<')).subarray(0, -200),
        Buffer.from([0xf0, 0x9f, 0x8c]),
      ]),
    );
  });

  it('UTF-16 with every other byte missing is an answer', () => {
    const bytes = Buffer.from(page(POST).toString(), 'utf16le');
    sound(bytes.subarray(0, bytes.length - 1));
    sound(Buffer.from(bytes.filter((_, i) => i % 7 !== 3)));
  });
});

type Cut = readonly [where: number, length: number, how: string];

function mutate(bytes: Buffer, cuts: readonly Cut[]): Buffer {
  return cuts.reduce((before, [where, length, how]) => {
    const at = Math.floor(where * before.length);
    const doubled = before.subarray(at, at + length * 20);
    const piece = how === 'cut' ? [] : [how === 'double' ? doubled : Buffer.from(how)];
    const after = before.subarray(at + (how === 'double' ? 0 : length));
    return Buffer.concat([before.subarray(0, at), ...piece, after]);
  }, bytes);
}

describe('any bytes', () => {
  it('give an answer', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => void sound(bytes)),
      { numRuns: 300 },
    );
  });

  const pieces = [
    '<',
    '>',
    '"',
    "'",
    '=',
    '&',
    '/',
    '\\',
    '{',
    '}',
    '[',
    ']',
    ':',
    '--',
    '<!--',
    '-->',
    '<script>',
    '</script>',
    '<blockquote class="twitter-tweet">',
    '</blockquote>',
    ADDRESS,
    '(@ada)',
    '— ',
    'August 28, 2021',
    '<p>',
    'data-tweet-id',
    '\\u003C',
    '%3C',
    '&lt;',
    '<![CDATA[',
    '<textarea>',
    'instagram.com/p/',
    '日本',
    '\0',
    ' ',
  ];

  it('of markup, quotes and markers in any order give an answer', () => {
    const markup = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 8 })), {
      maxLength: 120,
    });
    fc.assert(
      fc.property(markup, (parts) => void sound(Buffer.from(parts.join('')))),
      { numRuns: 1000 },
    );
  });

  it('are read the same way twice', () => {
    const markup = fc.array(fc.constantFrom(...pieces), { maxLength: 60 });
    fc.assert(
      fc.property(markup, (parts) => {
        const bytes = Buffer.from(parts.join(''));
        expect(extract(bytes)).toEqual(extract(bytes));
      }),
      { numRuns: 100 },
    );
  });

  it('made from fixtures by cutting, doubling and overwriting give an answer', () => {
    const all = networks.flatMap((network) => fixtures(network)).map(({ bytes }) => bytes);
    const mutation = fc.record({
      file: fc.nat(all.length - 1),
      cuts: fc.array(
        fc.tuple(
          fc.double({ min: 0, max: 1, noNaN: true }),
          fc.nat(40),
          fc.constantFrom('cut', 'double', ...pieces),
        ),
        { minLength: 1, maxLength: 6 },
      ),
    });
    fc.assert(
      fc.property(mutation, (plan) => void sound(mutate(all[plan.file] as Buffer, plan.cuts))),
      { numRuns: 500 },
    );
  });
});
