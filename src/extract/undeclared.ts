/** The charset of bytes that nothing declares: UTF-16 by its NULs, UTF-8 by its form, anything else by its statistics. */
import { isUtf8 } from 'node:buffer';
import { createRequire } from 'node:module';
import type * as jschardet from 'jschardet';

const SAMPLE = 4096;

/** Markup is mostly ASCII, so in UTF-16 every other byte is NUL; hardly any byte of another page is. */
export function unmarkedUtf16(bytes: Uint8Array): string | null {
  const length = Math.min(bytes.length, SAMPLE) & ~1;
  if (length < 4) return null;
  let even = 0;
  let odd = 0;
  for (let i = 0; i < length; i += 2) {
    if (bytes[i] === 0) even++;
    if (bytes[i + 1] === 0) odd++;
  }
  // an ideographic space is U+3000: a few NULs stand on the other side too
  const enough = (length / 2) * 0.2;
  if (odd > enough && even < odd / 10) return 'utf-16le';
  return even > enough && odd < even / 10 ? 'utf-16be' : null;
}

/** As TextDecoder names it; windows-1252 where the bytes say nothing, as browsers do in the west. */
export function detectCharset(bytes: Uint8Array): string {
  if (isUtf8(bytes)) return hasIso2022(bytes) ? 'iso-2022-jp' : 'utf-8';
  // a body cut in the middle of a character, or a page with one bad byte, is still UTF-8
  if (brokenSequences(bytes) <= 0.02) return 'utf-8';
  return byStatistics(bytes) ?? 'windows-1252';
}

/** The detector looks at 200,000 bytes: they begin shortly before the first that is not ASCII, if that comes late. */
const LATE = 100_000;
const LEAD = 1000;
/** Fewer bytes beyond ASCII than this are a stray accent or quotation mark, and say nothing of a language. */
const TELLING = 3;

const require = createRequire(import.meta.url);
/** 80 ms and 14 MB to load, 60 MB once used: only a page that needs it pays. */
let detector: typeof jschardet.chardet | undefined;

function byStatistics(bytes: Uint8Array): string | null {
  const first = bytes.findIndex((byte) => byte >= 0x80);
  let telling = 0;
  for (let i = first; i < bytes.length && telling < TELLING; i++)
    if ((bytes[i] ?? 0) >= 0x80) telling++;
  if (telling < TELLING) return null;
  detector ??= (require('jschardet') as typeof jschardet).chardet;
  const { encoding } = detector.detect(bytes.subarray(first > LATE ? first - LEAD : 0), {
    includeEncodings: CANDIDATES,
  });
  const name = encoding === null ? undefined : NAMES.get(encoding.toLowerCase());
  return name === 'iso-8859-15' && !hasEuroOrLigature(bytes) ? null : (name ?? null);
}

/** What ISO-8859-15 has where windows-1252 has `¤` and fractions: `½` stands alone, `œ` inside a word. */
const EURO_OR_LIGATURE = /\xa4|[a-z\xc0-\xff][\xbc\xbd]|[\xbc\xbd][a-z\xc0-\xff]/i;
const hasEuroOrLigature = (bytes: Uint8Array): boolean =>
  EURO_OR_LIGATURE.test(
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1'),
  );

/** What the detector calls a charset that web pages are in, and what TextDecoder calls it. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ...[1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258].flatMap((page) => [
    [`windows-${page}`, `windows-${page}`] as const,
    [`cp${page}`, `windows-${page}`] as const,
  ]),
  ['cp874', 'windows-874'],
  ['tis-620', 'windows-874'],
  ['iso-8859-1', 'windows-1252'],
  ['iso-8859-9', 'windows-1254'],
  ...[2, 5, 7, 8].map((part) => [`iso-8859-${part}`, `iso-8859-${part}`] as const),
  ['iso8859-15', 'iso-8859-15'],
  ['koi8-r', 'koi8-r'],
  ['koi8-u', 'koi8-u'],
  ['shift_jis', 'shift_jis'],
  ['shift_jis_2004', 'shift_jis'],
  ['cp932', 'shift_jis'],
  ['euc-jp', 'euc-jp'],
  ['euc_jis_2004', 'euc-jp'],
  ['euc-kr', 'euc-kr'],
  ['cp949', 'euc-kr'],
  ['gb18030', 'gb18030'],
  ['gbk', 'gbk'],
  ['gb2312', 'gbk'],
  ['big5', 'big5'],
  ['big5hkscs', 'big5'],
]);
const CANDIDATES = [...NAMES.keys()];

function hasIso2022(bytes: Uint8Array): boolean {
  const at = bytes.indexOf(0x1b);
  return at >= 0 && bytes[at + 1] === 0x24 && (bytes[at + 2] === 0x42 || bytes[at + 2] === 0x40);
}

/** Share of the bytes above ASCII that are not part of a well-formed UTF-8 sequence. */
function brokenSequences(bytes: Uint8Array): number {
  let high = 0;
  let broken = 0;
  for (let i = 0; i < bytes.length; i++) {
    if ((bytes[i] ?? 0) < 0x80) continue;
    const length = sequenceLength(bytes, i);
    high += Math.max(1, length);
    broken += length === 0 ? 1 : 0;
    i += Math.max(1, length) - 1;
  }
  return high === 0 ? 0 : broken / high;
}

/** Bytes of the well-formed sequence at `at`, one cut by the end included; 0 if there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
  for (let i = 1; i < length; i++) {
    if (((bytes[at + i] ?? 0x80) & 0xc0) !== 0x80) return 0;
  }
  return length;
}
