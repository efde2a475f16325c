/** The variants of EMBEDS section B as text, attributions in running text, and fuzzed lines. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Attribution,
  findAttributions,
  readAttribution,
} from '../../src/normalise/attribution.ts';
import { readDate } from '../../src/normalise/date.ts';
import { cleanName } from '../../src/normalise/name.ts';
import { CLDR_DATES } from './cldr-dates.ts';

const VARIANTS: readonly (readonly [
  line: string,
  name: string | null,
  handle: string,
  date: string,
])[] = [
  [
    '— Example Name (@example_user) August 28, 2021',
    'Example Name',
    'example_user',
    'August 28, 2021',
  ],
  [
    '— Example 360° 🇺🇦✊🏽 (@example_user) August 28, 2021',
    'Example 360° 🇺🇦✊🏽',
    'example_user',
    'August 28, 2021',
  ],
  [
    '— Example (she/her) (@example_user) August 28, 2021',
    'Example (she/her)',
    'example_user',
    'August 28, 2021',
  ],
  [
    '— Ex (@old_name) Ample (@example_user) August 28, 2021',
    'Ex (@old_name) Ample',
    'example_user',
    'August 28, 2021',
  ],
  [
    '— Example — News (@example_user) August 28, 2021',
    'Example — News',
    'example_user',
    'August 28, 2021',
  ],
  [
    '— Example 7 - WXYZ (@example_user) August 28, 2021',
    'Example 7 - WXYZ',
    'example_user',
    'August 28, 2021',
  ],
  [
    '— @ex@social.example (@example_user) August 28, 2021',
    '@ex@social.example',
    'example_user',
    'August 28, 2021',
  ],
  ['— 例え（＠example_user）2021年8月28日', '例え', 'example_user', '2021年8月28日'],
  ['— 例え(脱例え) (@example_user) 2021年8月28日', '例え(脱例え)', 'example_user', '2021年8月28日'],
  [
    '— \u200fדוגמה\u200e (@example_user) 28 באוגוסט 2021',
    'דוגמה',
    'example_user',
    '28 באוגוסט 2021',
  ],
  ['— مثال (@example_user) ٢٨ أغسطس ٢٠٢١', 'مثال', 'example_user', '٢٨ أغسطس ٢٠٢١'],
  ['— مثال (@example_user) ۶ شهریور ۱۴۰۰', 'مثال', 'example_user', '۶ شهریور ۱۴۰۰'],
  ['— ตัวอย่าง (@example_user) 28 สิงหาคม 2564', 'ตัวอย่าง', 'example_user', '28 สิงหาคม 2564'],
  ['— उदाहरण (@example_user) २८ अगस्त २०२१', 'उदाहरण', 'example_user', '२८ अगस्त २०२१'],
  [
    '– Example Name (@example_user) August 28, 2021',
    'Example Name',
    'example_user',
    'August 28, 2021',
  ],
  [
    '- Example Name (@example_user) August 28, 2021',
    'Example Name',
    'example_user',
    'August 28, 2021',
  ],
  [
    '-- Example Name (@example_user) August 28, 2021',
    'Example Name',
    'example_user',
    'August 28, 2021',
  ],
  [
    '&mdash; Example Name (@example_user) August 28, 2021',
    'Example Name',
    'example_user',
    'August 28, 2021',
  ],
  [
    '—Example Name (@example_user) August 28, 2021',
    'Example Name',
    'example_user',
    'August 28, 2021',
  ],
  [
    '— Example Name(@example_user) August 28, 2021',
    'Example Name',
    'example_user',
    'August 28, 2021',
  ],
  [
    '— Example Name (@example_user)August 28, 2021',
    'Example Name',
    'example_user',
    'August 28, 2021',
  ],
  [
    '— Example Name ( @ example_user ) August 28, 2021',
    'Example Name',
    'example_user',
    'August 28, 2021',
  ],
  [
    '— Example Name (@example_user) 10:03 PM - 28 Aug 2021',
    'Example Name',
    'example_user',
    '10:03 PM - 28 Aug 2021',
  ],
  ['— 例えさん (@example_user) 8月 28, 2021', '例えさん', 'example_user', '8月 28, 2021'],
  ['— (@example_user) August 28, 2021', null, 'example_user', 'August 28, 2021'],
  ['— Пример (@example_user) 28 августа 2021 г.', 'Пример', 'example_user', '28 августа 2021 г.'],
  ['— Példa (@example_user) 2021. augusztus 28.', 'Példa', 'example_user', '2021. augusztus 28.'],
  [
    '> — Example Name (@example_user) August 28, 2021',
    'Example Name',
    'example_user',
    'August 28, 2021',
  ],
  [
    '— Example (@example.bsky.social) 2024-09-21T17:43:25.000Z',
    'Example',
    'example.bsky.social',
    '2024-09-21T17:43:25.000Z',
  ],
  [
    '— Example (@user@social.example) August 28, 2021',
    'Example',
    'user@social.example',
    'August 28, 2021',
  ],
];

/** What the spans cut out of the line is what was read. */
function expectSpans(line: string, read: Attribution) {
  const { name, date } = read.spans;
  if (name) expect(cleanName(line.slice(...name))).toBe(read.name);
  if (date) expect(line.slice(...date)).toBe(read.dateText);
}

