/** Which charset the bytes are in, decided as browsers do: BOM, HTTP header, meta or XML declaration, then the bytes. */
import { isUtf8 } from 'node:buffer';

/** Browsers look at 1,024 bytes; pages with their meta a little later are common and lose nothing here. */
const PRESCAN = 8192;
const META_CHARSET = /<meta[^>]{0,300}?charset\s*=\s*["']?\s*([\w:.-]{2,40})/i;
const XML_ENCODING = /^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w:.-]{2,40})/;
const SAMPLE = 512;

export interface Charset {
  /** As TextDecoder names it. */
  readonly name: string;
  readonly bom: number;
}

export function decideCharset(bytes: Uint8Array, header: string | null): Charset {
  const bom = byteOrderMark(bytes);
  if (bom) return bom;
  const declared = label(header) ?? unmarkedUtf16(bytes) ?? label(prescan(bytes), 'meta');
  return { name: declared ?? detect(bytes), bom: 0 };
}

function byteOrderMark(bytes: Uint8Array): Charset | null {
  const [a, b, c] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return { name: 'utf-8', bom: 3 };
  if (a === 0xff && b === 0xfe) return { name: 'utf-16le', bom: 2 };
  if (a === 0xfe && b === 0xff) return { name: 'utf-16be', bom: 2 };
  return null;
}

/** A label as TextDecoder knows it; a meta that could be read as ASCII cannot mean UTF-16. */
function label(name: string | null | undefined, from?: 'meta'): string | null {
  if (!name) return null;
  try {
    const { encoding } = new TextDecoder(name.trim());
    return from === 'meta' && encoding.startsWith('utf-16') ? 'utf-8' : encoding;
  } catch {
    return null;
  }
}

function prescan(bytes: Uint8Array): string | null {
  const head = Buffer.from(
    bytes.buffer,
    bytes.byteOffset,
    Math.min(bytes.length, PRESCAN),
  ).toString('latin1');
  return (META_CHARSET.exec(head) ?? XML_ENCODING.exec(head))?.[1] ?? null;
}

/** Markup is mostly ASCII, so in UTF-16 every other byte is NUL. */
function unmarkedUtf16(bytes: Uint8Array): string | null {
  const length = Math.min(bytes.length, SAMPLE) & ~1;
  if (length < 4) return null;
  let even = 0;
  let odd = 0;
  for (let i = 0; i < length; i += 2) {
    if (bytes[i] === 0) even++;
    if (bytes[i + 1] === 0) odd++;
  }
  const pairs = length / 2;
  if (odd > pairs * 0.7 && even === 0) return 'utf-16le';
  return even > pairs * 0.7 && odd === 0 ? 'utf-16be' : null;
}

function detect(bytes: Uint8Array): string {
  const end = bytes.length;
  if (isUtf8(bytes)) return hasIso2022(bytes) ? 'iso-2022-jp' : 'utf-8';
  // A body cut in the middle of a character, or a page with one bad byte, is still UTF-8.
  return brokenSequences(bytes.subarray(0, end)) <= 0.02 ? 'utf-8' : 'windows-1252';
}

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
