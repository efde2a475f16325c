/**
 * The page's bytes as a string of one character per byte, so that an offset in it is an offset in the body, whatever the
 * charset: everything HTML's grammar needs is ASCII. Text is decoded where it is read. UTF-16 and ISO-2022-JP are not
 * ASCII-compatible: they are carried over to UTF-8 first and offsets are led back when they are given out.
 */
import { type Charset, decideCharset } from './charset.ts';

export interface Source {
  readonly charset: string;
  readonly bytes: Uint8Array;
  /** The bytes, one character each. */
  readonly latin: string;
  /** A stretch of `latin` as text. */
  readonly decode: (latin: string) => string;
  /** How many bytes the first `index` UTF-16 units of the decoded `latin` stretch take. */
  readonly width: (latin: string, decoded: string, index: number) => number;
  /** An offset in `bytes` as an offset in the body as it was given. */
  readonly original: (offset: number) => number;
}

const NOT_ASCII = /[^\0-\x7f]/;

export function openSource(body: Uint8Array, header: string | null): Source {
  const charset = decideCharset(body, header);
  if (charset.name.startsWith('utf-16') || charset.name === 'iso-2022-jp') {
    return transcoded(body, charset);
  }
  return {
    charset: charset.name,
    bytes: body,
    latin: view(body).toString('latin1'),
    decode: decoderOf(charset.name),
    width: widthIn(charset.name),
    original: (offset) => offset,
  };
}

function decoderOf(charset: string): Source['decode'] {
  if (charset === 'utf-8') {
    return (latin) =>
      NOT_ASCII.test(latin) ? Buffer.from(latin, 'latin1').toString('utf8') : latin;
  }
  const decoder = new TextDecoder(charset, { ignoreBOM: true });
  return (latin) => (NOT_ASCII.test(latin) ? decoder.decode(Buffer.from(latin, 'latin1')) : latin);
}

const view = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function widthIn(charset: string): Source['width'] {
  return (latin, decoded, index) => {
    if (latin.length === decoded.length) return index;
    const head = decoded.slice(0, index);
    if (charset === 'utf-8' && !head.includes('\ufffd')) return Buffer.byteLength(head);
    return byteByByte(charset, latin, index);
  };
}

/** The bytes that give the first `index` units, found by feeding a decoder; only short stretches come here. */
function byteByByte(charset: string, latin: string, index: number): number {
  const decoder = new TextDecoder(charset, { ignoreBOM: true });
  const bytes = Buffer.from(latin, 'latin1');
  let units = 0;
  for (let i = 0; i < bytes.length; i++) {
    if (units >= index) return i;
    units += decoder.decode(bytes.subarray(i, i + 1), { stream: true }).length;
  }
  return bytes.length;
}

function transcoded(body: Uint8Array, charset: Charset): Source {
  const text = new TextDecoder(charset.name).decode(body).toWellFormed();
  const bytes = Buffer.from(text, 'utf8');
  const units =
    charset.name === 'iso-2022-jp'
      ? iso2022Offset(body)
      : (unit: number): number => Math.min(charset.bom + unit * 2, body.length);
  const checkpoints = byteCheckpoints(text);
  return {
    charset: charset.name,
    bytes,
    latin: bytes.toString('latin1'),
    decode: decoderOf('utf-8'),
    width: widthIn('utf-8'),
    original: (offset) => units(unitAt(text, checkpoints, offset)),
  };
}

const STEP = 1024;

/** The UTF-8 offset of every 1,024th UTF-16 unit. */
function byteCheckpoints(text: string): Uint32Array {
  const points = new Uint32Array(Math.floor(text.length / STEP) + 1);
  for (let i = 1; i < points.length; i++) {
    points[i] = (points[i - 1] ?? 0) + utf8Length(text, (i - 1) * STEP, i * STEP);
  }
  return points;
}

/** Counts unit by unit, so that a surrogate pair cut by the border counts once: 4 bytes at its first half. */
function utf8Length(text: string, from: number, to: number): number {
  let bytes = 0;
  for (let i = from; i < to; i++) bytes += unitWidth(text.charCodeAt(i));
  return bytes;
}

function unitWidth(unit: number): number {
  if (unit < 0x80) return 1;
  if (unit < 0x8_00) return 2;
  if (unit < 0xd8_00 || unit > 0xdf_ff) return 3;
  return unit < 0xdc_00 ? 4 : 0;
}

function unitAt(text: string, points: Uint32Array, offset: number): number {
  let low = 0;
  let high = points.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((points[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  let bytes = points[low] ?? 0;
  let unit = low * STEP;
  while (bytes < offset && unit < text.length) {
    bytes += utf8Length(text, unit, unit + 1);
    unit++;
  }
  return unit;
}

/** ISO-2022-JP: escape sequences of three bytes switch between one and two bytes a character. */
function iso2022Offset(body: Uint8Array): (unit: number) => number {
  return (wanted) => {
    let unit = 0;
    let wide = false;
    let i = 0;
    for (; i < body.length; i += widthAt(body, i, wide)) {
      const escaped = body[i] === ESC;
      if (escaped) wide = body[i + 1] === 0x24;
      else if (unit++ >= wanted) break;
    }
    return Math.min(i, body.length);
  };
}

const ESC = 0x1b;

function widthAt(body: Uint8Array, at: number, wide: boolean): number {
  if (body[at] === ESC) return 3;
  return wide && (body[at] ?? 0) > 0x20 ? 2 : 1;
}