describe('an attribution line', () => {
  it.each(VARIANTS)('%s', (...[line, name, handle, dateText]) => {
    const read = readAttribution(line);
    expect(read).toMatchObject({ name, handle, dateText });
    if (read) expectSpans(line, read);
    expect(readDate(dateText)?.date).not.toBeNull();
  });

  it.each(CLDR_DATES)('with a date in %s: %s', (_, date) => {
    const line = `— Example Name (@example_user) ${date}`;
    const read = readAttribution(line);
    expect(read).toMatchObject({ name: 'Example Name', handle: 'example_user' });
    expect(readDate(read?.dateText ?? '')?.date).toBe('2021-08-28');
  });

  it('needs no readable date: what stands there is given as it is', () => {
    const read = readAttribution('— Example Name (@example_user) gestern');
    expect(read).toMatchObject({
      name: 'Example Name',
      handle: 'example_user',
      dateText: 'gestern',
    });
  });

  it('without a handle is one only between a dash and a date', () => {
    const line = '— Example Name August 28, 2021';
    const read = readAttribution(line);
    expect(read).toMatchObject({ name: 'Example Name', handle: null, dateText: 'August 28, 2021' });
    if (read) expectSpans(line, read);
    expect(readAttribution('Example Name August 28, 2021')).toBeNull();
    expect(readAttribution('— Example Name')).toBeNull();
    expect(readAttribution('An ordinary sentence, with a date: August 28, 2021')).toBeNull();
  });

  it('without a date has none', () => {
    expect(readAttribution('— Example Name (@example_user)')).toMatchObject({
      name: 'Example Name',
      handle: 'example_user',
      dateText: null,
    });
  });

  it('tells where the handle stands', () => {
    const line = '— Example Name (@example_user) August 28, 2021';
    const at = readAttribution(line)?.spans.handle;
    expect(at && line.slice(...at)).toBe('example_user');
  });
});

