/** Pages in the charsets of old content systems: declared by header, by meta, and by nothing; read whole, offsets right. */
import { describe, expect, it } from 'vitest';
import { extract } from '../../src/extract/index.ts';
import { encode } from './legacy-encoder.ts';
import { TEXTS } from './legacy-texts.ts';

/** A charset by TextDecoder's name, the languages of its texts, and what a page calls it where that differs. */
const CHARSETS: readonly (readonly [charset: string, langs: string, label?: string])[] = [
  ['windows-1250', 'pl cs hu'],
  ['windows-1251', 'ru uk bg'],
  ['windows-1252', 'fr de es en'],
  ['windows-1252', 'fr de es', 'iso-8859-1'],
  ['windows-1253', 'el'],
  ['windows-1254', 'tr'],
  ['windows-1254', 'tr', 'iso-8859-9'],
  ['windows-1255', 'he'],
  ['windows-1256', 'ar'],
  ['windows-1257', 'lt lv'],
  ['windows-1258', 'vi'],
  ['iso-8859-2', 'pl cs hu'],
  ['iso-8859-5', 'ru bg'],
  ['iso-8859-7', 'el'],
  ['iso-8859-8', 'he'],
  ['iso-8859-15', 'fr de'],
  ['shift_jis', 'ja'],
  ['euc-jp', 'ja'],
  ['iso-2022-jp', 'ja'],
  ['euc-kr', 'ko'],
  ['gbk', 'zh', 'gb2312'],
  ['gb18030', 'zh'],
  ['big5', 'zht'],
  ['koi8-r', 'ru'],
  ['koi8-u', 'uk'],
  ['utf-16le', 'pl ja'],
  ['utf-16be', 'pl ja'],
  ['utf-8', 'pl ru ar ja'],
];

const TYPOGRAPHY: Readonly<Record<string, string>> = { '’': "'", '–': '-', '“': '"', '”': '"' };
/** Grave, acute, tilde, hook above, dot below. */
const TONES = ['\u0300', '\u0301', '\u0303', '\u0309', '\u0323'];

/** The text as this charset can say it: ISO parts have no curly quotes, Vietnamese writes its tones behind the letter. */
function sayable(text: string, charset: string): string {
  if (charset === 'windows-1258') return [...text].map(toneBehind).join('');
  if (charset === 'iso-8859-15') return `${plain(text)} 10 €, un cœur.`;
  return charset.startsWith('windows') || charset.startsWith('utf') ? text : plain(text);
}

const plain = (text: string): string => text.replace(/[’–“”]/gu, (mark) => TYPOGRAPHY[mark] ?? '');

function toneBehind(character: string): string {
  const [base = '', ...marks] = character.normalize('NFD');
  const tones = marks.filter((mark) => TONES.includes(mark)).join('');
  return (base + marks.filter((mark) => !TONES.includes(mark)).join('')).normalize('NFC') + tones;
}

const pageOf = (text: string, meta = ''): string =>
  `<!doctype html><html><head>${meta}<title>${text}</title><script>for(var i=0;i<9;i++){f(i)}</script></head><body><nav><a href="/a">Home</a></nav><p>${text}</p><blockquote class="twitter-tweet"><p lang="xx">${text}</p>&mdash; ${text.slice(0, 20).trim()} (@ada_example) <a href="https://twitter.com/ada_example/status/1431500000000000000">August 28, 2021</a></blockquote></body></html>`;

const cases = CHARSETS.flatMap(([charset, langs, label = charset]) =>
  langs.split(' ').map((lang) => ({ charset, label, lang })),
);

interface Page {
  readonly charset: string;
  readonly text: string;
  readonly bytes: Buffer;
}

/** What is read is what was written, and every offset cuts it out of the bytes. */
function expectWhole({ charset, text, bytes }: Page, header: string | null): void {
  const read = extract(bytes, { url: 'https://news.example/2021/storm', charset: header });
  const cut = ({ start, end }: { start: number | null; end: number | null }): string =>
    new TextDecoder(charset).decode(bytes.subarray(start ?? 0, end ?? 0));
  const [embed] = read.embeds;
  expect(embed?.text).toBe(text);
  expect(embed?.author.name).toBe(text.slice(0, 20).trim());
  expect(read.article.title).toBe(text);
  const { evidence, sources } = embed ?? {};
  if (!(evidence && sources?.['author.name'] && sources['text'])) expect.unreachable();
  else {
    expect(cut(evidence)).toMatch(/^<blockquote[\s\S]*<\/blockquote>$/);
    expect(cut(sources['author.name'])).toContain(embed?.author.name);
    expect(cut(sources['text'])).toContain(text);
  }
}

describe.each(cases)('a page in $label ($lang)', ({ charset, label, lang }) => {
  const { title, body } = TEXTS[lang] ?? { title: '', body: '' };
  const short = sayable(title, charset);
  const long = sayable(`${title}. ${body}`, charset);
  const pageIn = (text: string, meta?: string): Page => ({
    charset,
    text,
    bytes: encode(pageOf(text, meta), charset),
  });

  it('is read by what its header says', () => {
    expectWhole(pageIn(short), label);
    expectWhole(pageIn(long), label.toUpperCase());
  });

  it('is read by what its meta says', () => {
    expectWhole(pageIn(short, `<meta charset="${label}">`), null);
    const older = `<meta http-equiv="Content-Type" content="text/html; charset=${label}">`;
    expectWhole(pageIn(long, older), null);
  });

  it('is read where nothing declares it', () => {
    expectWhole(pageIn(short), null);
    expectWhole(pageIn(long), null);
  });
});

describe('a byte order mark', () => {
  it.each(['utf-8', 'utf-16le', 'utf-16be'])('of %s counts whatever else is said', (charset) => {
    const text = TEXTS['ja']?.title ?? '';
    const bytes = encode(`\ufeff${pageOf(text, '<meta charset="windows-1251">')}`, charset);
    expectWhole({ charset, text, bytes }, 'windows-1252');
  });
});

describe('a page that declares nothing', () => {
  it.each([
    ['curly quotes', 'It\x92s \x93here\x94 \x96 now'],
    ['a pound', '\xa350'],
    ['a single letter', 'M\xfcller'],
    ['a fraction', '\xbd cup'],
    ['a copyright line', '\xa9 2021 Example'],
    ['a degree', '10 \xb0C'],
  ])('and holds but %s beyond ASCII is windows-1252', (_, text) => {
    const bytes = Buffer.from(pageOf(`A plain line of English. ${text}`), 'latin1');
    expect(extract(bytes).charset).toBe('windows-1252');
  });

  it('and is UTF-8 is never taken for another, cut or with a bad byte', () => {
    for (const { title, body } of Object.values(TEXTS)) {
      const bytes = Buffer.from(pageOf(`${title}. ${body}`));
      for (const cut of [0, 1, 2, 3, 50]) {
        expect(extract(bytes.subarray(0, bytes.length - 300 - cut)).charset).toBe('utf-8');
      }
      expect(extract(Buffer.concat([bytes, Buffer.from([0xff])])).charset).toBe('utf-8');
    }
  });

  it('and begins with 300 KB of scripts is still told by its text', () => {
    const text = encode(pageOf(TEXTS['ru']?.title ?? ''), 'windows-1251');
    const script = Buffer.from(`<script>${'f(1);'.repeat(60_000)}</script>`);
    expect(extract(Buffer.concat([script, text])).charset).toBe('windows-1251');
  });
});
