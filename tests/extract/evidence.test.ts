/** Evidence is the way back: undoing the recorded wrappers on the recorded slice gives what was read. */
import { describe, expect, it } from 'vitest';
import type { Embed } from '../../src/embed.ts';
import { extract } from '../../src/extract/index.ts';
import { undo, type Wrapper } from '../../src/extract/wrappers.ts';
import { networks } from '../../src/networks/index.ts';
import { encode } from './legacy-encoder.ts';
import { fixtures, page } from './samples.ts';
import { aroundMarkup } from './wrappings.ts';

/** Of each family of charsets one, with a text of its own. */
const CHARSETS: Readonly<Record<string, string>> = {
  'utf-8': 'Füße 日本 🌉',
  'utf-16le': 'Füße 日本 🌉',
  'utf-16be': 'Füße 日本 🌉',
  'windows-1252': 'Füße – so',
  'windows-1251': 'Мост открыт',
  'windows-1256': 'الجسر مفتوح',
  'koi8-r': 'Мост открыт',
  shift_jis: '橋が開通した',
  'euc-jp': '橋が開通した',
  'iso-2022-jp': '橋が開通した',
  'euc-kr': '다리가 열렸다',
  gb18030: '大桥重新开放',
  big5: '大橋重新開放',
};

/** The slice of the page as a reader gets it from the record. */
function undone(bytes: Uint8Array, embed: Embed, charset = 'utf-8'): string {
  const { start, end, wrappers } = embed.evidence ?? { start: 0, end: 0, wrappers: [] };
  const slice = new TextDecoder(charset).decode(bytes.subarray(start, end));
  return (wrappers as Wrapper[]).reduce(undo, slice);
}

/** What must stand in it: the id (its last part), or without one the handle. */
const tell = ({ postId, author }: Embed): string =>
  postId?.split(/[/_]/).at(-1) ?? author.handle ?? '';

const all = networks.flatMap((network) => fixtures(network));

describe('evidence', () => {
  it.each(all.map(({ name, bytes }) => [name, bytes] as const))(
    '%s: the slice holds the post',
    (_, bytes) => {
      for (const embed of extract(bytes).embeds) {
        expect(embed.evidence).not.toBeNull();
        expect(undone(bytes, embed)).toContain(tell(embed));
      }
    },
  );

  it.each(all.map(({ name, bytes }) => [name, bytes] as const))(
    '%s: each source lies in the page and in order',
    (_, bytes) => {
      for (const { sources } of extract(bytes).embeds) {
        for (const [field, { start, end }] of Object.entries(sources)) {
          if (start === null || end === null) continue;
          expect(start, field).toBeGreaterThanOrEqual(0);
          expect(end, field).toBeGreaterThan(start);
          expect(end, field).toBeLessThanOrEqual(bytes.length);
        }
      }
    },
  );

  const post = (text: string, name: string): string =>
    `<blockquote class="twitter-tweet"><p lang="xx" dir="ltr">${text}</p>&mdash; ${name} (@ada_example) <a href="https://twitter.com/ada_example/status/1431500000000000000">August 28, 2021</a></blockquote>`;

  it.each([
    ['utf-8', 'Füße, 日本語, 🌉', (text: string) => Buffer.from(text, 'utf8')],
    ['windows-1252', 'Füße – “so”', latin1],
    ['utf-16le', 'Füße, 日本語, 🌉', (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le')],
    [
      'utf-16be',
      'Füße, 日本語, 🌉',
      (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
    ],
  ])('spans are byte offsets in %s', (charset, text, encode) => {
    const bytes = encode(
      page(`<p>${text} ${text}</p>${post(text, 'Ada Éxample')}`).toString('utf8'),
    );
    const answer = extract(bytes, charset.startsWith('utf-16') ? {} : { charset });
    const [embed] = answer.embeds;
    expect(answer.charset).toBe(charset);
    expect(embed).toMatchObject({ text, author: { name: 'Ada Éxample' } });
    const slice = undone(bytes, embed as Embed, charset);
    expect(slice.startsWith('<blockquote')).toBe(true);
    expect(slice.endsWith('</blockquote>')).toBe(true);
    const { start, end } = embed?.sources['text'] ?? {};
    expect(new TextDecoder(charset).decode(bytes.subarray(start ?? 0, end ?? 0))).toBe(
      `<p lang="xx" dir="ltr">${text}</p>`,
    );
  });

  it.each(
    Object.entries(CHARSETS).flatMap(([charset, text]) =>
      Object.keys(aroundMarkup).map((wrapper) => [charset, wrapper, text] as const),
    ),
  )('%s, %s: the slice gives back what was read', (charset, wrapper, text) => {
    const around = aroundMarkup[wrapper]?.(post(text, `Ada ${text}`)) ?? '';
    const bytes = encode(`<article><h1>x</h1><p>${text}</p>${around}<p>${text}</p>`, charset);
    const answer = extract(bytes, { charset });
    const [embed] = answer.embeds;
    expect(answer.charset).toBe(charset);
    expect(embed).toMatchObject({ text, author: { name: `Ada ${text}` } });
    const slice = undone(bytes, embed as Embed, charset);
    expect(slice).toContain(`— Ada ${text} (@ada_example)`.replace('— ', ''));
    expect(slice).toContain(`>${text}</p>`);
    expect(slice).toContain('/status/1431500000000000000');
  });

  it('spans are byte offsets in Shift_JIS and ISO-2022-JP', () => {
    const before = '<meta charset="shift_jis"><article><h1>x</h1>';
    // 日本 in Shift_JIS and in ISO-2022-JP
    const sjis = Buffer.concat([
      Buffer.from(before),
      Buffer.from([0x93, 0xfa, 0x96, 0x7b]),
      Buffer.from(post('x', 'y')),
    ]);
    expect(undone(sjis, extract(sjis).embeds[0] as Embed, 'shift_jis')).toBe(post('x', 'y'));
    const jis = Buffer.concat([
      Buffer.from('<article><h1>x</h1>'),
      Buffer.from([0x1b, 0x24, 0x42, 0x46, 0x7c, 0x4b, 0x5c, 0x1b, 0x28, 0x42]),
      Buffer.from(post('x', 'y')),
    ]);
    const answer = extract(jis);
    expect(answer.charset).toBe('iso-2022-jp');
    expect(undone(jis, answer.embeds[0] as Embed, 'iso-2022-jp')).toBe(post('x', 'y'));
  });
});

/** windows-1252, for the few characters used here. */
function latin1(text: string): Buffer {
  const special: Readonly<Record<string, number>> = { '–': 0x96, '“': 0x93, '”': 0x94 };
  return Buffer.from([...text].map((c) => special[c] ?? c.charCodeAt(0)));
}