describe('attributions in running text', () => {
  it.each(VARIANTS)('are found on a line of their own: %s', (...[line, name, handle, dateText]) => {
    const text = `The first line of the post.\n${line}\nThe article goes on in 2022.`;
    const found = findAttributions(text);
    expect(found.length).toBe(1);
    expect(found[0]).toMatchObject({ name, handle, dateText });
    for (const one of found) expectSpans(text, one);
  });

  it('are found in the middle of a line, with the last em dash before the name', () => {
    const text =
      'He said — loudly — this. — Example Name (@example_user) August 28, 2021 As he notes, 12 people came.';
    const [found, ...others] = findAttributions(text);
    expect(others).toEqual([]);
    expect(found).toMatchObject({
      name: 'Example Name',
      handle: 'example_user',
      dateText: 'August 28, 2021',
    });
    expect(text.slice(found?.start, found?.end)).toBe(
      '— Example Name (@example_user) August 28, 2021',
    );
  });

  it('are all found on a glued line', () => {
    const text = 'One.— A (@a_user) August 28, 2021Two.— B (@b_user) 29 août 2021 Three.';
    expect(
      findAttributions(text).map(({ name, handle, dateText }) => [name, handle, dateText]),
    ).toEqual([
      ['A', 'a_user', 'August 28, 2021'],
      ['B', 'b_user', '29 août 2021'],
    ]);
  });

  it('of The Hill’s layout stand between the first and the second line of the post', () => {
    const text = [
      'The first line of the post.',
      '— Example News 360° (@example_user) August 28, 2021',
      'At that time, the second line.',
      'As they say, "the third." pic.twitter.com/XV7RggUEg4',
    ].join('\n');
    expect(findAttributions(text)).toMatchObject([
      { name: 'Example News 360°', handle: 'example_user', dateText: 'August 28, 2021' },
    ]);
  });

  it.each([
    ['Follow us on Twitter (@example_user) for more.', 'no date'],
    ['Jane Doe (@example_user) August 28, 2021', 'no dash'],
    ['Jane Doe - (@example_user) wrote on August 28, 2021', 'words between handle and date'],
    ['See also-this (@example_user) August 28, 2021', 'a hyphen inside the line'],
    ['— Example Name (@example_user) Aug 28', 'no year'],
    [`— ${'word '.repeat(60)}(@example_user) August 28, 2021`, 'a sentence is no name'],
    ['— Example Name, August 28, 2021', 'no handle'],
    [
      '— Example (@this_is_no_handle_at_all_it_is_too_long_for_any_network) August 28, 2021',
      'no handle',
    ],
  ])('are not seen in %j: %s', (text) => {
    expect(findAttributions(text)).toEqual([]);
  });
});

function expectValid(line: string, read: Attribution) {
  if (read.handle !== null) expect(read.handle).toMatch(/^[\w.@:-]{1,200}$/);
  expectSpans(line, read);
  for (const span of Object.values(read.spans)) {
    if (span) expect(0 <= span[0] && span[0] < span[1] && span[1] <= line.length).toBe(true);
  }
}

describe('fuzzed lines', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.constantFrom(
      '—',
      '– ',
      '-',
      '&mdash;',
      ' (@',
      '(@',
      '（＠',
      ')',
      '）',
      '@',
      'example_user',
      'August 28, 2021',
      '28',
      '2021年8月28日',
      ' ',
      '\n',
      '\u200f',
      'г.',
      '(',
      '03/04/2020',
      '٢٥ مارس ٢٠٢٠',
    ),
  );

  it('never throw and never yield an invalid handle, date or span', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 16 }), (pieces) => {
        const line = pieces.join('');
        const reads = [readAttribution(line), ...findAttributions(line)];
        for (const read of reads) if (read) expectValid(line, read);
        for (const found of findAttributions(line))
          expect(readDate(found.dateText ?? '')).not.toBeNull();
      }),
      { numRuns: 5000 },
    );
  });

  it('give every name, handle and day back', () => {
    const names = fc.stringMatching(/^[\p{L}\p{N}][\p{L}\p{N} .'!&-]{0,38}[\p{L}\p{N}]$/u);
    const handles = fc.stringMatching(/^[A-Za-z0-9_]{1,15}$/);
    fc.assert(
      fc.property(names, handles, fc.constantFrom(...CLDR_DATES), (name, handle, [, date]) => {
        const folded = name.replace(/ +/g, ' ');
        expect(readAttribution(`— ${folded} (@${handle}) ${date}`)).toMatchObject({
          name: folded,
          handle,
        });
        expect(findAttributions(`A post.\n— ${folded} (@${handle}) ${date}\nMore.`)).toMatchObject([
          { name: folded, handle },
        ]);
      }),
      { numRuns: 1000 },
    );
  });
});
