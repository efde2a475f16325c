/**
 * The page is an adversary. On any bytes: no exception, an answer that fits its schema, spans inside the page. Shapes that
 * made parsers quadratic come at a size at which quadratic work would not end within the test's time; what is measured is
 * that it ends. How the work grows is counted in `work.test.ts`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extractionSchema } from '../../src/embed.ts';
import { extract } from '../../src/extract/index.ts';
import { networks } from '../../src/networks/index.ts';
import { ADDRESS, ID, many, POST, withoutPost, withPost } from './hostile-shapes.ts';
import { fixtures, page } from './samples.ts';

const N = 100_000;
/** `FUZZ_SECONDS=600 FUZZ_PAGES=folder npx vitest run tests/extract/hostile.test.ts -t 'long time'` */
const SECONDS = Number(process.env['FUZZ_SECONDS'] ?? 0);

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

describe('hostile pages', () => {
  it.each(Object.entries(withPost))(
    '%s: the post is found, or the answer says that it was cut',
    (_, make) => {
      const answer = sound(Buffer.from(make(N)));
      const found = answer.embeds.some(({ postId }) => postId === ID);
      expect(found || answer.truncated !== null).toBe(true);
    },
  );

  it.each(Object.entries(withoutPost))('%s: nothing is found', (_, make) => {
    expect(sound(Buffer.from(make(N))).embeds).toEqual([]);
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

  it('a feed whose text is cut by 20,000 stray < is read to its end', () => {
    const escaped = POST.replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    const text = `${'twitter < &lt '.repeat(20_000)}</description><description>${escaped}`;
    const answer = sound(Buffer.from(`<rss><description>${text}</description></rss>`));
    expect(answer.embeds.map(({ postId }) => postId)).toEqual([ID]);
    expect(answer.truncated).toBeNull();
  });

  it('an object whose 3,000 values all name the network is one post, asked once', () => {
    const notes = Array.from({ length: 3000 }, () => '"on twitter"').join();
    const tweet = `{"id_str":"${ID}","text":"x","user":{"name":"A","screen_name":"ada"},"notes":[${notes}]}`;
    const answer = sound(page(`<script type="application/json">${tweet}</script>`));
    expect(answer.embeds.map(({ postId }) => postId)).toEqual([ID]);
    expect(answer.truncated).toBeNull();
  });

  it('a post that the end of the page cuts off ends with the page', () => {
    const [text, byline] = ['<p lang="en">The ferry</p>', '&mdash; Ada (@ada) '];
    const residue = '<p>The ferry. pic.twitter.com/AbCd123456</p><p>— Ada (@ada) August 28, 2021';
    expect(sound(Buffer.from(`<article><h1>x</h1><p>y</p>${residue}`)).embeds).toHaveLength(1);
    for (const post of [`<p lang="en">The fer`, `${text}${byline}<a href="${ADDRESS}">August 28`]) {
      const cut = `<article><h1>x</h1><p>y</p><blockquote class="twitter-tweet" data-tweet-id="${ID}">${post}`;
      expect(sound(Buffer.from(cut)).embeds).toHaveLength(1);
    }
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

  /** Which of so many pages, and up to so many places with what is done there, floods of a piece too. */
  const plans = (pages: number, most: number, flood: number) =>
    fc.record({
      file: fc.nat(pages - 1),
      cuts: fc.array(
        fc.tuple(
          fc.double({ min: 0, max: 1, noNaN: true }),
          fc.nat(40),
          fc.oneof(
            { weight: 9, arbitrary: fc.constantFrom('cut', 'double', ...pieces) },
            {
              weight: 1,
              arbitrary: fc.constantFrom(...pieces).map((piece) => piece.repeat(flood)),
            },
          ),
        ),
        { minLength: 1, maxLength: most },
      ),
    });
  const own = networks.flatMap((network) => fixtures(network)).map(({ bytes }) => bytes);

  it('made from fixtures by cutting, doubling and overwriting give an answer', () => {
    const check = fc.property(plans(own.length, 6, 2), ({ file, cuts }) => {
      sound(mutate(own[file] as Buffer, cuts));
    });
    fc.assert(check, { numRuns: 500 });
  });

  it.runIf(SECONDS > 0)(
    'made from fixtures and whole pages, for a long time, give an answer',
    () => {
      const folder = process.env['FUZZ_PAGES'];
      const whole = folder
        ? readdirSync(folder).map((name) => readFileSync(join(folder, name)))
        : [];
      const all = [...own, ...whole];
      const done = { mutations: 0, bytes: 0 };
      const check = fc.property(plans(all.length, 12, 1000), ({ file, cuts }) => {
        const bytes = mutate(all[file] as Buffer, cuts);
        sound(bytes);
        done.mutations++;
        done.bytes += bytes.length;
      });
      const limit = { interruptAfterTimeLimit: SECONDS * 1000, markInterruptAsFailure: false };
      fc.assert(check, { numRuns: 1e9, endOnFailure: true, ...limit });
      console.log(`${done.mutations} mutations, ${done.bytes / 1e9} GB`);
    },
    SECONDS * 1000 + 60_000,
  );
});
