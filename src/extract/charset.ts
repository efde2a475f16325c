/** Which charset the bytes are in, decided as browsers do: BOM, HTTP header, meta or XML declaration, then the bytes. */
import { detectCharset, unmarkedUtf16 } from './undeclared.ts';

/** Browsers look at 1,024 bytes; pages with their meta a little later are common and lose nothing here. */
const PRESCAN = 8192;
const META_CHARSET = /<meta[^>]{0,300}?charset\s*=\s*["']?\s*([\w:.-]{2,40})/i;
const XML_ENCODING = /^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w:.-]{2,40})/;

export interface Charset {
  /** As TextDecoder names it. */
  readonly name: string;
  readonly bom: number;
}

export function decideCharset(bytes: Uint8Array, header: string | null): Charset {
  return byteOrderMark(bytes) ?? { name: withoutMark(bytes, header), bom: 0 };
}

function withoutMark(bytes: Uint8Array, header: string | null): string {
  const said = label(header);
  // a header that says `utf-16` leaves the byte order to the bytes
  if (said !== null && !said.startsWith('utf-16')) return said;
  return unmarkedUtf16(bytes) ?? said ?? label(prescan(bytes), 'meta') ?? detectCharset(bytes);
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
